"""What one field does to one object's files.

A new file is stored at once, under its name if that is free, and aside if it is that of the file
which it replaces. After the commit it has its name, and the old file and its thumbnail are deleted;
after a rollback the new one is. What the object or another row still names stays.

All of this is done by :class:`s3_saver.FileTransaction`; :mod:`._transaction` decides when.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

from s3_saver import FileTransaction, Storages

from ..._locations import object_options
from ..finding._files import File
from ..finding._row_files import RowFiles


@dataclass(eq=False)
class Change:
    """What one field does to one object's files.

    :param obj: the object whose row names the files.
    :param attribute: the attribute that names them.
    :param row_files: finds the files that rows name.
    :param files: stores and deletes them.
    :param saved: the files that were stored.
    :param obsolete: the files that the object named before, by location.
    """

    obj: Any
    attribute: str
    row_files: RowFiles
    files: FileTransaction
    saved: list[File] = field(default_factory=list)
    obsolete: dict[str, File] = field(init=False)

    def __post_init__(self) -> None:
        self.obsolete = {file.location: file for file in self.named_now()}

    def named_now(self) -> list[File]:
        """Return the files that the object names at this moment."""
        attributes = self.row_files.attributes(self.attribute)
        return self.row_files.files(tuple(getattr(self.obj, name, None) for name in attributes))

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
            self.files.rollback()
            raise

    def settle(self, *, deletes_row: bool = False) -> None:
        """Let the files that the object named before be deleted after the commit.

        What it still names stays, and what others use by the word of the field's own hook.

        :param deletes_row: whether it names none any longer.
        """
        now = set() if deletes_row else {file.location for file in self.named_now()}
        gone = [file for location, file in self.obsolete.items() if location not in now]
        names = {file.row_name for file in gone}
        shared = {name for name in names if self.row_files.is_used_elsewhere(self.obj, name)}
        self.files.delete(*(file.stored for file in gone if file.row_name not in shared))

    def finish(self, *, deletes_row: bool = False) -> None:
        """Commit: within the block that is running, or at once."""
        self.settle(deletes_row=deletes_row)
        self.files.commit()
