"""The example app of the Flask S3 suite: it uses all packages, on disk or on S3."""

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
    storage,
    thumbnails,
    views,
)
from example_app.config import SettingError, all_settings, configure, data_folder
from example_app.models import db
from s3_saver.settings import ConfigError

__all__ = ["create_app"]


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Make the app, with its folder for data, and bring its database up to date.

    :param config: settings that go over those of the environment; README.md lists them. They may
        be settings of the extensions, too.
    :raises example_app.config.SettingError: a setting is missing or wrong.
    """
    try:
        return _make_app(all_settings(config or {}))
    except ConfigError as error:  # of an extension
        raise SettingError(str(error)) from error


def _make_app(settings: Mapping[str, Any]) -> Flask:
    # Files on disk are in the instance folder, as the extensions have it.
    app = Flask(__name__, instance_path=data_folder(settings))
    configure(app, settings)

    db.init_app(app)
    database.migrate.init_app(app)
    CSRFProtect(app)
    Babel(app)  # Flask-Admin's and Flask-Security's words go through it
    for part in (
        assets,
        accounts,
        storage,
        thumbnails,
        gallery,
        views,
        status,
        admin,
        errors,
        headers,
    ):
        part.register(app)
    assets.register_s3(app)  # knows the static folders of all of them

    database.prepare(app)
    return app
