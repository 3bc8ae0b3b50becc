"""Which storages hold originals and thumbnails: those of the settings."""

from collections.abc import Callable
from typing import Protocol

from s3_saver import ArgumentError, NotConfiguredError, Storage, Storages, ensure_storage

from .._settings import Settings
from ..exceptions import ConfigError

#: Returns the storage of a folder. Called with the folder's path on disk and ``''``, or with its
#: prefix in a bucket, such as ``'uploads'``, and the bucket's name.
StorageFor = Callable[[str, str], Storage]

DISK = ""


class Layout(Protocol):
    """Where images are, by the bucket of an original, which is ``''`` for what is on disk.

    Every call raises NotConfiguredError for a bucket that is not one of these.
    """

    @property
    def store(self) -> str:
        """The name of the ``Uploads`` that keeps the originals."""
        ...

    @property
    def storage_type(self) -> str:
        """Of an image that is named by a str alone; so is *bucket_name*."""
        ...

    @property
    def bucket_name(self) -> str: ...

    def home(self, bucket_name: str) -> str:
        """Return the bucket that has the thumbnails of originals in that bucket."""
        ...

    def originals(self, bucket_name: str) -> Storage: ...

    def thumbnails(self, bucket_name: str) -> Storage: ...

    def originals_prefix(self, bucket_name: str) -> str:
        """Return what keys of originals begin with in that bucket, without a slash at its end."""
        ...

    def thumbnails_prefix(self, bucket_name: str) -> str: ...

    def announced(self, bucket_name: str) -> Storage:
        """Return the storage by which others have announced uploads that wait."""
        ...

    def original_url(self, bucket_name: str, image: str) -> str:
        """Return the URL that others make of an original; ``''`` if they make none."""
        ...

    def site(self, bucket_name: str) -> str:
        """Return what distinguishes these thumbnails from others that share their cache."""
        ...


class SettingsLayout:
    """Images where ``MEDIA_FOLDER``, ``S3_BUCKET_NAME`` and so on say.

    Thumbnails of originals on S3 are all in ``S3_BUCKET_NAME``.
    """

    store = ""

    def __init__(self, settings: Settings, storage_for: StorageFor | None = None) -> None:
        s3, folders = settings.s3, settings.folders
        self._s3, self._folders = s3, folders
        self.storage_type, self.bucket_name = s3.storage_type, s3.bucket_name
        self._originals = s3.storages(
            folders.originals, prefix=folders.originals_prefix, folder_setting="MEDIA_FOLDER"
        )
        self._thumbnails = s3.storages(
            folders.thumbnails,
            prefix=folders.thumbnails_prefix,
            folder_setting="MEDIA_THUMBNAIL_FOLDER",
        )
        self._storage_for = storage_for
        self._storages: dict[tuple[str, str], Storage] = {}

    def home(self, bucket_name: str) -> str:
        return self._s3.bucket_name if bucket_name else DISK

    def originals(self, bucket_name: str) -> Storage:
        folders = self._folders
        return self._find(self._originals, folders.originals, folders.originals_prefix, bucket_name)

    def thumbnails(self, bucket_name: str) -> Storage:
        if bucket_name and not self._s3.bucket_name:
            raise NotConfiguredError(
                "S3_BUCKET_NAME is missing: it keeps the thumbnails of images on S3",
                storage_type="s3",
                argument="S3_BUCKET_NAME",
            )
        folders = self._folders
        return self._find(
            self._thumbnails,
            folders.thumbnails,
            folders.thumbnails_prefix,
            self.home(bucket_name),
        )

    def originals_prefix(self, bucket_name: str) -> str:  # noqa: ARG002 - the same in all
        return self._folders.originals_prefix

    def thumbnails_prefix(self, bucket_name: str) -> str:  # noqa: ARG002 - the same in all
        return self._folders.thumbnails_prefix

    def announced(self, bucket_name: str) -> Storage:
        """Return what the settings say, and not what an app puts there."""
        return self._originals.find("s3" if bucket_name else "", bucket_name)

    def original_url(self, bucket_name: str, image: str) -> str:  # noqa: ARG002 - made of settings
        return ""

    def site(self, bucket_name: str) -> str:
        # All machines of one site share its thumbnails, wherever its folders are on their disks.
        if not bucket_name:
            return self._folders.thumbnails
        return repr((self._folders.thumbnails_prefix, self._s3.bucket_name, self._s3.endpoint_url))

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
