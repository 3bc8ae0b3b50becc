"""What the extension knows of an app, and whether it is active."""

from dataclasses import dataclass

from flask import Flask

from .._settings import Settings
from ..exceptions import S3StaticError
from ._manifest import Manifest
from ._urls import StaticUrls

NAME = "flask_s3_static"


@dataclass(frozen=True)
class State:
    """What the extension knows of one app."""

    settings: Settings
    urls: StaticUrls


def state_of(app: Flask) -> State:
    """Return what the extension knows of an app.

    :raises S3StaticError: it was not initialised.
    """
    try:
        state: State = app.extensions[NAME]
    except KeyError:
        raise S3StaticError(
            f"app {app.name!r} has no FlaskS3: call FlaskS3(app), or init_app(app)"
        ) from None
    return state


def is_active(app: Flask) -> bool:
    """Report whether ``url_for`` leads to the bucket.

    Debug and testing are often switched on after the extension was initialised, so this asks each
    time; it changes nothing.
    """
    config = app.config
    if config["DEBUG"] and not config["FLASKS3_DEBUG"]:
        return False
    if config["TESTING"] and not config["FLASKS3_OVERRIDE_TESTING"]:
        return False
    return bool(config["FLASKS3_ACTIVE"])


def use_manifest(app: Flask, manifest: Manifest) -> None:
    """Let the URLs of an app go by a manifest from now on, if it makes URLs by one."""
    if (state := app.extensions.get(NAME)) and state.settings.hashed_names:
        state.urls.use(manifest)
