"""The extension's URLs: files, the ES module, and the direct upload's questions."""

import os

from flask import Blueprint, Response, send_from_directory

from ._names import OWN_URLS
from ._serve import permanent, serve
from ._state import BLUEPRINT
from .direct._routes import make_direct_blueprint

_STATIC = os.path.join(os.path.dirname(__file__), "static")


def make_blueprint(url_prefix: str) -> Blueprint:
    """Make the blueprint ``uploads``."""
    blueprint = Blueprint(BLUEPRINT, __name__, url_prefix=url_prefix)
    blueprint.add_url_rule("/<path:name>", view_func=serve)
    blueprint.add_url_rule(f"/{OWN_URLS}stored/<token>/<filename>", view_func=permanent)
    blueprint.add_url_rule(f"/{OWN_URLS}direct-upload.js", view_func=module)
    blueprint.register_blueprint(make_direct_blueprint())
    return blueprint


def module() -> Response:
    """The browser's side."""
    response = send_from_directory(_STATIC, "direct-upload.js", mimetype="text/javascript")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
