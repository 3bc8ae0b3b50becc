"""The routes: one makes a thumbnail and leads to it, the others send what is on disk."""

from io import BytesIO

from flask import Flask, Response, abort, redirect, request, send_file
from werkzeug.wrappers import Response as BaseResponse

from s3_saver import NotFoundError, S3SaverError, Storage, UnsafeNameError
from untrusted_files import response_headers

from .._settings import Settings
from .._signing import Purpose, RouteSigner
from .._state import current_state
from .._thumbnails import Thumbnails
from ..naming._names import output_format
from ..storing._layout import DISK
from ..templates._template import svg_placeholder

# Seconds for which a browser may remember where the thumbnail is.
_MAX_AGE = 60


def add_routes(app: Flask, settings: Settings) -> None:
    """Add the routes that an app needs."""
    views = {
        Purpose.MAKE: make_thumbnail if settings.mode == "lazy" else None,
        Purpose.SEND: send_thumbnail if settings.folders.thumbnails_path is None else None,
        Purpose.ORIGINAL: send_original if settings.folders.originals_path is None else None,
    }
    for purpose, view in views.items():
        if view:
            app.add_url_rule(settings.route + purpose.rule, purpose.endpoint, view)


def make_thumbnail(name: str) -> BaseResponse:
    """Make a thumbnail, unless it is there, and lead to it.

    A URL that we did not make is answered by 403 and an old one by 410, before anything is read.
    """
    thumbnails = _thumbnails()
    bucket_name = request.args.get("bucket", "")
    _check(thumbnails.signer, name, bucket_name)
    wanted = thumbnails.wants.named(name, bucket_name)
    if not wanted or wanted.refusal:
        abort(404)  # of an earlier version, which had other names, or of earlier settings
    url = thumbnails.make_url(wanted)
    if url.startswith("data:"):  # which browsers don't let themselves be led to
        return Response(svg_placeholder(wanted.spec.box), 404, mimetype="image/svg+xml")
    if not url:
        abort(404)
    response = redirect(url)
    response.cache_control.private = True
    response.cache_control.max_age = _MAX_AGE
    return response


def send_thumbnail(name: str) -> Response:
    """Send a thumbnail that is on disk, and nothing else of its folder."""
    thumbnails = _thumbnails()
    if thumbnails.settings.s3.private:
        _check(thumbnails.files.urls.senders[Purpose.SEND], name)
    original = thumbnails.files.original_of(name, DISK)
    if not original:
        abort(404)
    _, image, spec = original
    content_type = f"image/{output_format(image, spec)}"
    response = _send(thumbnails, thumbnails.files.thumbnails(DISK), name, content_type)
    response.headers["Cache-Control"] = thumbnails.settings.cache_control_of(image)
    return response


def send_original(name: str) -> Response:
    """Send an original that is on disk; what may run script, without rights and as a download."""
    thumbnails = _thumbnails()
    _check(thumbnails.files.urls.senders[Purpose.ORIGINAL], name)
    response = _send(thumbnails, thumbnails.files.originals(DISK), name)
    response.cache_control.private = True
    return response


def _thumbnails() -> Thumbnails:
    """Return those of the store that a URL names."""
    found = current_state().stores.get(request.args.get("store", ""))
    return found or abort(404)


def _check(signer: RouteSigner, name: str, bucket_name: str = "") -> None:
    expires, signature = (request.args.get(key, "") for key in ("expires", "signature"))
    status = signer.status(name, bucket_name, expires, signature)
    if status != 200:
        abort(status)


def _send(
    thumbnails: Thumbnails, storage: Storage, name: str, content_type: str | None = None
) -> Response:
    try:
        info = storage.stat(name)
        with storage.open(name) as file:
            data = file.read(thumbnails.settings.max_bytes + 1)
    except (NotFoundError, UnsafeNameError):
        abort(404)
    except S3SaverError:
        abort(503)
    if len(data) > thumbnails.settings.max_bytes:
        abort(404)  # no page shows it
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
