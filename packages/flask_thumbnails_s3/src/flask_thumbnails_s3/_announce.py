"""Which folders and prefixes hold users' pictures: announced, so that no push takes and no policy
opens them.
"""

from flask import Flask

from s3_saver import PrefixRegistry
from s3_saver.settings import ConfigError as SettingError

from ._settings import Settings
from .exceptions import ConfigError

_OWNER = "flask_thumbnails_s3"

# They keep the originals, which are only read here.
_OWNERS_OF_ORIGINALS = ("flask_s3_upload", "flask_admin_s3_upload")


def announce(app: Flask, settings: Settings) -> None:
    """Announce the places of thumbnails and of originals.

    :raises ConfigError: another extension keeps its own files where the thumbnails would be.
    """
    registry = PrefixRegistry.of(app.extensions)
    s3, folders = settings.s3, settings.folders
    try:
        registry.announce(_OWNER, folder=folders.thumbnails)
        registry.announce(_OWNER, folder=folders.originals, shares_with=_OWNERS_OF_ORIGINALS)
        if s3.bucket_name:
            registry.announce(
                _OWNER,
                storage_type="s3",
                bucket_name=s3.bucket_name,
                prefix=folders.thumbnails_prefix,
            )
            for bucket_name in sorted({s3.bucket_name, *s3.allowed_buckets}):
                registry.announce(
                    _OWNER,
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
