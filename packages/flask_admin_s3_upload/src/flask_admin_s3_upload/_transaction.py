"""What becomes of files when the row that names them is committed or rolled back.

A :class:`Change` is one field's: files saved for it, and files that the row will name no longer.
:func:`record` gives it to the transaction that decides over it: one opened by
:func:`file_transaction`, else the object's SQLAlchemy session, else none, which means at once.
"""

import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol

from ._places import File
from ._saved import SavedFile

logger = logging.getLogger("flask_admin_s3_upload")


class Uploads(Protocol):
    """What a change needs to know of its field."""

    many: bool

    def attributes(self, attribute: str) -> tuple[str, ...]:
        """The object's attributes that say where its files are, the names' first."""
        ...

    def files(self, values: tuple[Any, ...]) -> list[File]:
        """The files that these attributes' values name, thumbnails too."""
        ...

    @property
    def is_shared(self) -> Callable[[Any, str], bool] | None: ...


@dataclass(eq=False)
class Change:
    """What one field does to one object's files.

    :param obj: the object whose row names the files.
    :param attribute: the attribute that names them.
    :param obsolete: the files to delete after the commit, by location.
    :param deletes_row: whether the row goes too.
    :param read_from_row: whether *obsolete* is what the database said.
    :param leftovers: files that no row ever named, to delete after the commit.
    """

    obj: Any
    attribute: str
    uploads: Uploads
    deletes_row: bool = False
    read_from_row: bool = False
    saved: list[SavedFile] = field(default_factory=list)
    obsolete: dict[str, File] = field(default_factory=dict)
    leftovers: list[File] = field(default_factory=list)

    @property
    def attributes(self) -> tuple[str, ...]:
        return self.uploads.attributes(self.attribute)

    def named_now(self) -> list[File]:
        """The files that the object names at this moment."""
        if self.deletes_row:
            return []
        return self.uploads.files(tuple(getattr(self.obj, name, None) for name in self.attributes))

    def replace(self, files: Iterable[File]) -> None:
        """Take *files* for what the row named before."""
        self.obsolete = {file.location: file for file in files}

    def save(self, file: File, content: BinaryIO, *, overwrite: bool) -> None:
        self.saved.append(SavedFile.save(file, content, overwrite=overwrite))

    @contextmanager
    def undone_on_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.rollback(nobody_knows)
            raise

    def settle(self, is_shared: Callable[["Change", File], bool]) -> None:
        """Spare what the object or others still name. Called shortly before the commit."""
        for file in self.named_now():
            self.obsolete.pop(file.location, None)
        files = {file.row_name: file for file in self.obsolete.values()}
        shared = {name for name, file in files.items() if is_shared(self, file)}
        self.replace(file for file in self.obsolete.values() if file.row_name not in shared)

    def commit(self, is_named: "IsNamed") -> None:
        """Finish what was saved, then delete what is obsolete.

        The row is committed, so that a failure can only be told of: what is left over is listed by
        ``flask admin-uploads prune``.

        :param is_named: tells whether a committed row names a file, which then stays.
        """
        for saved in self.saved:
            with _logged("%r is committed, but its content still waits under %r", saved):
                saved.finish()
        unnamed = [file for file in self.obsolete.values() if not is_named(self, file)]
        for file in (*unnamed, *self.leftovers):
            with _logged("%r could not be deleted from %r", file):
                file.storage.delete(file.name)

    def rollback(self, is_named: "IsNamed") -> None:
        """Delete what was saved.

        :param is_named: tells whether a committed row names a file: another's, which then stays.
        """
        for saved in self.saved:
            held = File(saved.file.storage, saved.held.name)
            with _logged("%r could not be deleted from %r", held):
                if saved.waits or not is_named(self, saved.file):
                    saved.undo()


IsNamed = Callable[[Change, File], bool]


def nobody_knows(change: Change, file: File) -> bool:  # noqa: ARG001
    """Stand in for the database where there is none to ask."""
    return False


@contextmanager
def _logged(message: str, subject: File | SavedFile) -> Iterator[None]:
    try:
        yield
    except Exception:
        if isinstance(subject, SavedFile):
            logger.exception(message, subject.file.name, subject.held.name)
        else:
            logger.exception(message, subject.name, subject.storage)


class Ledger:
    """The changes of one transaction."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.is_settled = False  # a commit was tried, whatever became of it

    def settle(self, is_shared: Callable[[Change, File], bool]) -> None:
        self.is_settled = True
        for change in self.changes:
            change.settle(is_shared)

    def commit(self, is_named: IsNamed = nobody_knows) -> None:
        while self.changes:
            self.changes.pop(0).commit(is_named)

    def rollback(self, is_named: IsNamed = nobody_knows) -> None:
        while self.changes:
            self.changes.pop().rollback(is_named)


_explicit: ContextVar[Ledger | None] = ContextVar("file_transaction", default=None)


class FileTransaction:
    """What :func:`file_transaction` gives."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def rollback(self) -> None:
        """Delete the files that were saved so far; the old ones stay."""
        self._ledger.rollback()


@contextmanager
def file_transaction() -> Iterator[FileTransaction]:
    """Let files follow a transaction that is not SQLAlchemy's.

    Within the block, fields save new files and delete none. When it ends, old files are deleted;
    if it ends by an exception, the new ones are.

    .. code-block:: python

        class ThingView(flask_admin.contrib.peewee.ModelView):
            def update_model(self, form, model):
                with file_transaction() as files:
                    if not (updated := super().update_model(form, model)):
                        files.rollback()
                    return updated
    """
    ledger = Ledger()
    token = _explicit.set(ledger)
    try:
        yield FileTransaction(ledger)
    except BaseException:
        ledger.rollback()
        raise
    finally:
        _explicit.reset(token)
    ledger.settle(asked_hook)
    ledger.commit()


def asked_hook(change: Change, file: File) -> bool:
    """Ask the field's own hook whether other rows use the file."""
    hook = change.uploads.is_shared
    return hook is not None and hook(change.obj, file.row_name)


def watch() -> None:
    """See to it that rows deleted from now on take their files along."""
    # Who uses SQLAlchemy has imported it; who does not need not have it.
    if "sqlalchemy.orm" in sys.modules:
        from . import _sqlalchemy  # noqa: F401


def record(change: Change) -> None:
    """Give a change to the transaction that it belongs to."""
    if (ledger := _explicit.get()) is not None:
        ledger.changes.append(change)
        return
    if "sqlalchemy.orm" in sys.modules:
        from ._sqlalchemy import record_in_session

        if record_in_session(change):
            return
    finish(change)


def finish(change: Change) -> None:
    """Let a change be committed: no transaction decides over it."""
    change.settle(asked_hook)
    change.commit(nobody_knows)
