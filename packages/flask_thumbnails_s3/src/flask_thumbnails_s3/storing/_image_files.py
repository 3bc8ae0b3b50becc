"""Originals and thumbnails: their storages, their names, and the URLs of both."""

from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO

from s3_saver import (
    PENDING_FOLDER,
    NotConfiguredError,
    PrefixRegistry,
    S3Storage,
    Storage,
    UnsafeNameError,
)

from .._settings import Settings
from ..exceptions import ConfigError, OptionError
from ..naming._names import parse_thumbnail_name, thumbnail_name
from ..naming._options import Spec
from ._layout import DISK, Layout
from ._stores import HIDDEN_FOLDER
from ._urls import Urls

# Where flask_s3_upload and others keep what nobody has checked yet.
_PENDING = ("pending/", PENDING_FOLDER)


class ImageFiles:
    """Storages and URLs by the bucket of an original, which is ``''`` for what is on disk.

    Where thumbnails of another bucket than their own are kept, they are under ``@bucket/``, for two
    buckets may hold images of the same name. So is an original of that bucket itself whose name
    begins with ``@``: each thumbnail's name means one original.

    No bucket is reached that the layout does not allow, whatever a row says.
    """

    def __init__(self, settings: Settings, layout: Layout, registry: PrefixRegistry) -> None:
        self._settings = settings
        self._s3 = settings.s3
        self._registry = registry
        self.layout = layout
        self._allowed: set[str] = set()
        self._announced = lru_cache(maxsize=64)(layout.announced)
        self.urls = Urls(settings, layout.store)

    def bucket_of(self, storage_type: str | None, bucket_name: str | None) -> str:
        """Return the bucket that the filter's arguments mean.

        :raises OptionError: the storage type is neither ``'s3'``, ``''`` nor ``None``, or the
            bucket's name is none.
        :raises NotConfiguredError: neither they nor the settings name a bucket.
        """
        chosen = storage_type
        if chosen is None:
            chosen = self.layout.storage_type
        if not chosen:
            return DISK
        if chosen != "s3":
            raise OptionError(f"storage_type {chosen!r}: must be 's3', or '' for the disk")
        if bucket_name and not isinstance(bucket_name, str):
            raise OptionError(f"bucket_name {bucket_name!r}: must be a bucket's name, a str")
        if found := bucket_name or self.layout.bucket_name:
            return found
        raise NotConfiguredError(
            "S3_BUCKET_NAME is missing: it keeps the thumbnails of images on S3",
            storage_type="s3",
            argument="S3_BUCKET_NAME",
        )

    def originals(self, bucket_name: str) -> Storage:
        """Return the storage of the originals in that bucket.

        :raises NotConfiguredError: the settings do not allow it.
        """
        return self.layout.originals(bucket_name)

    def thumbnails(self, bucket_name: str) -> Storage:
        """Return the storage of the thumbnails of originals in that bucket.

        :raises NotConfiguredError: the settings name no bucket for those of originals on S3.
        """
        return self.layout.thumbnails(bucket_name)

    def save(self, bucket_name: str, image: str, name: str, data: bytes, content_type: str) -> None:
        """Keep a thumbnail; raises as :meth:`Storage.save`.

        :param bucket_name: of the original, and *image* its name.
        """
        storage, file = self.thumbnails(bucket_name), BytesIO(data)
        if isinstance(storage, S3Storage):
            cache_control = self._s3.cache_control or self._settings.cache_control_of(image)
            storage.save(name, file, content_type=content_type, cache_control=cache_control)
        else:
            storage.save(name, file, content_type=content_type)

    def require(self, bucket_name: str) -> None:
        """Raise NotConfiguredError unless originals in that bucket may be read, and their
        thumbnails kept.
        """
        if bucket_name not in self._allowed:  # a page may ask for 50 new images
            self.originals(bucket_name)
            self.thumbnails(bucket_name)
            self._allowed.add(bucket_name)

    def require_region(self) -> None:
        """Raise ConfigError if new URLs are to be signed, and nobody knows a region to sign for."""
        s3 = self._s3
        if not (s3.storage_type and s3.private) or s3.region or s3.endpoint_url:
            return
        storage = self.thumbnails(s3.bucket_name)
        if isinstance(storage, S3Storage) and not (storage.region or storage.endpoint_url):
            raise ConfigError(
                "S3_REGION is missing: the URLs of private thumbnails are signed for the bucket's "
                "own, such as 'eu-north-1'; set it, or AWS_DEFAULT_REGION in the environment, or "
                "set THUMBNAIL_S3_PRIVATE = False if everybody may see them",
                setting="S3_REGION",
            )

    def require_checked(self, bucket_name: str, image: str) -> None:
        """Raise UnsafeNameError if an original is an upload that nobody has checked yet."""
        if self._is_pending(bucket_name, image):
            raise UnsafeNameError(
                f"{image!r} is an upload that nobody has claimed",
                name=image,
                rule="the name of a stored file, and not of one that is pending",
            )

    def is_original(self, bucket_name: str, name: str) -> bool:
        """Report whether a file that is listed among originals is one: no upload that waits, and
        no thumbnail.
        """
        return not (name.startswith(HIDDEN_FOLDER) or self._is_pending(bucket_name, name))

    def thumbnail_name(self, bucket_name: str, image: str, spec: Spec) -> str:
        return self._folder(bucket_name, image) + thumbnail_name(image, spec)

    def original_of(self, name: str, bucket_name: str) -> tuple[str, str, Spec] | None:
        """Return bucket, name and spec of the original that a thumbnail is of, if it is one.

        :param bucket_name: of any original whose thumbnails are where this one is.
        """
        rest = name
        if bucket_name:
            bucket_name = self.layout.home(bucket_name)
            if name.startswith("@"):
                bucket_name, _, rest = name[1:].partition("/")
        parsed = parse_thumbnail_name(rest)
        if not parsed or self._folder(bucket_name, parsed[0]) + rest != name:
            return None
        return bucket_name, *parsed

    def find_thumbnails(self, bucket_name: str, prefix: str = "") -> Iterator[str]:
        """Return the names of what may be thumbnails of originals in that bucket.

        Those of the bucket that has them are not in a folder of their own: it returns them all.

        :param prefix: what the names begin with, as :func:`stem_of` returns it.
        """
        found = self.thumbnails(bucket_name).find(self._folder(bucket_name, prefix) + prefix)
        return (info.name for info in found)

    def thumbnail_url(self, bucket_name: str, name: str) -> str:
        """Return a thumbnail's URL; raises as :meth:`Urls.on_s3`."""
        if not bucket_name:
            return self.urls.thumbnail_on_disk(name)
        return self.urls.on_s3(
            self.thumbnails(bucket_name),
            self.layout.home(bucket_name),
            self.layout.thumbnails_prefix(bucket_name),
            name,
        )

    def original_url(self, bucket_name: str, image: str) -> str:
        """Return an original's URL; raises as :meth:`Urls.on_s3`.

        :raises UnsafeNameError: it is one that nobody has checked yet.
        """
        self.require_checked(bucket_name, image)
        if url := self.layout.original_url(bucket_name, image):
            return url
        if not bucket_name:
            return self.urls.original_on_disk(image)
        return self.urls.on_s3(
            self.originals(bucket_name),
            bucket_name,
            self.layout.originals_prefix(bucket_name),
            image,
        )

    def _is_pending(self, bucket_name: str, name: str) -> bool:
        if name.startswith(_PENDING):
            return True
        return self._registry.is_pending(self._announced(bucket_name), name)

    def _folder(self, bucket_name: str, image: str) -> str:
        if not bucket_name:
            return ""
        is_other = bucket_name != self.layout.home(bucket_name)
        return f"@{bucket_name}/" if is_other or image.startswith("@") else ""
