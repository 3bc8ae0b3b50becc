"""The route of ``THUMBNAIL_MODE = 'lazy'``: it makes a thumbnail, and leads to it."""

from flask import Flask, Response, abort, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from .._settings import Settings
from .._signing import Purpose
from ..templates._template import svg_placeholder
from ._signed import check_signature, thumbnails_of_url

# Seconds for which a browser may remember where the thumbnail is.
_MAX_AGE = 60


def add_routes(app: Flask, settings: Settings) -> None:
    """Add the route; the mode ``lazy`` alone needs it."""
    if settings.mode == "lazy":
        app.add_url_rule(settings.route + Purpose.MAKE.rule, Purpose.MAKE.endpoint, make_thumbnail)


def make_thumbnail(name: str) -> BaseResponse:
    """Make a thumbnail, unless it is there, and lead to it.

    A URL that we did not make is answered by 403 and an old one by 410, before anything is read.
    """
    thumbnails = thumbnails_of_url()
    bucket_name = request.args.get("bucket", "")
    check_signature(thumbnails.signer, name, bucket_name)
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
