"""The extension's URLs: files, the ES module, and the direct upload's questions."""

import os

from flask import Blueprint, Response, send_from_directory

from ._names import OWN_URLS
from ._store import Store
from .direct._routes import make_direct_blueprint
from .serving._serve import permanent, serve

_STATIC = os.path.join(os.path.dirname(__file__), "static")
_MODULE = "direct-upload.js"


def make_blueprint(store: Store, url_prefix: str) -> Blueprint:
    """Make the blueprint of a store, ``uploads`` for the only one."""
    blueprint = Blueprint(store.blueprint, __name__, url_prefix=url_prefix)
    blueprint.add_url_rule("/<path:name>", view_func=serve)
    blueprint.add_url_rule(f"/{OWN_URLS}stored/<token>/<filename>", view_func=permanent)
    blueprint.add_url_rule(f"/{OWN_URLS}{_MODULE}", view_func=module)
    blueprint.add_url_rule(f"/{OWN_URLS}direct-upload/<name>", view_func=module_part)
    blueprint.register_blueprint(make_direct_blueprint())
    return blueprint


def module() -> Response:
    """Send the ES module."""
    return _script(_MODULE)


def module_part(name: str) -> Response:
    """Send what the module imports, by addresses relative to its own."""
    return _script(f"direct-upload/{name}")


def _script(path: str) -> Response:
    # Always asked for again, which costs a 304: modules of two versions do not go together.
    response = send_from_directory(_STATIC, path, mimetype="text/javascript", max_age=0)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
