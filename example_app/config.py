"""The app's settings: defaults, then the environment, then what the caller of ``create_app`` says.

README.md has them all in a table.
"""

import os
import secrets
from collections.abc import Mapping
from typing import Any

from flask import Flask

DEFAULTS: dict[str, Any] = {
    "USE_S3": False,
    "S3_BUCKET_NAME": None,
    "S3_REGION": None,
    "S3_ENDPOINT_URL": None,
    "S3_ACCESS_KEY_ID": None,
    "S3_ACCESS_KEY_SECRET": None,
    "S3_SESSION_TOKEN": None,
    "S3_PRIVATE": True,
    "THUMBNAIL_MODE": "inline",
    "MAX_CONTENT_LENGTH": 16 * 1024**2,  # bytes of a request, and so of a picture
    "MAX_PICTURE_PIXELS": 50_000_000,
    "BOOTSTRAP_SERVE_LOCAL": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
}

_FLAGS = ("USE_S3", "S3_PRIVATE")
_TEXTS = (
    "S3_BUCKET_NAME",
    "S3_REGION",
    "S3_ENDPOINT_URL",
    "S3_ACCESS_KEY_ID",
    "S3_ACCESS_KEY_SECRET",
    "S3_SESSION_TOKEN",
    "THUMBNAIL_MODE",
    "DATA_FOLDER",
    "SECRET_KEY",
)


class SettingError(ValueError):
    """A setting is missing or wrong; the message names it and the fix."""


def configure(app: Flask, overrides: Mapping[str, Any]) -> None:
    """Give *app* its settings, check them, and make the folder that its data goes to."""
    config = app.config
    config.from_mapping(DEFAULTS)
    config.from_mapping(from_environment(os.environ))
    config.from_mapping(overrides)
    check(config)

    folder = os.path.abspath(config.setdefault("DATA_FOLDER", app.instance_path))
    os.makedirs(folder, exist_ok=True)
    # A picture has one path everywhere: static/uploads/thingy/… is below this folder, in the app's
    # URLs and in the bucket.
    config["STATIC_ROOT_PARENT"] = folder
    config["UPLOADS_FOLDER"] = os.path.join(folder, "static", "uploads")
    config.setdefault("SQLALCHEMY_DATABASE_URI", f"sqlite:///{folder}/example_app.sqlite")
    config["SECRET_KEY"] = config["SECRET_KEY"] or secrets.token_hex()


def from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """Read the settings that stand in the environment; an empty variable counts as absent.

    :raises SettingError: a variable has a value that makes no sense.
    """
    settings: dict[str, Any] = {name: environ[name] for name in _TEXTS if environ.get(name)}
    settings |= {name: _read_flag(name, environ[name]) for name in _FLAGS if environ.get(name)}
    if url := environ.get("DATABASE_URL"):
        settings["SQLALCHEMY_DATABASE_URI"] = url
    return settings


def check(config: Mapping[str, Any]) -> None:
    """Find now what would otherwise fail in the middle of a request.

    :raises SettingError: a setting is missing.
    """
    if bool(config["S3_ACCESS_KEY_ID"]) != bool(config["S3_ACCESS_KEY_SECRET"]):
        raise SettingError("Set S3_ACCESS_KEY_ID and S3_ACCESS_KEY_SECRET together, or neither.")
    if not config["USE_S3"]:
        return
    if not config["S3_BUCKET_NAME"]:
        raise SettingError("USE_S3 is on, but S3_BUCKET_NAME is not set: name your bucket.")
    if config["S3_PRIVATE"] and not (config["S3_REGION"] or config["S3_ENDPOINT_URL"]):
        raise SettingError(
            "S3_PRIVATE is on, but S3_REGION is not set: URLs are signed for the bucket's own "
            "region, such as 'eu-north-1'."
        )


def _read_flag(name: str, value: str) -> bool:
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off"}:
        return False
    raise SettingError(f"{name} is {value!r}, neither on nor off: set it to 1 or 0.")
