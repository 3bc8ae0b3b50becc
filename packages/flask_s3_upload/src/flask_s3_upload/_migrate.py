"""Moving the files of models from one storage to the other."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from s3_saver import NotFoundError, S3Saver

from ._places import Places, headers_on_s3
from ._stored import StoredFile


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
        self._left_behind: dict[StoredFile, None] = {}

    def concerns(self, stored: StoredFile | None) -> bool:
        return stored is not None and (stored.storage_type, stored.bucket_name) != (
            self._type,
            self._bucket,
        )

    def move(self, model: Model, obj: Any) -> None:
        """Move one object's file, and commit the object. The original stays for now."""
        stored = model.stored(obj)
        if stored is None or not self.concerns(stored):
            return
        target = replace(stored, storage_type=self._type, bucket_name=self._bucket)
        with self._saver(stored.content_type) as saver:
            row = _Row(stored.name, stored.storage_type, stored.bucket_name)
            try:
                saver.transfer(row, self._type, self._bucket)
            except NotFoundError:
                # Another object's file too, whose original an earlier run has deleted?
                if not self._places.storage_of(target).exists(stored.name):
                    raise
        model.set_stored(obj, target)
        self._left_behind[stored] = None

    def delete_originals(self) -> None:
        for stored in self._left_behind:
            self._places.storage_of(stored).delete(stored.name)

    @contextmanager
    def _saver(self, content_type: str) -> Iterator[S3Saver]:
        """Give an S3Saver that finds our files on both sides.

        Its keys are paths below one folder, whereas ``UPLOADS_S3_PREFIX`` need not end
        ``UPLOADS_FOLDER``: so it works in a folder where a link of that name leads to the other.
        """
        settings = self._places.settings
        os.makedirs(settings.folder, exist_ok=True)
        with tempfile.TemporaryDirectory() as parent:
            base = os.path.join(parent, *settings.s3_prefix.strip("/").split("/"), "")
            if settings.s3_prefix.strip("/"):
                os.makedirs(os.path.dirname(base.rstrip("/")), exist_ok=True)
                os.symlink(os.path.abspath(settings.folder), base.rstrip("/"))
            else:
                parent = base = settings.folder
            yield S3Saver(
                access_key_id=settings.s3_access_key_id or None,
                access_key_secret=settings.s3_access_key_secret or None,
                acl=settings.s3_acl or None,
                field_name="name",
                storage_type_field="storage_type",
                bucket_name_field="bucket_name",
                base_path=base,
                static_root_parent=parent,
                region_name=settings.s3_region or None,
                endpoint_url=settings.s3_endpoint_url or None,
                extra_args={"ContentType": content_type, **headers_on_s3(content_type)},
            )


@dataclass
class _Row:
    """What S3Saver wants of an object."""

    name: str
    storage_type: str
    bucket_name: str
