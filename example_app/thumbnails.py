"""From the app's settings to flask_thumbnails_s3: thumbnails, where their originals are."""

import os
from collections.abc import Mapping
from typing import Any

from flask import Flask

from example_app.storage import folder_storage
from flask_thumbnails_s3 import Thumbnail

# Its storages are ours, for the keys may be temporary ones, with a session token.
thumbnail = Thumbnail(storage_for=folder_storage)


def register(app: Flask) -> None:
    """Give *app* the template filters for thumbnails.

    :raises flask_thumbnails_s3.ConfigError: one of its settings for thumbnails is wrong.
    """
    app.config.from_mapping(_settings(app.config))
    thumbnail.init_app(app)


def _settings(config: Mapping[str, Any]) -> dict[str, Any]:
    static_folder = os.path.join(config["STATIC_ROOT_PARENT"], "static")
    return {
        "MEDIA_FOLDER": config["UPLOADS_FOLDER"],
        "MEDIA_URL": "uploads",
        "MEDIA_THUMBNAIL_FOLDER": os.path.join(static_folder, "thumbnails"),
        "MEDIA_THUMBNAIL_URL": "thumbnails",
        "THUMBNAIL_S3_STORAGE_TYPE": "s3" if config["USE_S3"] else None,
        "THUMBNAIL_S3_BUCKET_NAME": config["S3_BUCKET_NAME"],
        "THUMBNAIL_S3_STATIC_ROOT_PARENT": config["STATIC_ROOT_PARENT"],
        "THUMBNAIL_S3_REGION": config["S3_REGION"],
        "THUMBNAIL_S3_ENDPOINT_URL": config["S3_ENDPOINT_URL"],
        # An app that keeps pictures on disk, and has no S3 at all, has nothing to sign for.
        "THUMBNAIL_S3_PRIVATE": config["S3_PRIVATE"]
        and bool(config["S3_REGION"] or config["S3_ENDPOINT_URL"]),
        # Every picture that is taken gets thumbnails.
        "THUMBNAIL_MAX_BYTES": config["MAX_CONTENT_LENGTH"],
        "THUMBNAIL_MAX_PIXELS": config["MAX_PICTURE_PIXELS"],
    }
