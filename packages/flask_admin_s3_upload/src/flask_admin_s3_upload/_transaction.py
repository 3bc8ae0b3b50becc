"""Which transaction decides over a change: one opened by :func:`file_transaction`, else the
object's SQLAlchemy session, else none, which means at once.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from s3_saver import FileTransaction, StoredFile

from ._changes import Change, asked_hook, nobody_knows
from ._files import File, location
from ._row_files import RowFiles
from ._views import upload_fields


@dataclass
class _Explicit:
    """What :func:`file_transaction` has opened, and the changes in it."""

    files: FileTransaction
    changes: list[Change] = field(default_factory=list)

    def record(self, change: Change) -> None:
        change.commit(nobody_knows)  # hands its files to the outer transaction
        self.changes.append(change)

    def find_named(self, files: Sequence[StoredFile]) -> list[StoredFile]:
        """Return the files that objects name again, or share with others."""
        before = {each for change in self.changes for each in change.obsolete}
        for change in self.changes:
            change.settle(asked_hook)
        spared = before.difference(*(change.obsolete for change in self.changes))
        return [file for file in files if location(file) in spared]


_explicit: ContextVar[_Explicit | None] = ContextVar("file_transaction", default=None)


@contextmanager
def file_transaction() -> Iterator[FileTransaction]:
    """Let files follow a transaction that is not SQLAlchemy's.

    Within the block, fields save new files and delete none. When it ends, old files are deleted;
    if it ends by an exception, the new ones are. It yields the :class:`s3_saver.FileTransaction`
    that does it, whose ``rollback()`` deletes the files that were saved so far.

    .. code-block:: python

        class ThingView(flask_admin.contrib.peewee.ModelView):
            def update_model(self, form, model):
                with file_transaction() as files:
                    if not (updated := super().update_model(form, model)):
                        files.rollback()
                    return updated
    """
    with FileTransaction() as files:
        explicit = _Explicit(files)
        token = _explicit.set(explicit)
        try:
            yield files
        finally:
            _explicit.reset(token)
        files.settle(explicit.find_named)


def begin(obj: Any, attribute: str, row_files: RowFiles) -> Change:
    """Begin a change of an object's files, with those that it names now as obsolete."""
    explicit = _explicit.get()
    files = explicit.files.begin_nested() if explicit else FileTransaction()
    change = Change(obj, attribute, row_files, files)
    change.replace(change.named_now())
    return change


def record(change: Change) -> None:
    """Hand a change to the transaction that it belongs to."""
    if explicit := _explicit.get():
        explicit.record(change)
        return
    if "sqlalchemy.orm" in sys.modules:
        from ._sqlalchemy import record_in_session

        if record_in_session(change):
            return
    finish(change)


def is_shared(change: Change, file: File) -> bool:
    """Whether another row names a file of this one now."""
    if change.row_files.is_shared is not None:
        return asked_hook(change, file)
    if "sqlalchemy.orm" in sys.modules:
        from ._sqlalchemy import is_named_by_another

        return is_named_by_another(change, file)
    return False


def finish(change: Change) -> None:
    """Let a change be committed: no transaction decides over it."""
    change.settle(asked_hook)
    change.commit(nobody_knows)


def watch() -> None:
    """Make sure that rows deleted from now on take their files along."""
    # Who uses SQLAlchemy has imported it; who does not need not have it.
    if "sqlalchemy.orm" in sys.modules:
        from . import _sqlalchemy  # noqa: F401


def delete_files(view: Any, model: Any) -> None:
    """Delete the files of a row that was deleted, for models that are not SQLAlchemy's.

    .. code-block:: python

        class ThingView(flask_admin.contrib.peewee.ModelView):
            def after_model_delete(self, model):
                delete_files(self, model)

    :param view: the model view whose forms have the upload fields.
    :param model: the object, which still knows the names of its files.
    """
    for name, found in upload_fields(view):
        if found.options.delete_with_row:
            change = begin(model, name, found.files)
            change.deletes_row = True
            finish(change)
