"""Where originals and thumbnails are: their storages, their names, and the URLs of both."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from s3_saver import ArgumentError, NotConfiguredError, S3Storage, Storage, Storages, ensure_storage

from ._names import parse_thumbnail_name, thumbnail_name
from ._options import Spec
from ._settings import Settings
from ._urls import Urls, refuse_pending
from .exceptions import ConfigError, OptionError

#: Returns the storage of a folder. Called with the folder's path on disk and ``''``, or with its
#: prefix in a bucket, such as ``'uploads'``, and the bucket's name.
StorageFor = Callable[[str, str], Storage]

DISK = ""


class ImageFiles:
    """Storages and URLs by the bucket of an original, which is ``''`` for what is on disk.

    On disk, thumbnails are in ``MEDIA_THUMBNAIL_FOLDER``. Those of originals on S3 are all in
    ``S3_BUCKET_NAME``, under their names, and for an original in another bucket under ``@bucket/``,
    for two buckets may hold images of the same name. So is an original of that bucket itself whose
    name begins with ``@``: each thumbnail's name tells one original.

    No bucket is reached that the settings do not allow, whatever a row says.
    """

    def __init__(self, settings: Settings, storage_for: StorageFor | None = None) -> None:
        s3, folders = settings.s3, settings.folders
        self._s3, self._folders = s3, folders
        self._originals = s3.storages(
            folders.originals, prefix=folders.originals_prefix, folder_setting="MEDIA_FOLDER"
        )
        self._thumbnails = replace(
            s3, cache_control=s3.cache_control or settings.cache_control
        ).storages(
            folders.thumbnails,
            prefix=folders.thumbnails_prefix,
            folder_setting="MEDIA_THUMBNAIL_FOLDER",
        )
        self._storage_for = storage_for
        self._storages: dict[tuple[str, str], Storage] = {}
        self._allowed: set[str] = set()
        self.urls = Urls(settings)

    def bucket_of(self, storage_type: str | None, bucket_name: str | None) -> str:
        """Return the bucket that the filter's arguments mean.

        :raises OptionError: the storage type is neither ``'s3'``, ``''`` nor ``None``, or the
            bucket's name is none.
        :raises NotConfiguredError: neither they nor the settings name a bucket.
        """
        chosen = storage_type
        if chosen is None:
            chosen = self._s3.storage_type
        if not chosen:
            return DISK
        if chosen != "s3":
            raise OptionError(f"storage_type {chosen!r}: must be 's3', or '' for the disk")
        if bucket_name and not isinstance(bucket_name, str):
            raise OptionError(f"bucket_name {bucket_name!r}: must be a bucket's name, a str")
        if not (bucket_name or self._s3.bucket_name):
            raise _no_bucket()
        return bucket_name or self._s3.bucket_name

    def originals(self, bucket_name: str) -> Storage:
        """Return the storage of the originals in that bucket.

        :raises NotConfiguredError: the settings do not allow it.
        """
        folders = self._folders
        return self._find(self._originals, folders.originals, folders.originals_prefix, bucket_name)

    def thumbnails(self, bucket_name: str) -> Storage:
        """Return the storage of the thumbnails of originals in that bucket.

        :raises NotConfiguredError: the settings name no bucket for those of originals on S3.
        """
        if bucket_name and not self._s3.bucket_name:
            raise _no_bucket()
        folders = self._folders
        return self._find(
            self._thumbnails,
            folders.thumbnails,
            folders.thumbnails_prefix,
            self._s3.bucket_name if bucket_name else DISK,
        )

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

    def thumbnail_name(self, bucket_name: str, image: str, spec: Spec) -> str:
        return self._folder(bucket_name, image) + thumbnail_name(image, spec)

    def original_of(self, name: str, bucket_name: str) -> tuple[str, str, Spec] | None:
        """Return bucket, name and spec of the original that a thumbnail is of, if it is one.

        :param bucket_name: any, or ``''``: whether the thumbnail is on S3 or on disk.
        """
        rest = name
        if bucket_name:
            bucket_name = self._s3.bucket_name
            if name.startswith("@"):
                bucket_name, _, rest = name[1:].partition("/")
        parsed = parse_thumbnail_name(rest)
        if not parsed or self._folder(bucket_name, parsed[0]) + rest != name:
            return None
        return bucket_name, *parsed

    def find_thumbnails(self, bucket_name: str, prefix: str = "") -> Iterator[str]:
        """Return the names of what may be thumbnails of originals in that bucket.

        Those of ``S3_BUCKET_NAME`` are not in a folder of their own: it returns them all.

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
            self._s3.bucket_name,
            self._folders.thumbnails_prefix,
            name,
        )

    def original_url(self, bucket_name: str, image: str) -> str:
        """Return an original's URL; raises as :meth:`Urls.on_s3`.

        :raises UnsafeNameError: it is one that nobody has checked yet.
        """
        refuse_pending(self._originals.find("s3" if bucket_name else "", bucket_name), image)
        if not bucket_name:
            return self.urls.original_on_disk(image)
        return self.urls.on_s3(
            self.originals(bucket_name), bucket_name, self._folders.originals_prefix, image
        )

    def _folder(self, bucket_name: str, image: str) -> str:
        is_other = bucket_name and bucket_name != self._s3.bucket_name
        return f"@{bucket_name}/" if is_other or (bucket_name and image.startswith("@")) else ""

    def _find(self, storages: Storages, folder: str, prefix: str, bucket_name: str) -> Storage:
        known = self._storages.get((folder, bucket_name))
        if known is not None:
            return known
        storage = storages.find("s3" if bucket_name else "", bucket_name)  # refuses other buckets
        if self._storage_for:
            try:
                storage = ensure_storage(
                    self._storage_for(prefix if bucket_name else folder, bucket_name),
                    "what storage_for returns",
                )
            except ArgumentError as error:
                raise ConfigError(str(error)) from error
        return self._storages.setdefault((folder, bucket_name), storage)


def _no_bucket() -> NotConfiguredError:
    return NotConfiguredError(
        "S3_BUCKET_NAME is missing: it keeps the thumbnails of images on S3",
        storage_type="s3",
        argument="S3_BUCKET_NAME",
    )
