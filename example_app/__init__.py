"""The example app of the Flask S3 suite: one picture, on disk or on S3, by the same code."""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_bootstrap import Bootstrap5
from flask_wtf import CSRFProtect

from example_app import errors, thumbnails, views
from example_app.config import configure
from example_app.models import db

__all__ = ["create_app"]


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Make the app, with its folder for data and its tables.

    :param config: settings that go over those of the environment; README.md lists them.
    :raises example_app.config.SettingError: a setting is missing or wrong.
    :raises flask_thumbnails_s3.ConfigError: a setting for thumbnails is wrong.
    """
    app = Flask(__name__)
    configure(app, config or {})

    Bootstrap5(app)
    CSRFProtect(app)
    db.init_app(app)
    thumbnails.register(app)
    app.register_blueprint(views.bp)
    errors.register(app)

    with app.app_context():
        db.create_all()
    return app
