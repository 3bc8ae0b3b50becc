"""The files of one form field over a column: what the row has, and what the form brings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column
from werkzeug.datastructures import FileStorage

from s3_saver import ArgumentError, ArgumentTypeError, StoredFile
from sqlalchemy_s3_files import FileType, NewFile

from ..direct._browser import DirectUploads
from ..exceptions import ConfigError

NO_FILE = "This is not a file: choose one."


@dataclass
class _Chosen:
    """A file that a form brings.

    :param posted: of an ordinary post; None of a token.
    :param token: of a direct upload; empty if there is none yet.
    :param taken: what is to be assigned, once the column has taken it.
    """

    posted: FileStorage | None
    token: str = ""
    taken: NewFile | None = None


class FormFiles:
    """What one field has, until its form is valid and the row takes it.

    :param attribute: a mapped attribute or column of :class:`sqlalchemy_s3_files.FileType`.
    :raises s3_saver.ArgumentError: it is something else.
    """

    def __init__(self, attribute: Any) -> None:
        column = column_of(attribute)
        if column is None or not isinstance(column.type, FileType):
            raise ArgumentTypeError(
                "column", attribute, "an attribute by uploads.column, such as Picture.image"
            )
        self._kind: FileType = column.type
        self._name = column.key
        self.direct: DirectUploads | None = column.info.get("direct_uploads")
        self.multiple = self._kind.multiple
        self.stored: list[StoredFile] = []
        self.deleted: set[str] = set()
        self._chosen: list[_Chosen] = []

    @property
    def accept(self) -> str:
        """What ``<input type="file" accept="…">`` says; empty if the rules do not know."""
        accept = getattr(self._kind.rules, "accept", None)
        return str(accept()) if callable(accept) else ""

    def load(self, value: Any) -> None:
        """Take the files of the row that is edited."""
        values = value if isinstance(value, list | tuple) else [value]
        self.stored = [one for one in values if isinstance(one, StoredFile)]

    def post(self, values: Iterable[Any], deleted: Iterable[str]) -> None:
        """Take what a form has sent: files, tokens, and names of files to delete."""
        self.deleted = {file.name for file in self.stored} & set(deleted)
        tokens = dict.fromkeys(one for one in values if isinstance(one, str) and one)
        files = [one for one in values if isinstance(one, FileStorage) and one]
        self._chosen = [*(_Chosen(None, token) for token in tokens), *map(_Chosen, files)]
        if not self.multiple:
            self._chosen = self._chosen[-1:]  # the one chosen last

    def take(self) -> list[str]:
        """Let the column check what was chosen, once.

        :return: what is wrong, in words for visitors. Such files are dropped, so that the form can
            pass when it is sent again.
        """
        problems = []
        for one in self._chosen:
            if one.taken is None:
                try:
                    one.taken = self._take(one)
                except ConfigError:
                    raise
                except ArgumentError:
                    problems.append(NO_FILE)
                except ValueError as error:  # which is what rules and claims raise
                    name = one.posted.filename if one.posted is not None and self.multiple else ""
                    problems.append(f"{name}: {error}" if name else str(error))
        self._chosen = [one for one in self._chosen if one.taken is not None]
        return problems

    def _take(self, chosen: _Chosen) -> NewFile | None:
        value = chosen.posted if chosen.posted is not None else chosen.token
        taken = self._kind.take(value, self._name)
        return taken if isinstance(taken, NewFile) else None

    @property
    def is_changed(self) -> bool:
        """Whether the row is to name other files."""
        return bool(self._chosen or self.deleted)

    def value(self, before: Any = None) -> Any:
        """Return what the attribute is to be; ``''``, which changes nothing, if there is no file.

        :param before: what it is now; by default, what it was when it was loaded.
        """
        stored = self.stored if before is None else before
        new = [one.taken for one in self._chosen if one.taken is not None]
        if self.multiple:
            return [*(file for file in stored if file.name not in self.deleted), *new]
        kept = self.stored[0] if self.stored else ""
        return new[-1] if new else None if self.deleted else kept

    def shown(self) -> Sequence[StoredFile]:
        """The stored files that a page shows, those that a commit has just stored among them."""
        new = [one.taken for one in self._chosen if one.taken is not None and one.taken.is_stored]
        return [*self.stored, *new] if self.multiple else new or self.stored

    def held(self) -> list[tuple[str, str]]:
        """Return tokens that go with a form that is shown again, and the names of their files.

        What was posted is held for that now, where the column has direct uploads.
        """
        held = []
        for one in self._chosen:
            if one.taken is None or one.taken.is_stored or self.direct is None:
                continue
            if not one.token and one.posted is not None:
                one.token = self.direct.hold(one.posted)
            held.append((one.token, one.taken.filename))
        return held


def column_of(attribute: Any) -> Column[Any] | None:
    """Return the column of a mapped attribute, or None if it is something else."""
    if isinstance(attribute, Column):
        return attribute
    for holder in (attribute, getattr(attribute, "property", None)):
        for column in getattr(holder, "columns", ()):
            if isinstance(column, Column):
                return column
    return None
