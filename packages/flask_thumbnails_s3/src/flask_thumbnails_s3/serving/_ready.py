"""What stands in for a thumbnail is replaced in the page when that is ready, without a reload.

The placeholder's URL ends in a fragment, ``#thumbnail=``, with a token; a small script asks the app
for the tokens of a page, and puts the thumbnails in their place.
"""

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

from flask import Flask, Response, abort, jsonify, request
from markupsafe import Markup, escape

from .._settings import Settings
from .._signing import Purpose, url_of
from .._state import current_state

_SCRIPT = "flask_thumbnails_s3.script"
_MOST = 50  # tokens in one question
_YEAR = 31_536_000  # seconds


def add_routes(app: Flask, settings: Settings) -> None:
    """Add the routes of the script, and of what it asks; the mode ``queue`` alone needs them."""
    if settings.mode == "queue":
        app.add_url_rule(f"{settings.route}/thumbnails.js", _SCRIPT, send_script)
        app.add_url_rule(f"{settings.route}/ready", Purpose.READY.endpoint, report_ready)


def script_tag(nonce: str | None = None) -> Markup:
    """Return the ``<script>`` element that replaces placeholders. The function
    ``thumbnail_script``.

    It is empty in other modes than ``queue``, where no placeholder waits for anything.

    :param nonce: of the page's Content-Security-Policy.
    """
    if current_state().first.settings.mode != "queue":
        return Markup()
    url = url_of(_SCRIPT, v=_version())
    attribute = f' nonce="{escape(nonce)}"' if nonce else ""
    return Markup(  # noqa: S704 - escaped in parts
        f'<script src="{escape(url)}" data-ready="{escape(url_of(Purpose.READY.endpoint))}"'
        f"{attribute} defer></script>"
    )


def send_script() -> Response:
    """Send the script; its URL has its version."""
    response = Response(_script(), mimetype="text/javascript")
    response.cache_control.public = True
    response.cache_control.max_age = _YEAR
    response.cache_control.immutable = True
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def report_ready() -> Response:
    """Say of each thumbnail that a page waits for whether it is ready, and where, or has failed.

    A token that we did not make, or an old one, counts as failed: asking again does not help.
    """
    tokens = request.args.getlist("of")
    if len(tokens) > _MOST:
        abort(400)
    response = jsonify([_look_up(token) for token in tokens])
    response.cache_control.no_store = True
    return response


def _look_up(token: str) -> dict[str, Any]:
    store, _, signed = token.partition("~")
    thumbnails = current_state().stores.get(unquote(store))
    found = thumbnails and thumbnails.ready_signer.read_token(signed)
    if not (thumbnails and found):
        return {"failed": True}
    wanted = thumbnails.wants.named(*found)
    if not wanted or not wanted.to_make:
        return {"failed": True}
    url = thumbnails.url(wanted)  # which puts it into the queue again if that has lost it
    if not url.stands_in:
        return {"url": str(url), "width": url.width, "height": url.height}
    return {"failed": True} if thumbnails.memory.get(wanted.key) else {}


@cache
def _script() -> bytes:
    return files("flask_thumbnails_s3").joinpath("static", "thumbnails.js").read_bytes()


@cache
def _version() -> str:
    return sha256(_script()).hexdigest()[:12]
