"""What the extension keeps of one app, in ``app.extensions``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from s3_saver import Storages, StoredFile

from ._arguments import check_type
from ._background import Background
from ._migrate import Model
from ._settings import Settings
from ._tokens import Signer
from ._user import CurrentUser
from .direct._direct import Direct
from .exceptions import ConfigError

_KEY = "flask_s3_upload"
BLUEPRINT = "uploads"


@dataclass(frozen=True)
class State:
    """The parts of the extension that belong to one app."""

    settings: Settings
    signer: Signer
    storages: Storages
    direct: Direct
    background: Background
    user: CurrentUser
    models: dict[str, Model]
    authorize_read: Callable[[StoredFile], bool] | None

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
    """Return that of the current app.

    :raises ConfigError: the app lacks the extension.
    """
    try:
        return cast("State", current_app.extensions[_KEY])
    except KeyError:
        raise ConfigError(
            "this app has no uploads: call Uploads(app), or uploads.init_app(app) in its factory"
        ) from None
