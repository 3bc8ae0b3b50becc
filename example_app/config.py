"""The app's settings: defaults, then the environment, then what the caller of ``create_app`` says.

README.md has them all in a table. The settings for S3 have the names that all packages read, and
each extension reads them by itself, so they are not here.
"""

import io
import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import click
from flask import Flask
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from example_app.storage import MAX_BYTES, MAX_PIXELS
from s3_saver import AlreadyExistsError, LocalStorage
from s3_saver.settings import SettingsReader

_MIN_PASSWORD = 12  # characters
_MIN_SECRET = 16  # characters

DEFAULTS: dict[str, Any] = {
    "STATIC_ON_S3": False,
    "THUMBNAIL_MODE": "inline",
    "THUMBNAIL_LEASE": 30,  # seconds
    "REDIS_URL": None,
    "CELERY_VISIBILITY_TIMEOUT": 120,  # seconds
    "BEHIND_HTTPS_PROXY": False,
    "ADMIN_EMAIL": "admin@example.com",
    "ADMIN_PASSWORD": None,
    "MAX_CONTENT_LENGTH": MAX_BYTES,  # of a request, and so of a picture
}

# Of extensions, the same for everybody who runs the app. Uploads are in the folder 'uploads' of the
# instance folder, or below that prefix in the bucket, and thumbnails in 'thumbnails', likewise.
_OF_EXTENSIONS: dict[str, Any] = {
    # Every picture that a form takes gets thumbnails.
    "THUMBNAIL_MAX_BYTES": MAX_BYTES,
    "THUMBNAIL_MAX_PIXELS": MAX_PIXELS,
    "THUMBNAIL_MAX_DECODED_PIXELS": MAX_PIXELS,
    "FLASKS3_PREFIX": "assets",  # the only folder in the bucket that is public
    "BOOTSTRAP_SERVE_LOCAL": True,
    "SESSION_COOKIE_NAME": "example_app",
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "REMEMBER_COOKIE_HTTPONLY": True,
    "REMEMBER_COOKIE_SAMESITE": "Lax",
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SINGLE_HASH": True,  # argon2 brings its own salt
    "SECURITY_PASSWORD_LENGTH_MIN": _MIN_PASSWORD,
    "SECURITY_RETURN_GENERIC_RESPONSES": True,  # they don't reveal who has an account
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_POST_LOGIN_VIEW": "admin.index",
    "SECURITY_POST_LOGOUT_VIEW": "site.home",
    "SECURITY_CHANGEABLE": True,
    "SECURITY_POST_CHANGE_VIEW": "admin.index",
    "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,  # the app sends no mail
    "SECURITY_CHANGE_URL": "/change-password",
}

# Variables of the environment, by the kind of their values.
SWITCHES = ("USE_S3", "S3_PRIVATE", "STATIC_ON_S3", "BEHIND_HTTPS_PROXY")
SECONDS = ("THUMBNAIL_LEASE", "CELERY_VISIBILITY_TIMEOUT")
TEXTS = (
    "S3_BUCKET_NAME",
    "S3_REGION",
    "S3_ENDPOINT_URL",
    "S3_PUBLIC_ENDPOINT_URL",
    "S3_URL_STYLE",
    "S3_ACCESS_KEY_ID",
    "S3_ACCESS_KEY_SECRET",
    "S3_ALLOWED_BUCKETS",
    "THUMBNAIL_MODE",
    "REDIS_URL",
    "DATA_FOLDER",
    "SECRET_KEY",
    "ADMIN_EMAIL",
    "ADMIN_PASSWORD",
)


class SettingError(click.ClickException, ValueError):
    """A setting is missing or wrong; the message names it and the fix.

    Commands, `flask`'s too, end with the message in place of a traceback.
    """


