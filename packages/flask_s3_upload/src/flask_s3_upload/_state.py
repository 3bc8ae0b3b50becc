"""What the extension keeps of one app, in ``app.extensions``."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import Flask, current_app

from ._checks import check_type
from .exceptions import ConfigError

if TYPE_CHECKING:
    from ._background import Background
    from ._direct import Direct
    from ._extension import Uploads
    from ._places import Places

_KEY = "flask_s3_upload"
BLUEPRINT = "uploads"


@dataclass(frozen=True)
class State:
    """The parts of the extension that belong to one app."""

    uploads: "Uploads"
    places: "Places"
    direct: "Direct"
    background: "Background"

    def attach(self, app: Flask) -> None:
        app.extensions[_KEY] = self


def check_app(app: Flask) -> None:
    """Raise unless the extension can be set up on an app."""
    check_type("app", app, Flask, "a Flask app")
    if _KEY in app.extensions:
        raise ConfigError(
            "this app has its uploads already: call Uploads(app), or Uploads() and then"
            " uploads.init_app(app), once"
        )
    if BLUEPRINT in app.blueprints:
        raise ConfigError(
            f"this app has a blueprint {BLUEPRINT!r} of its own, which is the name of the"
            " extension's: give yours another"
        )


def current_state() -> State:
    """Give that of the current app.

    :raises ConfigError: the app lacks the extension.
    """
    try:
        return cast("State", current_app.extensions[_KEY])
    except KeyError:
        raise ConfigError(
            "this app has no uploads: call Uploads(app), or uploads.init_app(app) in its factory"
        ) from None
