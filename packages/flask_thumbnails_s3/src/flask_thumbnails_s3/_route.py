"""What answers the browser in ``THUMBNAIL_MODE = 'lazy'``."""

import time

from flask import Response, abort, current_app, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from ._queue import EXTENSION
from ._template import svg_placeholder
from ._thumbnails import Thumbnails

# Seconds for which a browser may remember where the thumbnail is.
_MAX_AGE = 60


def show_thumbnail(name: str) -> BaseResponse:
    """Make a thumbnail, unless it is there, and lead to it.

    A URL that we did not make is answered by 403 and an old one by 410, before anything is read.
    """
    thumbnails: Thumbnails = current_app.extensions[EXTENSION]
    bucket, expires = request.args.get("bucket", ""), request.args.get("expires", "")
    signature = request.args.get("signature", "")
    if not thumbnails.signer.is_genuine(bucket, name, expires, signature):
        abort(403)
    if int(expires) <= time.time():
        abort(410)
    wanted = thumbnails.want_named(name, bucket)
    if not wanted:
        abort(404)  # of an earlier version, which had other names
    url = thumbnails.make_url(wanted)
    if url.startswith("data:"):  # which browsers don't let themselves be led to
        return Response(svg_placeholder(wanted.spec.box), 404, mimetype="image/svg+xml")
    if not url:
        abort(404)
    response = redirect(url)
    response.cache_control.private = True
    response.cache_control.max_age = _MAX_AGE
    return response
