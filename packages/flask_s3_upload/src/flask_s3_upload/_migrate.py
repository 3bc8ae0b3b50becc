"""Moving the files of models from one storage to the other."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from s3_saver import (
    AlreadyExistsError,
    NotFoundError,
    S3SaverError,
    S3Storage,
    Storages,
    StoredFile,
    copy_file,
)
from untrusted_files import is_shown_inline

_Location = tuple[str, str, str]  # what StoredFile.location is


@dataclass(frozen=True)
class Model:
    """Objects that hold stored files; see :meth:`Uploads.register_model`."""

    objects: Callable[[], Iterable[Any]]
    field: str
    commit: Callable[[Any], object]

    def stored(self, obj: Any) -> StoredFile | None:
        value = getattr(obj, self.field)
        if not value:
            return None
        return value if isinstance(value, StoredFile) else StoredFile.from_dict(value)

    def set_stored(self, obj: Any, stored: StoredFile) -> None:
        as_is = isinstance(getattr(obj, self.field), StoredFile)
        setattr(obj, self.field, stored if as_is else stored.to_dict())
        self.commit(obj)


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

    def move(self, model: Model, obj: Any) -> bool:
        """Move one object's file, and commit the object. The original stays for now.

        :return: whether there was anything to move.
        :raises S3SaverError: it cannot be moved; the object and its file are as before.
        """
        stored = model.stored(obj)
        if stored is None:
            return False
        stored = stored.bind(self._storages)
        target = _at(stored, self._target)
        if target.is_same_file(stored):
            self._look_for_original(target)
            return False
        try:
            self._transfer(stored)
        except NotFoundError:
            # It may be another object's file too, whose original an earlier run has deleted.
            if not target.exists():
                raise
        except S3SaverError:
            self._needed.add(stored.location)
            raise
        model.set_stored(obj, target)
        self._originals[stored.location] = stored
        return True

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
        if isinstance(target, S3Storage) and not is_shown_inline(stored.content_type):
            target = target.derive(extra_args={"ContentDisposition": "attachment"})
        source = self._storages.storage_of(stored)
        copy_file(source, target, stored.name, content_type=stored.content_type or None)


def _at(stored: StoredFile, storage: tuple[str, str]) -> StoredFile:
    return stored.replace(storage_type=storage[0], bucket_name=storage[1])
