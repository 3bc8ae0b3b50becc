"""The storages of a field: what its options and the app's settings mean."""

import os
from collections.abc import Callable
from typing import Any, NamedTuple

from flask import current_app, has_app_context

from s3_saver import ArgumentError, S3Saver, S3Storage, Storage, Storages, location_of
from s3_saver.settings import S3Settings

from ._options import BasePath, FileOptions, Folder

_S3_OPTIONS = ("acl", "endpoint_url", "region")
_NAMES = {"folder": "base_path", "allowed_buckets": "S3_ALLOWED_BUCKETS"}

#: A storage type and a bucket name.
Location = tuple[str, str]


class Sources(NamedTuple):
    """Where a field's files are, by its options first and by the app's settings else.

    :param ready: the storage that was passed.
    :param location: of new files.
    :param bucket_name: the bucket that files are found in, if new files go there or not.
    :param allowed_buckets: further ones that rows may name.
    """

    ready: Storage | None
    location: Location
    bucket_name: str
    allowed_buckets: tuple[str, ...]
    base_path: BasePath | None
    static_root_parent: Folder | None
    permission: int
    s3_options: dict[str, Any]

    @classmethod
    def of(cls, options: FileOptions, settings: S3Settings) -> "Sources":
        if isinstance(options.storage, S3Saver):
            return cls._of_saver(options.storage, settings)
        ready = options.storage
        bucket_name = options.bucket_name or settings.bucket_name
        if isinstance(ready, S3Storage):
            location = location_of(ready)
            bucket_name = ready.bucket_name
        elif _is_on_s3(options, settings):
            location = ("s3", bucket_name)
        else:
            location = ("", "")
        own = {name: value for name in _S3_OPTIONS if (value := getattr(options, name))}
        if options.access_key_id or options.access_key_secret:
            own["access_key_id"] = options.access_key_id
            own["access_key_secret"] = options.access_key_secret
        return cls(
            ready,
            location,
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
            ("s3", bucket_name) if saver.storage_type else ("", ""),
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

    def check(self, options: FileOptions) -> None:
        """Make sure that files can be stored. A *base_path* may be missing until one is, and one
        that is a function is not called.

        :raises s3_saver.ArgumentError: an option is missing, or does not go with another.
        """
        storage_type, bucket_name = self.location
        if storage_type and not bucket_name:
            raise ArgumentError(
                "bucket_name",
                options.bucket_name,
                "the bucket's name, since storage_type='s3' needs it",
                ": pass it, or set S3_BUCKET_NAME for all",
            )
        if self.base_path and not callable(self.base_path):
            self.prefix()

    def storages(self, location: Location | None = None) -> Storages:
        """Make the storages.

        :param location: where new files go, if not to :attr:`location`; it must be reachable.
        :raises s3_saver.ArgumentError: an option is wrong, or does not go with another.
        """
        storage_type, bucket_name = self.location if location is None else location
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
        base, root = self.folder(), absolute(self.static_root_parent)
        folder = os.path.relpath(base, root)
        if folder == os.curdir:
            return ""
        if folder.split(os.sep)[0] == os.pardir:
            raise ArgumentError(
                "base_path",
                base,
                f"below static_root_parent, which is {root!r}",
                ": pass a static_root_parent that is one of its parents",
            )
        return folder.replace(os.sep, "/")

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
    if options.storage_type is not None or options.storage is not None:
        return options.storage_type == "s3"
    return settings.storage_type == "s3"
