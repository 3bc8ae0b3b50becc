"""What an object keeps of files that were stored for it before the flush."""

from collections.abc import Sequence
from dataclasses import dataclass

from s3_saver import FileTransaction, StoredFile

from ._field import Field, State
from ._fields import fields_of

_KEY = "sqlalchemy_s3_files.early"


@dataclass(frozen=True, eq=False)
class Early:
    """Files that were stored for an attribute of an object.

    :param files: what has saved them, until a session takes it over.
    :param saved: what the row may name.
    """

    field: Field
    files: FileTransaction
    saved: Sequence[StoredFile]


def note(state: State, early: Early) -> None:
    """Let the next flush of an object find what was stored for it."""
    state.info.setdefault(_KEY, []).append(early)


def forget(state: State, early: Early) -> None:
    """Let no flush find it any more: its row is written, or it is gone."""
    notes: list[Early] = state.info.get(_KEY, [])
    if early in notes:
        notes.remove(early)


def early_of(state: State, field: Field | None = None) -> list[Early]:
    """Return what was stored for an object since its last flush.

    :param field: of which attribute; by default, of each.
    """
    notes: list[Early] = state.info.get(_KEY, [])
    return [one for one in notes if field is None or is_same(one.field, field)]


def is_same(one: Field, other: Field) -> bool:
    """Report whether two fields are made of one attribute, by the same library."""
    return type(one) is type(other) and one.key == other.key


def fields_for(state: State) -> list[Field]:
    """Return the fields of an object: those of its class, and those that stored files for it.

    The one that stored last knows best how.
    """
    fields = list(fields_of(state.mapper))
    for early in early_of(state):
        fields = [one for one in fields if not is_same(one, early.field)]
        fields.append(early.field)
    return fields
