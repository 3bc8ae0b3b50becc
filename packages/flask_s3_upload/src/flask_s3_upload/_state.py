"""What the extension keeps of one app, in ``app.extensions``."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import Flask, current_app

from .exceptions import ConfigError

if TYPE_CHECKING:
    from ._background import Background
    from ._direct import Direct
    from ._extension import Uploads
    from ._places import Places

_KEY = "flask_s3_upload"


@dataclass(frozen=True)
class State:
    """The parts of the extension that belong to one app."""

    uploads: "Uploads"
    places: "Places"
    direct: "Direct"
    background: "Background"

    def attach(self, app: Flask) -> None:
        app.extensions[_KEY] = self


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
