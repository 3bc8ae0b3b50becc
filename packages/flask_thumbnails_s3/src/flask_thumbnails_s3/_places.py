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


def check_storage(storage: Storage) -> Storage:
    """Give back what the app's function gave for a storage.

    :raises ConfigError: it is none.
    """
    names = ("save", "open", "stat", "delete", "find")
    if isinstance(storage, type) or not all(hasattr(storage, name) for name in names):
        raise ConfigError(f"storage_for gave {storage!r}: must be a storage, such as an S3Storage")
    return storage


class Places:
    """Storages and URLs by bucket; the bucket of what is on disk is ``''``.

    On disk, thumbnails are in ``MEDIA_THUMBNAIL_FOLDER``. Those of originals on S3 are all in
    ``THUMBNAIL_S3_BUCKET_NAME``, under their names, and for an original in another bucket under
    ``@bucket/``, for two buckets may hold images of the same name. So is an original of that bucket
    itself whose name begins with ``@``: each thumbnail's name tells one original.
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

        :raises OptionError: the storage type is neither ``'s3'``, ``''`` nor ``None``, or the
            bucket's name is none.
        """
        if storage_type is None:
            storage_type = self._settings.s3_storage_type
        if not storage_type:
            return DISK
        if storage_type != "s3":
            raise OptionError(
                f"storage_type {storage_type!r} is not known: pass 's3', or '' for the local disk"
            )
        if bucket_name and not isinstance(bucket_name, str):
            raise OptionError(f"bucket_name {bucket_name!r}: must be a bucket's name, a str")
        thumbnail_bucket = self._thumbnail_bucket  # which S3 needs, whatever the image's
        return bucket_name or thumbnail_bucket

    def originals(self, bucket: str) -> Storage:
        return self._storage(self._settings.media_folder, bucket)

    def thumbnails(self, bucket: str) -> Storage:
        """Give the storage of the thumbnails of originals in that bucket."""
        place = self._thumbnail_bucket if bucket else DISK
        return self._storage(self._settings.media_thumbnail_folder, place)

    def thumbnail_name(self, bucket: str, image: str, spec: Spec) -> str:
        return self._folder(bucket, image) + thumbnail_name(image, spec)

    def original_of(self, name: str, bucket: str) -> tuple[str, str, Spec] | None:
        """Give bucket, name and spec of the original that a thumbnail is of, if it is one.

        :param bucket: any bucket, or ``''``: whether the thumbnail is on S3 or on disk.
        """
        rest = name
        if bucket:
            bucket = self._thumbnail_bucket
            if name.startswith("@"):
                bucket, _, rest = name[1:].partition("/")
        parsed = parse_thumbnail_name(rest)
        if not parsed or self._folder(bucket, parsed[0]) + rest != name:
            return None
        return bucket, *parsed

    def find_thumbnails(self, bucket: str, prefix: str = "") -> Iterator[str]:
        """Give the names of what may be thumbnails of originals in that bucket.

        Those of ``THUMBNAIL_S3_BUCKET_NAME`` are not in a folder of their own: it gives them all.

        :param prefix: what the names begin with, as :func:`stem_of` gives it.
        """
        originals = self.originals_folder
        for info in self.thumbnails(bucket).find(self._folder(bucket, prefix) + prefix):
            if not (originals and info.name.startswith(originals)):
                yield info.name

    @property
    def originals_folder(self) -> str:
        """Where the originals are if that is below the thumbnails, such as ``'uploads/'``, else
        ``''``.
        """
        return _below(self._settings.media_folder, self._settings.media_thumbnail_folder)

    @property
    def thumbnails_folder(self) -> str:
        """Where the thumbnails are if that is below the originals, else ``''``."""
        return _below(self._settings.media_thumbnail_folder, self._settings.media_folder)

    @property
    def thumbnails_prefix(self) -> str:
        """What the keys of thumbnails on S3 begin with, such as ``'static/thumbnails'``."""
        return self._prefix(self._settings.media_thumbnail_folder)

    @property
    def is_shared(self) -> bool:
        """Whether originals and thumbnails are in the same folder."""
        return self._settings.media_folder == self._settings.media_thumbnail_folder

    def _folder(self, bucket: str, image: str) -> str:
        is_other = bucket and bucket != self._settings.s3_bucket_name
        return f"@{bucket}/" if is_other or (bucket and image.startswith("@")) else ""

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
            storage = check_storage(self._storage_for(place, bucket))
            return self._storages.setdefault((folder, bucket), storage)

    def _own_storage(self, folder: str, bucket: str) -> Storage:
        settings = self._settings
        if not bucket:
            return LocalStorage(folder)
        return S3Storage(
            bucket,
            prefix=folder,
            region=settings.s3_region,
            endpoint_url=settings.s3_endpoint_url,
            access_key_id=settings.s3_access_key_id,
            access_key_secret=settings.s3_access_key_secret,
            acl=settings.s3_acl,
        )

    def _prefix(self, folder: str) -> str:
        """Give the S3 prefix of a folder: its path less ``THUMBNAIL_S3_STATIC_ROOT_PARENT``."""
        return _below(folder, self._settings.s3_static_root_parent).rstrip("/")

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


def _below(folder: str, root: str) -> str:
    """Give a folder's path below another, such as ``'a/b/'``; ``''`` if it is not below it."""
    start = root.rstrip(os.sep) + os.sep
    return folder.removeprefix(start).replace(os.sep, "/") + "/" if folder.startswith(start) else ""


def _static_url(url: str, name: str) -> str:
    return url_for("static", filename=f"{url.strip('/')}/{name}".lstrip("/"))
