"""Where originals and thumbnails are, and at which URLs they are seen."""

import os
from collections.abc import Callable, Iterator
from typing import Any

from flask import url_for

from s3_saver import LocalStorage, S3Storage, Storage
from url_for_s3 import presign_url_for_s3, url_for_s3

from ._names import parse_thumbnail_name, thumbnail_name
from ._options import Spec
from ._settings import Settings
from .exceptions import ConfigError, OptionError

#: Gives the storage of a folder. Called with the folder's path on disk and ``''``, or with its
#: prefix in a bucket, such as ``'static/uploads'``, and the bucket's name.
StorageFor = Callable[[str, str], Storage]

DISK = ""


class Places:
    """Storages and URLs by bucket; the bucket of what is on disk is ``''``.

    On disk, thumbnails are in ``MEDIA_THUMBNAIL_FOLDER``. Those of originals on S3 are all in
    ``THUMBNAIL_S3_BUCKET_NAME``, under their names, and for an original in another bucket under
    ``@bucket/``, for two buckets may hold images of the same name.
    """

    def __init__(self, settings: Settings, storage_for: StorageFor | None = None) -> None:
        self._settings = settings
        self._storage_for = storage_for or self._own_storage
        self._storages: dict[tuple[str, str], Storage] = {}
        self._url_options: dict[str, Any] = {
            "scheme": "https" if settings.s3_use_https else "http",
            "url_style": settings.s3_url_style,
            "cdn_domain": settings.s3_cdn_domain,
            "region": settings.s3_region,
            "endpoint_url": settings.s3_endpoint_url,
        }

    def bucket_of(self, storage_type: str | None, bucket_name: str | None) -> str:
        """Give the bucket that the filter's arguments mean.

        :raises OptionError: the storage type is neither ``'s3'``, ``''`` nor ``None``.
        """
        if storage_type is None:
            storage_type = self._settings.s3_storage_type
        if not storage_type:
            return DISK
        if storage_type != "s3":
            raise OptionError(
                f"storage_type {storage_type!r} is not known: pass 's3', or '' for the local disk"
            )
        return bucket_name or self._thumbnail_bucket

    def originals(self, bucket: str) -> Storage:
        return self._storage(self._settings.media_folder, bucket)

    def thumbnails(self, bucket: str) -> Storage:
        """Give the storage of the thumbnails of originals in that bucket."""
        place = self._thumbnail_bucket if bucket else DISK
        return self._storage(self._settings.media_thumbnail_folder, place)

    def thumbnail_name(self, bucket: str, image: str, spec: Spec) -> str:
        return self.folder(bucket) + thumbnail_name(image, spec)

    def parse_thumbnail_name(self, name: str, bucket: str) -> tuple[str, Spec] | None:
        """Give image and spec of a thumbnail, if it is one of an original in that bucket."""
        folder = self.folder(bucket)
        return parse_thumbnail_name(name.removeprefix(folder)) if name.startswith(folder) else None

    def folder(self, bucket: str) -> str:
        """Give what the names of thumbnails of originals in that bucket begin with."""
        return f"@{bucket}/" if bucket and bucket != self._settings.s3_bucket_name else ""

    def possible_originals(self, name: str, bucket: str) -> Iterator[tuple[str, str]]:
        """Give each bucket and name that the original of a thumbnail in *bucket* may have."""
        if parsed := parse_thumbnail_name(name):
            yield bucket, parsed[0]
        other, _, rest = name.removeprefix("@").partition("/")
        if bucket and name.startswith("@") and (parsed := parse_thumbnail_name(rest)):
            yield other, parsed[0]

    def thumbnail_url(self, bucket: str, name: str) -> str:
        settings = self._settings
        if bucket:
            folder = settings.media_thumbnail_folder
            return self._s3_url(self._prefix(folder), self._thumbnail_bucket, name)
        return _static_url(settings.media_thumbnail_url, name)

    def original_url(self, bucket: str, image: str) -> str:
        settings = self._settings
        if bucket:
            return self._s3_url(self._prefix(settings.media_folder), bucket, image)
        return _static_url(settings.media_url, image)

    @property
    def _thumbnail_bucket(self) -> str:
        if not self._settings.s3_bucket_name:
            raise ConfigError(
                "THUMBNAIL_S3_BUCKET_NAME is missing: set it to the bucket that keeps the "
                "thumbnails of images on S3"
            )
        return self._settings.s3_bucket_name

    def _storage(self, folder: str, bucket: str) -> Storage:
        try:
            return self._storages[folder, bucket]
        except KeyError:
            place = self._prefix(folder) if bucket else folder
            return self._storages.setdefault((folder, bucket), self._storage_for(place, bucket))

    def _own_storage(self, folder: str, bucket: str) -> Storage:
        settings = self._settings
        if not bucket:
            return LocalStorage(folder)
        return S3Storage(
            bucket,
            prefix=folder,
            region_name=settings.s3_region,
            endpoint_url=settings.s3_endpoint_url,
            access_key_id=settings.s3_access_key_id,
            access_key_secret=settings.s3_access_key_secret,
            acl=settings.s3_acl,
        )

    def _prefix(self, folder: str) -> str:
        """Give the S3 prefix of a folder: its path less ``THUMBNAIL_S3_STATIC_ROOT_PARENT``."""
        root = self._settings.s3_static_root_parent
        if folder != root and not folder.startswith(root.rstrip(os.sep) + os.sep):
            raise ConfigError(
                f"THUMBNAIL_S3_STATIC_ROOT_PARENT = {root!r} does not hold {folder!r}: set it to a "
                "folder above both MEDIA_FOLDER and MEDIA_THUMBNAIL_FOLDER"
            )
        return folder[len(root) :].strip(os.sep).replace(os.sep, "/")

    def _s3_url(self, prefix: str, bucket: str, name: str) -> str:
        if not self._settings.s3_private:
            return url_for_s3(prefix, bucket, filename=name, **self._url_options)
        expires = self._settings.s3_url_expires
        storage = self._storage(self._settings.media_thumbnail_folder, bucket)
        if not isinstance(storage, S3Storage):
            raise ConfigError(
                f"THUMBNAIL_S3_PRIVATE needs an S3Storage to sign with, got {storage!r}"
            )
        return presign_url_for_s3(
            prefix,
            bucket,
            filename=name,
            credentials=storage.credentials,
            expires=expires,
            stable_for=expires,
            **self._url_options,
        )


def _static_url(url: str, name: str) -> str:
    return url_for("static", filename=f"{url.strip('/')}/{name}".lstrip("/"))
