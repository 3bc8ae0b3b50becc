"""The routes that send thumbnails and originals that are on disk."""

from io import BytesIO

from flask import Flask, Response, abort, send_file

from s3_saver import FileInfo, NotFoundError, S3SaverError, Storage, UnsafeNameError
from untrusted_files import response_headers

from .._settings import Settings
from .._signing import Purpose
from .._thumbnails import Thumbnails
from ..naming._names import output_format
from ..storing._layout import DISK
from ._signed import check_signature, thumbnails_of_url


def add_routes(app: Flask, settings: Settings) -> None:
    """Add the routes of what is not below the static folder."""
    folders = settings.folders
    for path, purpose, view in (
        (folders.thumbnails_path, Purpose.SEND, send_thumbnail),
        (folders.originals_path, Purpose.ORIGINAL, send_original),
    ):
        if path is None:
            app.add_url_rule(settings.route + purpose.rule, purpose.endpoint, view)


def send_thumbnail(name: str) -> Response:
    """Send a thumbnail that is on disk, and nothing else of its folder."""
    thumbnails = thumbnails_of_url()
    is_private = thumbnails.settings.s3.private
    if is_private:
        check_signature(thumbnails.files.urls.senders[Purpose.SEND], name)
    original = thumbnails.files.original_of(name, DISK)
    if not original:
        abort(404)
    _, image, spec = original
    storage = thumbnails.files.thumbnails(DISK)
    file = _read(thumbnails, storage, name)
    if not file and thumbnails.restore(name, DISK, is_signed=is_private):
        file = _read(thumbnails, storage, name)
    response = _send(name, file, f"image/{output_format(image, spec)}")
    response.headers["Cache-Control"] = thumbnails.settings.cache_control_of(image)
    return response


def send_original(name: str) -> Response:
    """Send an original that is on disk; what may run script, without rights and as a download."""
    thumbnails = thumbnails_of_url()
    check_signature(thumbnails.files.urls.senders[Purpose.ORIGINAL], name)
    response = _send(name, _read(thumbnails, thumbnails.files.originals(DISK), name))
    response.cache_control.private = True
    return response


def _read(thumbnails: Thumbnails, storage: Storage, name: str) -> tuple[FileInfo, bytes] | None:
    """Return a file that pages may show; ``None`` if there is none."""
    most = thumbnails.settings.max_bytes
    try:
        info = storage.stat(name)
        with storage.open(name) as file:
            data = file.read(most + 1)
    except (NotFoundError, UnsafeNameError):
        return None
    except S3SaverError:
        abort(503)
    return (info, data) if len(data) <= most else None


def _send(
    name: str, file: tuple[FileInfo, bytes] | None, content_type: str | None = None
) -> Response:
    if not file:
        abort(404)
    info, data = file
    content_type = content_type or info.content_type
    response = send_file(
        BytesIO(data),
        mimetype=content_type,
        etag=info.etag,
        last_modified=info.modified,
        conditional=True,
    )
    response.headers.update(response_headers(content_type, name))
    return response
