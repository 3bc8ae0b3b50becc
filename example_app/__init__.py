"""The example app of the Flask S3 suite: all its packages at work, on disk or on S3."""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_babel import Babel  # type: ignore[import-untyped]
from flask_wtf import CSRFProtect

from example_app import (
    accounts,
    admin,
    assets,
    database,
    errors,
    gallery,
    headers,
    status,
    thumbnails,
    views,
)
from example_app.config import configure
from example_app.models import db
from example_app.wiring import wire

__all__ = ["create_app"]


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Make the app, with its folder for data, and bring its database up to date.

    :param config: settings that go over those of the environment; README.md lists them. Those of
        the extensions are taken, too.
    :raises example_app.config.SettingError: a setting is missing or wrong.
    :raises flask_thumbnails_s3.ConfigError: a setting for thumbnails is wrong.
    """
    # /static is where uploads are, on disk as on S3; the app's own assets are at /assets.
    app = Flask(__name__, static_folder=None, static_url_path="/static")
    overrides = config or {}
    configure(app, overrides)
    wire(app, overrides)

    db.init_app(app)
    database.migrate.init_app(app)
    CSRFProtect(app)
    Babel(app)  # Flask-Admin's and Flask-Security's words go through it
    for room in (assets, accounts, thumbnails, gallery, views, status, admin, errors, headers):
        room.register(app)
    assets.register_s3(app)  # knows the static folders of all of them

    database.prepare(app)
    return app
