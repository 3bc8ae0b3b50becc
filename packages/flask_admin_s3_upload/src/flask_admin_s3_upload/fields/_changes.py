"""What one field does to one object's files.

A new file is stored at once, under its name if that is free, and aside if it is that of the file
which it replaces. After the commit it has its name, and the old file and its thumbnail are deleted;
after a rollback the new one is. What the object or another row still names stays.

All of this is done by :class:`s3_saver.FileTransaction`; a :class:`Change` knows which files a row
names, and :mod:`._transaction` decides when.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Any

from s3_saver import FileTransaction, Storages, StoredFile

from .._locations import location, object_options
from ._files import File
from ._row_files import RowFiles


@dataclass(eq=False)
class Change:
    """What one field does to one object's files.

    :param obj: the object whose row names the files.
    :param attribute: the attribute that names them.
    :param row_files: finds the files that rows name.
    :param files: stores and deletes them.
    :param deletes_row: whether the row goes too.
    :param read_from_row: whether *obsolete* was read from the database.
    :param saved: the files that were stored.
    :param obsolete: the files to delete after the commit, by location.
    """

    obj: Any
    attribute: str
    row_files: RowFiles
    files: FileTransaction = field(default_factory=FileTransaction)
    deletes_row: bool = False
    read_from_row: bool = False
    saved: list[File] = field(default_factory=list)
    obsolete: dict[str, File] = field(default_factory=dict)

    @property
    def attributes(self) -> tuple[str, ...]:
        return self.row_files.attributes(self.attribute)

    def named_now(self) -> list[File]:
        """Return the files that the object names at this moment."""
        return self.row_files.files(
            tuple(getattr(self.obj, name, None) for name in self.attributes)
        )

    def replace(self, files: Iterable[File]) -> None:
        """Set the files that the row named before."""
        self.obsolete = {file.location: file for file in files}

    def save(
        self,
        storages: Storages,
        name: str,
        content: IO[bytes],
        *,
        part_of: str | None = None,
        overwrite: bool = False,
    ) -> None:
        """Store a file where new files of *storages* go.

        :param part_of: as of :class:`File`.
        :param overwrite: whether it may replace a file of that name, after the commit.
        :raises s3_saver.AlreadyExistsError: the name is taken, and *overwrite* is false.
        """
        stored = self.files.save(
            name, content, storages=storages, overwrite=overwrite, **object_options(name)
        )
        self.saved.append(File(stored, part_of))

    def drop(self, files: list[File]) -> None:
        """Delete files that were saved here, when the transaction ends either way."""
        self.files.delete(*(file.stored for file in files))
        self.saved = [file for file in self.saved if file not in files]

    @contextmanager
    def undone_on_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.rollback(nobody_knows)
            raise

    def settle(self, is_shared: "IsNamed") -> None:
        """Keep files that the object or other rows still name. Called right before the commit."""
        for file in [] if self.deletes_row else self.named_now():
            self.obsolete.pop(file.location, None)
        files = {file.row_name: file for file in self.obsolete.values()}
        shared = {name for name, file in files.items() if is_shared(self, file)}
        self.replace(file for file in self.obsolete.values() if file.row_name not in shared)

    def commit(self, is_named: "IsNamed") -> None:
        """Finish what was saved, then delete what is obsolete: the row is committed.

        :param is_named: whether a committed row names a file, which then stays.
        """
        self.files.delete(*(file.stored for file in self.obsolete.values()))
        self.files.commit(partial(self._find_named, is_named))

    def rollback(self, is_named: "IsNamed") -> None:
        """Delete what was saved.

        :param is_named: whether a committed row names a file: this one if only the answer of the
            commit was lost, else another's. It stays.
        """
        self.files.release(*(file.stored for file in self.saved if is_named(self, file)))
        self.files.rollback()

    def _find_named(self, is_named: "IsNamed", files: Sequence[StoredFile]) -> list[StoredFile]:
        known = [(stored, self.obsolete.get(location(stored))) for stored in files]
        return [stored for stored, file in known if file and is_named(self, file)]


#: Whether a row names a file of a change.
IsNamed = Callable[[Change, File], bool]


class Ledger:
    """The changes of one transaction."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.is_settled = False  # a commit was tried, whatever became of it

    def settle(self, is_shared: IsNamed) -> None:
        self.is_settled = True
        for change in self.changes:
            change.settle(is_shared)

    def commit(self, is_named: IsNamed) -> None:
        while self.changes:
            self.changes.pop(0).commit(is_named)

    def rollback(self, is_named: IsNamed) -> None:
        while self.changes:
            self.changes.pop().rollback(is_named)


def nobody_knows(change: Change, file: File) -> bool:  # noqa: ARG001
    """Report that no row names the file, where there is no database to ask."""
    return False


def asked_hook(change: Change, file: File) -> bool:
    """Ask the field's own hook whether other rows use the file."""
    hook = change.row_files.is_shared
    return hook is not None and hook(change.obj, file.row_name)