def all_settings(overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Return all settings, those of extensions too.

    :param overrides: settings that go over all others.
    :raises s3_saver.ConfigError: a variable of the environment has a value that makes no sense.
    """
    settings = {**DEFAULTS, **from_environment(os.environ), **overrides}
    https = settings["BEHIND_HTTPS_PROXY"]
    return {
        **_OF_EXTENSIONS,
        "SESSION_COOKIE_SECURE": https,
        "REMEMBER_COOKIE_SECURE": https,
        "FLASKS3_ACTIVE": settings["STATIC_ON_S3"],
        "THUMBNAIL_CACHE": settings["REDIS_URL"],
        **settings,
    }


def data_folder(settings: Mapping[str, Any]) -> str | None:
    """Return the path of DATA_FOLDER; ``None`` for Flask's own choice of an instance folder."""
    folder = settings.get("DATA_FOLDER")
    return os.path.abspath(folder) if folder else None


def configure(app: Flask, settings: Mapping[str, Any]) -> None:
    """Set and check an app's settings, and make the folder that its data goes to.

    :raises SettingError: one is missing or wrong; s3_saver.ConfigError likewise.
    """
    config = app.config
    config.from_mapping(settings)
    check(config)
    folder = app.instance_path
    make_folder(folder)
    config.setdefault("SQLALCHEMY_DATABASE_URI", f"sqlite:///{folder}/example_app.sqlite")
    check_database(config["SQLALCHEMY_DATABASE_URI"])
    make_private(config["SQLALCHEMY_DATABASE_URI"])
    config.setdefault(
        "SQLALCHEMY_ENGINE_OPTIONS", engine_options(config["SQLALCHEMY_DATABASE_URI"])
    )
    config["SECRET_KEY"] = config["SECRET_KEY"] or kept_secret(folder)


def from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """Read the settings that stand in the environment; an empty variable counts as absent.

    :raises s3_saver.ConfigError: a variable has a value that makes no sense.
    """
    reader = SettingsReader({name: value for name, value in environ.items() if value}, own="")
    settings: dict[str, Any] = {name: reader.text(name) for name in TEXTS if reader.is_set(name)}
    for name in filter(reader.is_set, SWITCHES):
        settings[name] = reader.switch(name, default=False)
    for name in filter(reader.is_set, SECONDS):
        settings[name] = reader.seconds(name, DEFAULTS[name])
    if url := environ.get("DATABASE_URL"):
        settings["SQLALCHEMY_DATABASE_URI"] = with_driver(url)
    return settings


def with_driver(database_url: str) -> str:
    """Let a database's URL, as hosters write it, name the driver that we require."""
    for plain in ("postgres://", "postgresql://"):
        if database_url.startswith(plain):
            return database_url.replace(plain, "postgresql+psycopg://", 1)
    return database_url


def engine_options(database_uri: str) -> dict[str, Any]:
    """Let connections notice that the database was restarted, and fail in bounded time."""
    if database_uri.startswith("sqlite"):
        return {"connect_args": {"timeout": 20}}  # seconds that a writer waits for another
    if database_uri.startswith("postgresql"):
        return {"pool_pre_ping": True, "connect_args": {"connect_timeout": 5}}
    return {"pool_pre_ping": True}


def check(config: Mapping[str, Any]) -> None:
    """Check the settings at the start, not in the middle of a request. The extensions check those
    for S3.

    :raises SettingError: a setting is missing or wrong; s3_saver.ConfigError likewise.
    """
    reader = SettingsReader(config, own="")
    if not reader.text("REDIS_URL", "redis://").startswith(("redis://", "rediss://")):
        raise reader.wrong("REDIS_URL", "a URL such as 'redis://localhost:6379/0'")
    for name, least in (("ADMIN_PASSWORD", _MIN_PASSWORD), ("SECRET_KEY", _MIN_SECRET)):
        if config[name] and len(config[name]) < least:
            raise SettingError(
                f"{name} has {len(config[name])} characters: use {least} or more, or leave it "
                "out for a random one."
            )
    if config["STATIC_ON_S3"] and not reader.text("S3_BUCKET_NAME"):
        raise reader.missing("S3_BUCKET_NAME", "STATIC_ON_S3 needs it; set it, or turn that off")


def make_folder(folder: str) -> None:
    """Make the folder for data, and try to write there.

    :raises SettingError: that cannot be done.
    """
    try:
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise SettingError(
            f"DATA_FOLDER is {folder!r}, where nothing can be written ({error.strerror}): name a "
            "folder that this user may write to."
        ) from error


def check_database(uri: str) -> None:
    """Find out whether there is a driver for this database; no error shows its password.

    :raises SettingError: there is none, or the database would be gone with its connection.
    """
    try:
        url = make_url(uri)
        url.get_dialect().import_dbapi()
    except NoSuchModuleError as error:
        raise SettingError(
            f"DATABASE_URL is for {uri.partition(':')[0]!r}, which SQLAlchemy does not know: begin "
            "it with 'postgresql://' or 'sqlite:///'."
        ) from error
    except ArgumentError as error:
        raise SettingError(
            "DATABASE_URL is no URL of a database: write it like 'postgresql://user:password@host"
            "/name', or leave it out for SQLite."
        ) from error
    except ImportError as error:
        raise SettingError(
            f"DATABASE_URL is for {url.drivername!r}, whose driver {error.name} is not installed: "
            "install it (for PostgreSQL, 'psycopg[binary]')."
        ) from error
    in_memory = not url.database or ":memory:" in url.database or url.query.get("mode") == "memory"
    if url.get_backend_name() == "sqlite" and in_memory:
        raise SettingError(
            f"DATABASE_URL is {uri!r}, a database in memory, gone with its last connection:"
            " write it like 'sqlite:////srv/example/database.sqlite', or leave it out."
        )


def make_private(database_uri: str) -> None:
    """If a database is a file, keep it for its owner alone; it is made if it is not there yet.

    SQLite lets everybody on the machine read the files that it makes.
    """
    url = make_url(database_uri)
    if url.get_backend_name() != "sqlite" or not url.database or "uri" in url.query:
        return
    with suppress(OSError):  # it cannot be made: connecting reports that
        os.close(os.open(url.database, os.O_CREAT | os.O_WRONLY, 0o600))
        os.chmod(url.database, 0o600)


def kept_secret(folder: str) -> str:
    """Return the key of this folder's app. The first start makes it; only its owner can read it.

    Forms and sessions stay valid after a restart, and processes that share the folder share the
    key. The first process wins.
    """
    storage = LocalStorage(folder, permission=0o600)
    name = "secret_key"
    if not storage.exists(name):
        with suppress(AlreadyExistsError):  # another process was faster
            storage.save(name, io.BytesIO(secrets.token_hex().encode()), overwrite=False)
    with suppress(PermissionError):  # another user's, who keeps it
        os.chmod(os.path.join(folder, name), 0o600)
    with storage.open(name) as file:
        return file.read().decode()
