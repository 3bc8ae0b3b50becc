"""Moving the files of models from one storage to the other."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, Protocol

from s3_saver import (
    AlreadyExistsError,
    NotFoundError,
    S3SaverError,
    S3Storage,
    Storages,
    StoredFile,
    copy_file,
    guess_content_type,
)
from untrusted_files import is_shown_inline

_Location = tuple[str, str, str]  # what StoredFile.location is

Moved = Iterable[tuple[StoredFile, StoredFile]]


class Objects(Protocol):
    """Objects, and how many they are."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Any]: ...


class Movable(Protocol):
    """Objects whose files can be moved."""

    @property
    def deletes_originals(self) -> bool:
        """Whether :meth:`set_files` deletes them, when it is done."""
        ...

    def objects(self) -> Objects: ...

    def files(self, obj: Any, /) -> list[StoredFile]:
        """The files that an object names."""
        ...

    def set_files(self, obj: Any, moved: Moved, /) -> None:
        """Let an object name files at their new places, for good.

        :param moved: each file, and the same one at its new place.
        """
        ...


class Migration:
    """Moves files to one storage, each in three steps, so that it can be broken off anywhere: the
    bytes are copied and compared, the object is committed, and at the very end the originals go.

    :param storage_type: ``'s3'``, or ``''`` for the disk.
    :param bucket_name: the configured bucket, from or to which files go; may be empty if they go to
        the disk.
    """

    def __init__(self, storages: Storages, storage_type: str, bucket_name: str) -> None:
        self._storages = storages
        self._target = (storage_type, bucket_name if storage_type else "")
        self._other = ("", "") if storage_type else ("s3", bucket_name)
        self._originals: dict[_Location, StoredFile] = {}
        self._left_over: dict[_Location, StoredFile] = {}
        self._needed: set[_Location] = set()

    def waiting(self, model: Movable, obj: Any) -> list[StoredFile]:
        """Return the files of an object that :meth:`move` would move."""
        files = [file.bind(self._storages) for file in model.files(obj)]
        return [file for file in files if not _at(file, self._target).is_same_file(file)]

    def move(self, model: Movable, obj: Any) -> int:
        """Move an object's files, and commit the object. The originals stay for now.

        :return: how many there were to move.
        :raises S3SaverError: one cannot be moved; the object and its files are as before.
        """
        files = [file.bind(self._storages) for file in model.files(obj)]
        try:
            moved = [(file, place) for file in files if (place := self._copied(file)) is not None]
            if moved:
                model.set_files(obj, moved)
        except S3SaverError:
            self._needed.update(file.location for file in files)
            raise
        if not model.deletes_originals:
            self._originals.update((file.location, file) for file, _ in moved)
        return len(moved)

    def _copied(self, stored: StoredFile) -> StoredFile | None:
        """Copy a file to its new place, and return it there; None if that is where it is."""
        target = _at(stored, self._target)
        if target.is_same_file(stored):
            self._look_for_original(target)
            return None
        try:
            self._transfer(stored)
        except NotFoundError:
            # It may be another object's file too, whose original an earlier run has deleted.
            if not target.exists():
                raise
        return target

    def left_over(self) -> list[StoredFile]:
        """Return the originals that an earlier run, broken off before its end, did not delete: what
        has the name and the bytes of a moved file where such files were before.
        """
        gone = self._originals.keys() | self._needed
        return [stored for location, stored in self._left_over.items() if location not in gone]

    def delete_originals(self) -> None:
        """Delete the originals of what was moved, but for those that another object names still,
        because it could not be moved.
        """
        for location, stored in self._originals.items():
            if location not in self._needed:
                self.delete(stored)

    def delete(self, stored: StoredFile) -> None:
        """Delete an original."""
        self._storages.delete(stored)

    def _look_for_original(self, moved: StoredFile) -> None:
        if self._other == ("s3", ""):  # there is no bucket that it could come from
            return
        original = _at(moved, self._other)
        if original.exists():
            with suppress(AlreadyExistsError):  # by which copy_file says that the bytes are others
                self._transfer(original)
                self._left_over[original.location] = original

    def _transfer(self, stored: StoredFile) -> None:
        target = self._storages.find(*self._target)
        content_type = stored.content_type or guess_content_type(stored.name)
        if isinstance(target, S3Storage) and not is_shown_inline(content_type):
            target = target.derive(extra_args={"ContentDisposition": "attachment"})
        source = self._storages.storage_of(stored)
        copy_file(source, target, stored.name, content_type=stored.content_type or None)


def _at(stored: StoredFile, storage: tuple[str, str]) -> StoredFile:
    return stored.replace(storage_type=storage[0], bucket_name=storage[1])
