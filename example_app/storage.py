"""Where uploads are stored, and which files are accepted."""

import os
from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask import current_app as app

from flask_s3_upload import Uploads
from s3_saver import NotConfiguredError, StoredFile
from s3_saver.settings import S3Settings, SettingsReader
from untrusted_files import PICTURES
from untrusted_files.pictures import Limits

MAX_BYTES = 16_000_000  # of a picture, and of a request
MAX_PIXELS = 50_000_000  # of a picture; what a form takes, thumbnails show

#: What direct uploads of pictures are for. Their rules are those of the columns that have it.
PICTURE = "picture"

uploads = Uploads()
# Anybody may upload: it is a site to try things out. Check the user in yours.
uploads.allow_direct(
    PICTURE,
    rules=PICTURES.replace(max_bytes=MAX_BYTES, limits=Limits(max_pixels=MAX_PIXELS)),
    authorize=lambda _upload: True,
)


def register(app: Flask) -> None:
    """Add to *app* its uploads, the route that sends those that are on disk, and ``file_url``."""
    uploads.init_app(app)
    app.add_template_filter(file_url)


def read_s3(config: Mapping[str, Any]) -> S3Settings:
    """Read where S3 is, and whether new files go there, as all extensions do."""
    return S3Settings.read(SettingsReader(config, own=""))


def uploads_folder() -> str:
    """Return the path of the folder of uploads that are on disk."""
    return os.path.join(app.instance_path, app.config.get("UPLOADS_FOLDER") or "uploads")


def file_url(file: StoredFile) -> str | None:
    """Return the URL of an upload for a page, signed if files are private.

    A file in a bucket that the settings don't name has none, and the log says why.
    """
    try:
        return file.url if file.storage_type else file.relative_url
    except NotConfiguredError as error:
        app.logger.warning("%r has no URL: %s", file.name, error)
        return None
