"""The extension's route for files on disk."""

import os

from flask import Response, abort, request, send_file

from s3_saver import NotFoundError, UnsafeNameError

from ._names import PENDING
from ._state import current_state
from ._types import DEFAULT_TYPE, read_head, shown_inline, sniff


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
    if content_type == DEFAULT_TYPE:
        content_type = _sniff_file(path, name)
    inline = shown_inline(content_type)
    if not inline and content_type.startswith(("text/", "application/")):
        # An attachment can still be the source of a script on the site's own pages; by nosniff not
        # under this type. SVG keeps its own, for as an image's source it runs no script.
        content_type = DEFAULT_TYPE
    response = send_file(
        path,
        mimetype=content_type,
        as_attachment=not inline,
        download_name=os.path.basename(name),
        conditional=True,
        etag=info.etag,
        last_modified=info.modified,
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    if content_type != "application/pdf":  # browsers' PDF viewers don't work in a sandbox
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    if places.settings.private:
        response.cache_control.private = True
    return response


def _sniff_file(path: str, name: str) -> str:
    with open(path, "rb") as file:
        return sniff(read_head(file), name) or DEFAULT_TYPE
