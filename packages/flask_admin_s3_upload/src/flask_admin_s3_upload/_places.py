"""Where files are: what the field's options and the object's own fields say."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from s3_saver import LocalStorage, S3Saver, S3Storage, Storage

BasePath = str | os.PathLike[str] | Callable[[], str | os.PathLike[str]]

# One guard for the names of all storages: whatever it lets through stays below any root.
_guard = LocalStorage(os.sep)


class Place(NamedTuple):
    """A storage, and how an object's fields call it."""

    storage: Storage
    storage_type: str
    bucket_name: str


class File(NamedTuple):
    """One file of a storage, be it there or not.

    :param part_of: the name of the picture whose thumbnail this is: rows name that one.
    """

    storage: Storage
    name: str
    part_of: str | None = None

    @property
    def row_name(self) -> str:
        """What a row says that has this file."""
        return self.part_of or self.name

    @property
    def location(self) -> str:
        """What tells this file from all others, whichever storage object leads to it."""
        if isinstance(self.storage, LocalStorage):
            return self.storage.path(self.name)
        if isinstance(self.storage, S3Storage):
            return f"s3://{self.storage.bucket_name}/{self.storage.key(self.name)}"
        return f"{id(self.storage)}:{self.name}"


def check_name(name: str) -> str:
    """Give *name* back if it stays below the root of any storage.

    :raises s3_saver.UnsafeNameError: it does not: ``..``, an absolute path, a backslash ...
    """
    _guard.path(name)
    return name


@dataclass(frozen=True)
class Places:
    """Finds storages. Nothing is looked up before it is asked for, so that a *base_path* that is
    a function is called within the request.

    :param storage: a ready storage for new files, in place of the options.
    :param base_path: the folder on disk; on S3, less *static_root_parent*, the prefix of all keys.
    :param s3_options: further options of :class:`~s3_saver.S3Storage`.
    """

    storage: Storage | None = None
    storage_type: str = ""
    bucket_name: str = ""
    base_path: BasePath | None = None
    static_root_parent: str | os.PathLike[str] | None = None
    permission: int = 0o666
    s3_options: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of_saver(cls, saver: S3Saver) -> "Places":
        """Find what an :class:`~s3_saver.S3Saver` finds."""
        return cls(
            storage_type=saver.storage_type or "",
            bucket_name=saver.bucket_name or "",
            base_path=saver.base_path,
            static_root_parent=saver.static_root_parent,
            permission=saver.permission,
            s3_options={
                "access_key_id": saver.access_key_id,
                "access_key_secret": saver.access_key_secret,
                "acl": saver.acl,
                **saver.s3_options,
            },
        )

    @property
    def current(self) -> Place:
        """Where new files go."""
        if isinstance(self.storage, S3Storage):
            return Place(self.storage, "s3", self.storage.bucket_name)
        return self.find(self.storage_type, self.bucket_name)

    def find(self, storage_type: str, bucket_name: str) -> Place:
        """Give the place that an object's fields name.

        :raises ValueError: they name none that exists, or an option is missing.
        """
        if storage_type not in ("", "s3"):
            raise ValueError(
                f"storage_type {storage_type!r} is not known: 's3', or '' for the local disk"
            )
        if not storage_type:
            return Place(self._local(), "", "")
        if not bucket_name:
            raise ValueError("bucket_name is missing: storage_type 's3' needs the name of a bucket")
        return Place(self._bucket(bucket_name), "s3", bucket_name)

    def _local(self) -> Storage:
        if self.storage is not None and not isinstance(self.storage, S3Storage):
            return self.storage
        return LocalStorage(self._base(), permission=self.permission)

    def _bucket(self, name: str) -> Storage:
        ready = self.storage
        if not isinstance(ready, S3Storage):
            return S3Storage(name, prefix=self._prefix(), **self.s3_options)
        if ready.bucket_name == name:
            return ready
        return S3Storage(name, client=ready.client, prefix=ready.prefix)

    def _base(self) -> str:
        base = self.base_path() if callable(self.base_path) else self.base_path
        if not base:
            raise ValueError(
                "base_path is missing: pass the folder that files on disk are in, such as "
                "base_path='/srv/project/static/uploads'"
            )
        return os.path.abspath(base)

    def _prefix(self) -> str:
        if not self.static_root_parent:
            return ""
        base, root = self._base(), os.path.abspath(self.static_root_parent)
        folder = os.path.relpath(base, root)
        if folder == os.curdir:
            return ""
        if folder.split(os.sep)[0] == os.pardir:
            raise ValueError(
                f"base_path {base!r} is not below static_root_parent {root!r}: pass a "
                "static_root_parent that is one of its parents"
            )
        return folder.replace(os.sep, "/")
