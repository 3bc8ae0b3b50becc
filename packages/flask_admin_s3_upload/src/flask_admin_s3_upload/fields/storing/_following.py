"""Rows of SQLAlchemy: sqlalchemy_s3_files follows them. Imported where both are installed."""

from collections.abc import Sequence
from typing import Any

from flask import g, has_app_context
from sqlalchemy import inspect
from sqlalchemy.orm import InstanceState, Session

import sqlalchemy_s3_files as follower
from s3_saver import Storages, StoredFile

from ..._flask_admin import get_current_view
from ..._sessions import session_of_view
from ..._views import views
from ..finding._field_files import row_files_of
from ..finding._files import File
from ..finding._row_files import RowFiles
from ._changes import Change

_KEY = "flask_admin_s3_upload_fields"
_PART_OF = "part_of"


class NamesField(follower.Field):
    """An attribute with the name of a file, or with a list of names.

    :param key: the attribute.
    :param row_files: finds the files that rows name.
    """

    def __init__(self, key: str, row_files: RowFiles, *, deletes_with_row: bool) -> None:
        self.key = key
        self.keys = row_files.attributes(key)
        self.multiple = row_files.many
        self.shared = row_files.is_shared is None
        self.spares_some = not self.shared
        self.deletes_with_row = deletes_with_row
        self.folder = row_files.options.relative_path or ""
        self._row_files = row_files

    def storages(self) -> Storages:
        return self._row_files.storages

    def files(self, values: Sequence[Any]) -> list[StoredFile]:
        return [as_followed(file) for file in self._row_files.files(tuple(values))]

    def now(self, state: InstanceState[Any]) -> list[StoredFile]:
        values = tuple(getattr(state.obj(), key) for key in self.keys)
        return [as_followed(file) for file in self._row_files.files(values, is_quiet=True)]

    def name_in_row(self, file: StoredFile) -> str:
        return str(file.metadata.get(_PART_OF, file.name))

    def spared(self, obj: object, files: list[StoredFile]) -> list[StoredFile]:
        names = {self.name_in_row(file) for file in files}
        shared = {name for name in names if self._row_files.is_used_elsewhere(obj, name)}
        return [file for file in files if self.name_in_row(file) in shared]


def as_followed(file: File) -> StoredFile:
    """Return a file that knows whose part it is."""
    if file.part_of in (None, file.stored.name):
        return file.stored
    return file.stored.replace(metadata={_PART_OF: file.part_of})


def find_fields_of(model: type) -> Sequence[NamesField]:
    """Return the fields over names that the views of the app have for a model of SQLAlchemy."""
    if not has_app_context():
        return ()
    known: dict[Any, list[NamesField]] = g.setdefault(_KEY, {})
    key = model, len(list(views()))  # of which more may come
    if key not in known:
        columns: Any = inspect(model).column_attrs
        known[key] = [
            NamesField(name, row_files, deletes_with_row=is_deleted)
            for name, row_files, is_deleted in row_files_of(model)
            if all(attribute in columns for attribute in row_files.attributes(name))
        ]
    return known[key]


def hand_over(change: Change) -> None:
    """Let the transaction of the object's session, or of its view's, decide over a change."""
    options = change.row_files.options
    field = NamesField(change.attribute, change.row_files, deletes_with_row=options.delete_with_row)
    columns = inspect(change.obj).mapper.column_attrs
    if not all(name in columns for name in field.keys):  # then no flush reads what the row names
        change.settle()
    follower.hand_over(
        change.obj,
        field,
        change.files,
        [as_followed(file) for file in change.saved],
        session=_session_of_view(),
    )


def is_named_by_others(change: Change, file: File) -> bool:
    """Ask the database whether another row than the change's own names a file."""
    field = NamesField(change.attribute, change.row_files, deletes_with_row=True)
    return follower.is_named_by_others(
        change.obj, field, as_followed(file), session=_session_of_view()
    )


def _session_of_view() -> Session | None:
    """Return the session to which the view that runs adds its objects, if one runs."""
    return session_of_view(get_current_view()) if has_app_context() else None


follower.follow_fields(find_fields_of)
