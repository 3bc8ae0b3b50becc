"""Files that follow the transaction of a database.

The new file is stored before the commit, and the old file is deleted after it. A rollback, the
rollback of a savepoint and a crash leave the old file and the old row. A commit whose answer is
lost deletes nothing that a row names, and a file that another row names stays. Nothing is written
over before the commit. The worst that is left over is a file that no row names.

Nothing here knows a database. Whoever opens a :class:`FileTransaction` says when it is committed or
rolled back, and passes a function by which rows can be asked.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any, Self, Unpack

from ._checks import check_type
from ._ledger import Ledger, call_all, delete_all
from ._logs import log_error
from ._names import check_name
from ._s3_options import ObjectOptions
from ._saved import SavedFile, file_key, save_aside
from ._storages import Storages
from ._stored import StoredFile
from .exceptions import ArgumentTypeError, UnboundError

#: Returns those of some files that committed rows name now.
FindNamed = Callable[[Sequence[StoredFile]], Iterable[StoredFile]]


@dataclass
class _Block:
    """A ``with`` block. Generators and tasks may end it after one that was begun later, or where
    another context is current.
    """

    files: "FileTransaction"
    outer: "_Block | None"
    is_running: bool = True


_innermost: ContextVar[_Block | None] = ContextVar("s3_saver.FileTransaction", default=None)


def _running(block: _Block | None) -> _Block | None:
    while block and not block.is_running:
        block = block.outer
    return block


def _checked(call: Callable[[], object]) -> Callable[[], object]:
    if not callable(call):
        raise ArgumentTypeError("call", call, "a function without arguments")
    return call


class FileTransaction:
    """Files that are saved and deleted together with rows.

    .. code-block:: python

        with FileTransaction(storages, find_named=find_named) as files:
            stored = files.save("things/tom.jpg", upload.stream)
            files.delete(old)
            connection.execute(update(thing).values(image=stored.to_dict()))
            connection.commit()

    When the block ends, *old* is deleted. If it ends by an exception, *stored* is.

    It belongs to one thread, like the transaction that it follows.

    :param storages: of new files; :meth:`save` may name others.
    :param find_named: called with a list of files when a transaction is over, returns those that
        rows name now. So a file that another row names as well is not deleted, and a commit that
        went through, although its answer was lost, is found out. If it raises, nothing is deleted.
        Without it, whoever calls :meth:`delete` knows that no other row names the file, and an
        exception means that nothing was committed.
    """

    def __init__(
        self,
        storages: Storages | None = None,
        *,
        find_named: FindNamed | None = None,
        _above: Ledger | None = None,
    ) -> None:
        if storages is not None:
            check_type("storages", storages, Storages, "a Storages")
        if find_named is not None and not callable(find_named):
            raise ArgumentTypeError("find_named", find_named, "a function of a list of files")
        self._storages = storages
        self._find_named = find_named
        self._above = _above
        self._ledger = Ledger()
        self._blocks: list[_Block] = []

    @classmethod
    def current(cls) -> "FileTransaction | None":
        """Return the innermost one whose ``with`` block is running here, if there is one."""
        block = _running(_innermost.get())
        return block.files if block else None

    def save(
        self,
        name: str,
        file: IO[bytes],
        *,
        storages: Storages | None = None,
        overwrite: bool = False,
        content_type: str | None = None,
        filename: str = "",
        metadata: Mapping[str, Any] | None = None,
        **options: Unpack[ObjectOptions],
    ) -> StoredFile:
        """Store a file now, to be kept if the transaction is committed.

        :param storages: where, in place of those of the class.
        :param overwrite: whether it may have a name that is taken. It then waits under another one
            until the commit, and takes the place of the other file after it. If several rows may
            name that file, leave it off: they would all show the new one.
        :return: what the row is to say, bound. The other parameters are those of
            :meth:`Storages.save`.
        :raises AlreadyExistsError: the name is taken, and *overwrite* is false.
        """
        where = storages or self._storages
        if where is None:
            raise ArgumentTypeError("storages", where, "passed here or to FileTransaction")
        saved = save_aside(
            where,
            check_name(name),
            file,
            overwrite=overwrite,
            content_type=content_type,
            filename=filename,
            metadata=metadata,
            options=options,
        )
        self._ledger.save(saved)
        return saved.file

    def add(self, file: StoredFile) -> StoredFile:
        """Take over a file that is stored already and that no row names, as if saved here: a
        rollback deletes it.
        """
        file = self._bound(file)
        self._ledger.save(SavedFile(file, file.name, "", {}))
        return file

    def delete(self, *files: StoredFile) -> None:
        """Delete files after the commit; a rollback leaves them.

        One that was saved in this transaction goes in any case.
        """
        for file in files:
            self._ledger.delete(self._bound(file))

    def release(self, *files: StoredFile) -> None:
        """Let go of files: they stay, whatever becomes of the transaction.

        For whoever knows more than the transaction does, such as that another row names a file that
        was saved in it. One that still waits for its name is not released: no row shows it yet.
        """
        for file in files:
            self._ledger.release(self._bound(file))

    def after_commit(self, call: Callable[[], object]) -> None:
        """Let *call* be called after the commit, when all files are in place."""
        self._ledger.after_commit.append(_checked(call))

    def after_rollback(self, call: Callable[[], object]) -> None:
        """Let *call* be called after a rollback, when what was saved is gone."""
        self._ledger.after_rollback.append(_checked(call))

    def begin_nested(self) -> "FileTransaction":
        """Return a transaction for a savepoint in this one, which decides over its files alone.

        Its commit hands them to this one; its rollback deletes what was saved in it, at once.
        """
        return FileTransaction(self._storages, find_named=self._find_named, _above=self._ledger)

    def take_over(self, other: "FileTransaction") -> None:
        """Take over what another transaction has saved and is to delete, as if it were nested in
        this one and committed. The other one is empty then.

        For files that are saved before it is known which transaction decides over them.
        """
        self._ledger.absorb(other._ledger.take())  # noqa: SLF001

    def settle(self, find_named: FindNamed | None = None) -> None:
        """Spare files that rows still name, shortly before the commit and inside the database's
        transaction, which knows what each row will name. What *find_named* raises, is raised.
        """
        find_named = find_named or self._find_named
        deleted = self._ledger.deleted
        if find_named and deleted:
            for file in find_named(list(deleted.values())):
                deleted.pop(file_key(self._bound(file)), None)

    def commit(self, find_named: FindNamed | None = None) -> None:
        """Put what was saved under its names, and delete what is to be deleted: the rows are
        committed.

        So a failure can only be logged: a file that nothing names is left over then.

        :param find_named: in place of that of the class.
        """
        ledger = self._ledger.take()
        if self._above is not None:
            self._above.absorb(ledger)
            return
        ledger.finish()
        named = self._named(list(ledger.deleted.values()), find_named)
        if named is not None:
            delete_all(file for key, file in ledger.deleted.items() if key not in named)
        call_all(ledger.after_commit)

    def rollback(self, find_named: FindNamed | None = None) -> None:
        """Delete what was saved; what was to be deleted stays.

        If rows name a file that was saved here, the commit has gone through and only its answer
        was lost: then this is a commit. If that cannot be found out, every file stays.

        :param find_named: in place of that of the class.
        """
        fresh = [one.file for one in self._ledger.saved.values() if not one.waits]
        is_certain = self._above is not None and not find_named
        named = set() if is_certain else self._named(fresh, find_named)
        if named:
            self.commit(find_named)
            return
        ledger = self._ledger.take()
        if named is not None:
            ledger.undo()
            call_all(ledger.after_rollback)

    def _named(self, files: list[StoredFile], find_named: FindNamed | None) -> set[object] | None:
        """Return the keys of the files that rows name; None if that is not known."""
        find_named = find_named or self._find_named
        if not find_named or not files:
            return set()
        try:
            return {file_key(self._bound(file)) for file in find_named(files)}
        except Exception as error:  # noqa: BLE001
            log_error("no file is deleted, since it is not known which ones rows name: %s", error)
            return None

    def _bound(self, file: StoredFile) -> StoredFile:
        check_type("file", file, StoredFile, "a StoredFile")
        try:
            _ = file.storages
        except UnboundError:
            if self._storages is None:
                raise
            return file.bind(self._storages)
        return file

    def __enter__(self) -> Self:
        block = _Block(self, _running(_innermost.get()))
        self._blocks.append(block)
        _innermost.set(block)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        block = self._blocks.pop()
        block.is_running = False
        if _innermost.get() is block:
            _innermost.set(_running(block.outer))
        if kind is None:
            self.commit()
        else:
            self.rollback()
