"""The storages of a field: what its options and the app's settings mean."""

import os
import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, has_app_context

from s3_saver import (
    ArgumentError,
    LocalStorage,
    S3Saver,
    S3Storage,
    Storage,
    Storages,
    folder_in,
    location_of,
)
from s3_saver.settings import S3Settings

from ..._upload_field import Place
from ._options import BasePath, FileOptions, Folder

_S3_OPTIONS = ("acl", "endpoint_url", "region")
_NAMES = {"folder": "base_path", "allowed_buckets": "S3_ALLOWED_BUCKETS"}

#: A storage type and a bucket name.
Location = tuple[str, str]


@dataclass(frozen=True)
class Sources:
    """Where a field's files are, by its options first and by the app's settings else.

    :param ready: the storage that was passed.
    :param storage_type: where new files go, ``'s3'`` or ``''``.
    :param bucket_name: the bucket that files are found in, whether new files go there or not.
    :param allowed_buckets: further ones that rows may name.
    """

    ready: Storage | None
    storage_type: str
    bucket_name: str
    allowed_buckets: tuple[str, ...]
    base_path: BasePath | None
    static_root_parent: Folder | None
    permission: int
    s3_options: dict[str, Any] = field(repr=False)

    @classmethod
    def of(cls, options: FileOptions, settings: S3Settings) -> "Sources":
        if isinstance(options.storage, S3Saver):
            return cls._of_saver(options.storage, settings)
        ready = options.storage
        bucket_name = options.bucket_name or settings.bucket_name
        storage_type = "s3" if _is_on_s3(options, settings) else ""
        if isinstance(ready, S3Storage):
            storage_type, bucket_name = location_of(ready)
        own = {name: value for name in _S3_OPTIONS if (value := getattr(options, name))}
        if options.access_key_id or options.access_key_secret:
            own["access_key_id"] = options.access_key_id
            own["access_key_secret"] = options.access_key_secret
        return cls(
            ready,
            storage_type,
            bucket_name,
            settings.allowed_buckets,
            options.base_path,
            options.static_root_parent,
            options.permission,
            {**settings.s3_options, **own},
        )

    @classmethod
    def _of_saver(cls, saver: S3Saver, settings: S3Settings) -> "Sources":
        bucket_name = saver.bucket_name or ""
        return cls(
            None,
            saver.storage_type or "",
            bucket_name,
            settings.allowed_buckets,
            saver.base_path,
            saver.static_root_parent,
            saver.permission,
            {
                "access_key_id": saver.access_key_id,
                "access_key_secret": saver.access_key_secret,
                "acl": saver.acl,
                **saver.s3_options,
            },
        )

    @property
    def location(self) -> Location:
        """Where new files go."""
        return self.storage_type, self.bucket_name if self.storage_type else ""

    def check(self, options: FileOptions) -> None:
        """Make sure that files can be stored. A *base_path* may be missing until one is, and one
        that is a function is not called.

        :raises s3_saver.ArgumentError: an option is missing, or does not go with another.
        """
        if self.storage_type and not self.bucket_name:
            raise ArgumentError(
                "bucket_name",
                options.bucket_name,
                "the bucket's name, since storage_type='s3' needs it",
                ": pass it, or set S3_BUCKET_NAME for all",
            )
        if self.base_path and not callable(self.base_path):
            self.prefix()

    def storages(self) -> Storages:
        """Make the storages.

        :raises s3_saver.ArgumentError: an option is wrong, or does not go with another.
        """
        return self.storages_in(*self.location)

    def storages_in(self, storage_type: str, bucket_name: str) -> Storages:
        """Make the storages whose new files go where a row's are, which must be reachable."""
        ready: Storage | None = self.ready
        prefix = ""
        if isinstance(ready, S3Storage):
            ready = _bucket_like(ready, bucket_name) if storage_type else None
        elif self.bucket_name or self.allowed_buckets:
            prefix = self.prefix()
        return Storages(
            self._folder(),
            storage=ready,
            storage_type=storage_type,
            bucket_name=bucket_name or self.bucket_name,
            prefix=prefix,
            permission=self.permission,
            allowed_buckets=[each for each in (self.bucket_name, *self.allowed_buckets) if each],
            settings=_NAMES,
            **self.s3_options,
        )

    def prefix(self) -> str:
        """Return the prefix of keys: *base_path* less *static_root_parent*.

        :raises s3_saver.ArgumentError: the one is not below the other.
        """
        if isinstance(self.ready, S3Storage):
            return self.ready.prefix
        if not self.static_root_parent:
            return ""
        return folder_in(self.folder(), absolute(self.static_root_parent)).rstrip("/")

    def folder(self) -> str:
        """Return the absolute path of *base_path*.

        :raises s3_saver.ArgumentError: there is none.
        """
        base = self.base_path() if callable(self.base_path) else self.base_path
        if not base:
            raise ArgumentError(
                "base_path", base, "the folder that files are in", ", such as '/srv/site/uploads'"
            )
        return absolute(base)

    def _folder(self) -> Callable[[], Folder] | str | None:
        if callable(self.base_path):  # called when a file is, within the request
            return self.folder
        return self.folder() if self.base_path else None

    def places(self, below: str) -> Iterator[Place]:
        """Yield what :meth:`s3_saver.PrefixRegistry.announce` takes of a folder of a field.

        A *base_path* that is a function is not called: it may need a request. The root of
        a bucket is not announced: all that is in it would be.

        :param below: the folder's name; empty for all that the field has.
        """
        ready = self.ready
        is_known = not callable(self.base_path)
        if isinstance(ready, LocalStorage):
            yield {"folder": os.path.join(ready.root, below)}
        elif self.base_path and is_known:
            yield {"folder": os.path.join(self.folder(), below)}
        if isinstance(ready, S3Storage) or is_known or not self.static_root_parent:
            prefix = posixpath.join(self.prefix(), below)
            for bucket_name in (self.bucket_name, *self.allowed_buckets):
                if bucket_name and prefix:
                    yield {"storage_type": "s3", "bucket_name": bucket_name, "prefix": prefix}


def absolute(folder: Folder) -> str:
    """Return the path of a folder that is relative to the app, and not to where its process was
    started.
    """
    root = current_app.root_path if has_app_context() else ""
    return os.path.abspath(os.path.join(root, folder))


def _bucket_like(ready: S3Storage, bucket_name: str) -> S3Storage:
    # The ready one itself where it can be: it may be of somebody's own class.
    return ready if ready.bucket_name == bucket_name else ready.derive(bucket_name=bucket_name)


def _is_on_s3(options: FileOptions, settings: S3Settings) -> bool:
    """Whether new files go to S3: the options say so or, if they say nothing, the settings."""
    if options.storage is None and options.storage_type not in ("", "s3"):
        return settings.storage_type == "s3"
    return options.storage_type == "s3"
