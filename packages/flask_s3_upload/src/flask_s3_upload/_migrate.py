"""Moving the files of models from one storage to the other."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from s3_saver import AlreadyExistsError, NotFoundError, S3SaverError, S3Storage, copy_file

from ._places import Places, headers_on_s3
from ._stored import StoredFile

_Place = tuple[str, str, str]  # storage type, bucket and name: what makes two files the same


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
    """

    def __init__(self, places: Places, storage_type: str) -> None:
        self._places = places
        self._type = storage_type
        self._bucket = places.settings.require_bucket() if storage_type else ""
        self._originals: dict[_Place, StoredFile] = {}
        self._left_over: dict[_Place, StoredFile] = {}
        self._needed: set[_Place] = set()

    def move(self, model: Model, obj: Any) -> bool:
        """Move one object's file, and commit the object. The original stays for now.

        :return: whether there was anything to move.
        :raises S3SaverError: it cannot be moved; the object and its file are as before.
        """
        stored = model.stored(obj)
        if stored is None:
            return False
        target = replace(stored, storage_type=self._type, bucket_name=self._bucket)
        if _place(stored) == _place(target):
            self._look_for_original(target)
            return False
        try:
            self._transfer(stored)
        except NotFoundError:
            # Another object's file too, whose original an earlier run has deleted?
            if not self._places.storage_of(target).exists(stored.name):
                raise
        except S3SaverError:
            self._needed.add(_place(stored))
            raise
        model.set_stored(obj, target)
        self._originals[_place(stored)] = stored
        return True

    def left_over(self) -> list[StoredFile]:
        """Give the originals that an earlier run, broken off before its end, did not delete: what
        has the name and the bytes of a moved file where such files were before.
        """
        gone = self._originals.keys() | self._needed
        return [stored for place, stored in self._left_over.items() if place not in gone]

    def delete_originals(self) -> None:
        """Delete the originals of what was moved, but for those that another object names still,
        because it could not be moved.
        """
        for place, stored in self._originals.items():
            if place not in self._needed:
                self.delete(stored)

    def delete(self, stored: StoredFile) -> None:
        self._places.storage_of(stored).delete(stored.name)

    def _look_for_original(self, moved: StoredFile) -> None:
        bucket = "" if self._type else self._places.settings.s3_bucket_name
        if not self._type and not bucket:
            return
        original = replace(moved, storage_type="s3" if bucket else "", bucket_name=bucket)
        if self._places.storage_of(original).exists(original.name):
            with suppress(AlreadyExistsError):  # by which copy_file says that the bytes are others
                self._transfer(original)
                self._left_over[_place(original)] = original

    def _transfer(self, stored: StoredFile) -> None:
        source = self._places.storage_of(stored)
        target = self._places.bucket(self._bucket) if self._type else self._places.local
        if isinstance(target, S3Storage):
            target = target.derive(extra_args=headers_on_s3(stored.content_type))
        copy_file(source, target, stored.name, content_type=stored.content_type)


def _place(stored: StoredFile) -> _Place:
    return stored.storage_type, stored.bucket_name, stored.name
