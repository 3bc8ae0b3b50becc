"""Where uploads are: what all pages ask, by the S3 that the app states once."""

import os
from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask import current_app as app

from flask_s3_upload import Uploads
from s3_saver import NotConfiguredError, S3Saver, StoredFile
from s3_saver.settings import S3Settings, SettingsReader
from url_for_s3 import S3Bucket

_UPLOADS = "example_app_uploads"


def register(app: Flask) -> None:
    """Add to *app* its uploads, and the route that sends those that are on disk."""
    app.extensions[_UPLOADS] = Uploads(app)


def uploads() -> Uploads:
    """Return the uploads of the current app."""
    found: Uploads = app.extensions[_UPLOADS]
    return found


def read_s3(config: Mapping[str, Any]) -> S3Settings:
    """Read where S3 is, and whether new files go there, as all extensions do."""
    return S3Settings.read(SettingsReader(config, own=""))


def bucket_of(s3: S3Settings) -> S3Bucket:
    """Return where the bucket of new files answers."""
    return S3Bucket(
        s3.bucket_name,
        region=s3.region,
        endpoint_url=s3.endpoint_url,
        public_endpoint_url=s3.public_endpoint_url,
        cdn_domain=s3.cdn_domain,
        url_style=s3.url_style,
    )


def uploads_folder() -> str:
    """Return the path of the folder of uploads that are on disk."""
    return os.path.join(app.instance_path, app.config["MEDIA_FOLDER"])


def saver_of(field: str, *, size_field: str | None = None) -> S3Saver:
    """Make the saver that puts the admin's new files where the settings say.

    :param field: of the models that have such files, as ``'image'``.
    :param size_field: that of the file's size in bytes, if they have one.
    """
    s3 = read_s3(app.config)
    return S3Saver(
        storage_type=s3.storage_type,
        bucket_name=s3.bucket_name,
        field_name=field,
        storage_type_field=f"{field}_storage_type",
        bucket_name_field=f"{field}_storage_bucket_name",
        filesize_field=size_field,
        base_path=uploads_folder(),
        static_root_parent=app.instance_path,
        **s3.s3_options,
    )


def url_of(file: StoredFile) -> str | None:
    """Return the URL of an upload for a page, signed if files are private.

    A file in a bucket that the settings don't name has none, and the log says why.

    :raises s3_saver.ArgumentError: there is no such storage type.
    """
    try:
        return file.url if file.storage_type else file.relative_url
    except NotConfiguredError as error:
        app.logger.warning("%r has no URL: %s", file.name, error)
        return None
