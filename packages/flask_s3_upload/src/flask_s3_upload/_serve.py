"""The extension's route for files on disk."""

import os

from flask import Response, abort, request, send_file

from s3_saver import NotFoundError, UnsafeNameError
from untrusted_files import UNKNOWN_TYPE, response_headers, sniff_content_type

from ._names import PENDING
from ._state import current_state


def serve(name: str) -> Response:
    """Send a file, with ranges and conditional requests; what may run script, as a download."""
    places = current_state().places
    if name.startswith(PENDING):
        abort(404)
    signature = request.args.get("signature", "")
    if places.settings.private and not places.signer.allows_url(name, signature):
        abort(403, "This link is not valid, or no longer.")
    try:
        info = places.local.stat(name)
        path = places.local.path(name)
    except (NotFoundError, UnsafeNameError):
        abort(404)
    content_type = info.content_type
    if content_type == UNKNOWN_TYPE:
        content_type = _sniff_file(path, name)
    response = send_file(
        path, mimetype=content_type, conditional=True, etag=info.etag, last_modified=info.modified
    )
    response.headers.update(response_headers(content_type, os.path.basename(name)))
    if places.settings.private:
        response.cache_control.private = True
    return response


def _sniff_file(path: str, name: str) -> str:
    with open(path, "rb") as file:
        return sniff_content_type(file, name) or UNKNOWN_TYPE
