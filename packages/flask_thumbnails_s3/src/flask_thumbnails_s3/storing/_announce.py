"""Which folders and prefixes hold users' pictures: announced, so that no push takes and no policy
opens them.
"""

from contextlib import suppress
from typing import TypedDict

from flask import Flask

from s3_saver import LocalStorage, NotConfiguredError, PrefixRegistry, S3Storage
from s3_saver.settings import ConfigError as SettingError

from .._settings import Settings
from ..exceptions import ConfigError
from ._layout import DISK
from ._stores import StoreLayout


class _UsersPrefix(TypedDict, total=False):
    storage_type: str
    bucket_name: str
    prefix: str
    folder: str


OWNER = "flask_thumbnails_s3"

# They keep the originals, which are only read here.
_OWNERS_OF_ORIGINALS = ("flask_s3_upload", "flask_admin_s3_upload")


def announce(app: Flask, settings: Settings) -> None:
    """Announce the places of thumbnails and of originals.

    :raises ConfigError: another extension keeps its own files where the thumbnails would be.
    """
    registry = PrefixRegistry.of(app.extensions)
    s3, folders = settings.s3, settings.folders
    try:
        registry.announce(OWNER, folder=folders.thumbnails)
        registry.announce(OWNER, folder=folders.originals, shares_with=_OWNERS_OF_ORIGINALS)
        if s3.bucket_name:
            registry.announce(
                OWNER,
                storage_type="s3",
                bucket_name=s3.bucket_name,
                prefix=folders.thumbnails_prefix,
            )
            for bucket_name in sorted({s3.bucket_name, *s3.allowed_buckets}):
                registry.announce(
                    OWNER,
                    storage_type="s3",
                    bucket_name=bucket_name,
                    prefix=folders.originals_prefix,
                    shares_with=_OWNERS_OF_ORIGINALS,
                )
    except SettingError as error:
        raise ConfigError(
            f"{error}; those of thumbnails are MEDIA_THUMBNAIL_FOLDER and, less "
            "THUMBNAIL_S3_STATIC_ROOT_PARENT, its path in the bucket",
            setting="MEDIA_THUMBNAIL_FOLDER",
        ) from error


def announce_store(app: Flask, layout: StoreLayout, bucket_names: list[str]) -> None:
    """Announce the places of one store's thumbnails, and those of its originals unless whoever
    keeps them has done so.

    :param bucket_names: that the store has.
    :raises ConfigError: another extension keeps its own files where the thumbnails would be.
    """
    registry = PrefixRegistry.of(app.extensions)
    pairs = [_prefixes_of(layout, bucket_name) for bucket_name in bucket_names]
    with suppress(NotConfiguredError):  # an app on S3 may still have rows whose files are on disk
        pairs.append(_prefixes_of(layout, DISK))
    try:
        for originals, thumbnails in pairs:
            if originals and not registry.overlaps(**originals):
                registry.announce(OWNER, **originals, shares_with=_OWNERS_OF_ORIGINALS)
            if thumbnails:
                registry.announce(OWNER, **thumbnails)
    except SettingError as error:
        raise ConfigError(
            f"{error}; those of thumbnails are MEDIA_THUMBNAIL_FOLDER, and in a bucket a prefix "
            "next to that of the originals",
            setting="MEDIA_THUMBNAIL_FOLDER",
        ) from error


def _prefixes_of(layout: StoreLayout, bucket_name: str) -> tuple[_UsersPrefix, _UsersPrefix]:
    """Return how the registry calls the places of originals and of thumbnails."""
    originals, thumbnails = layout.originals(bucket_name), layout.thumbnails(bucket_name)
    if isinstance(originals, S3Storage) and isinstance(thumbnails, S3Storage):
        found = [
            _UsersPrefix(storage_type="s3", bucket_name=bucket_name, prefix=storage.prefix)
            for storage in (originals, thumbnails)
        ]
        # Originals without a prefix are announced as the whole bucket, which has both.
        return found[0], found[1] if originals.prefix else _UsersPrefix()
    if isinstance(originals, LocalStorage):
        return _UsersPrefix(folder=originals.root), _UsersPrefix(folder=layout.folder)
    return _UsersPrefix(), _UsersPrefix()
