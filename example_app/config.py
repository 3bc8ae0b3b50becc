"""The app's settings: defaults, then the environment, then what the caller of ``create_app`` says.

README.md has them all in a table. What they mean for each extension is in :mod:`.wiring`.
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

from example_app.wiring import MIN_PASSWORD, url_options
from s3_saver import AlreadyExistsError, LocalStorage
from url_for_s3 import ArgumentError as WrongArgumentError
from url_for_s3 import url_for_s3

DEFAULTS: dict[str, Any] = {
    "USE_S3": False,
    "S3_BUCKET_NAME": None,
    "S3_REGION": None,
    "S3_ENDPOINT_URL": None,
    "S3_URL_STYLE": "host",
    "S3_ACCESS_KEY_ID": None,
    "S3_ACCESS_KEY_SECRET": None,
    "S3_PRIVATE": True,
    "STATIC_ON_S3": False,
    "THUMBNAIL_MODE": "inline",
    "THUMBNAIL_LEASE": 30,  # seconds
    "REDIS_URL": None,
    "CELERY_VISIBILITY_TIMEOUT": 120,  # seconds
    "BEHIND_HTTPS_PROXY": False,
    "ADMIN_EMAIL": "admin@example.com",
    "ADMIN_PASSWORD": None,
    "MAX_CONTENT_LENGTH": 16_000_000,  # bytes of a request, and so of a picture
    "MAX_PICTURE_PIXELS": 50_000_000,
}

_FLAGS = ("USE_S3", "S3_PRIVATE", "STATIC_ON_S3", "BEHIND_HTTPS_PROXY")
_SECONDS = ("THUMBNAIL_LEASE", "CELERY_VISIBILITY_TIMEOUT")
_TEXTS = (
    "S3_BUCKET_NAME",
    "S3_REGION",
    "S3_ENDPOINT_URL",
    "S3_URL_STYLE",
    "S3_ACCESS_KEY_ID",
    "S3_ACCESS_KEY_SECRET",
    "THUMBNAIL_MODE",
    "REDIS_URL",
    "DATA_FOLDER",
    "SECRET_KEY",
    "ADMIN_EMAIL",
    "ADMIN_PASSWORD",
)


# What url_for_s3 calls the settings of the same meaning.
_OF_URLS = {
    "bucket_name": "S3_BUCKET_NAME",
    "region": "S3_REGION",
    "endpoint_url": "S3_ENDPOINT_URL",
    "url_style": "S3_URL_STYLE",
}
_MIN_SECRET = 16  # characters


class SettingError(click.ClickException, ValueError):
    """A setting is missing or wrong; the message names it and the fix.

    Commands, `flask`'s too, end with the message in place of a traceback.
    """


def configure(app: Flask, overrides: Mapping[str, Any]) -> None:
    """Give *app* its settings, check them, and make the folder that its data goes to.

    :raises SettingError: one is missing or wrong.
    """
    config = app.config
    config.from_mapping(DEFAULTS)
    config.from_mapping(from_environment(os.environ))
    config.from_mapping(overrides)
    check(config)

    folder = os.path.abspath(config.setdefault("DATA_FOLDER", app.instance_path))
    make_folder(folder)
    # A picture has one path everywhere: static/uploads/thingy/… is below this folder, in the app's
    # URLs and in the bucket.
    config["STATIC_ROOT_PARENT"] = folder
    config["UPLOADS_FOLDER"] = os.path.join(folder, "static", "uploads")
    config["THUMBNAILS_FOLDER"] = os.path.join(folder, "static", "thumbnails")
    config.setdefault("SQLALCHEMY_DATABASE_URI", f"sqlite:///{folder}/example_app.sqlite")
    check_database(config["SQLALCHEMY_DATABASE_URI"])
    config.setdefault(
        "SQLALCHEMY_ENGINE_OPTIONS", engine_options(config["SQLALCHEMY_DATABASE_URI"])
    )
    config["SECRET_KEY"] = config["SECRET_KEY"] or kept_secret(folder)


def from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """Read the settings that stand in the environment; an empty variable counts as absent.

    :raises SettingError: a variable has a value that makes no sense.
    """
    settings: dict[str, Any] = {name: environ[name] for name in _TEXTS if environ.get(name)}
    settings |= {name: _read_flag(name, environ[name]) for name in _FLAGS if environ.get(name)}
    settings |= {name: _read_seconds(name, environ[name]) for name in _SECONDS if environ.get(name)}
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
    """Let connections find out that the database has started anew, and give up in bounded time."""
    if database_uri.startswith("sqlite"):
        return {"connect_args": {"timeout": 20}}  # seconds that a writer waits for another
    if database_uri.startswith("postgresql"):
        return {"pool_pre_ping": True, "connect_args": {"connect_timeout": 5}}
    return {"pool_pre_ping": True}


def check(config: Mapping[str, Any]) -> None:
    """Find now what would otherwise fail in the middle of a request.

    :raises SettingError: a setting is missing or wrong.
    """
    keys = ("S3_ACCESS_KEY_ID", "S3_ACCESS_KEY_SECRET")
    missing = [name for name in keys if not config[name]]
    if len(missing) == 1:
        raise SettingError(f"{missing[0]} is not set: set {keys[0]} and {keys[1]}, or neither.")
    if (url := config["REDIS_URL"]) and not url.startswith(("redis://", "rediss://")):
        raise SettingError(f"REDIS_URL is {url!r}: set it to such as 'redis://localhost:6379/0'.")
    for name, least in (("ADMIN_PASSWORD", MIN_PASSWORD), ("SECRET_KEY", _MIN_SECRET)):
        if config[name] and len(config[name]) < least:
            raise SettingError(
                f"{name} has {len(config[name])} characters: give it {least} or more, or leave it "
                "out for a random one."
            )
    if config["STATIC_ON_S3"] and not config["S3_BUCKET_NAME"]:
        raise SettingError("STATIC_ON_S3 is on, but S3_BUCKET_NAME is not set: name your bucket.")
    if config["S3_URL_STYLE"] not in ("host", "path"):
        raise SettingError(
            f"S3_URL_STYLE is {config['S3_URL_STYLE']!r}: set it to 'host', or to 'path' for a "
            "server that does not know buckets by their host names."
        )
    if config["S3_BUCKET_NAME"]:
        try:
            url_for_s3("", config["S3_BUCKET_NAME"], filename="any", **url_options(config))
        except WrongArgumentError as error:
            raise SettingError(
                f"{_OF_URLS[error.argument]} must be {error.rule}, got {error.value!r}{error.hint}."
            ) from error
    if not config["USE_S3"]:
        return
    if not config["S3_BUCKET_NAME"]:
        raise SettingError("USE_S3 is on, but S3_BUCKET_NAME is not set: name your bucket.")
    if config["S3_PRIVATE"] and not (config["S3_REGION"] or config["S3_ENDPOINT_URL"]):
        raise SettingError(
            "S3_PRIVATE is on, but S3_REGION is not set: URLs are signed for the bucket's own "
            "region, such as 'eu-north-1'."
        )


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
    """Find out whether there is a driver for this database; its password is not told.

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


def kept_secret(folder: str) -> str:
    """Give the key of this folder's app; the first start makes it, for its owner's eyes only.

    It outlives restarts, so that forms and sessions do, and processes that share the folder share
    it. Whoever starts first wins.
    """
    storage = LocalStorage(folder, permission=0o600)
    name = "secret_key"
    if not storage.exists(name):
        with suppress(AlreadyExistsError):  # another process was faster
            storage.save(name, io.BytesIO(secrets.token_hex().encode()), overwrite=False)
    with storage.open(name) as file:
        return file.read().decode()


def _read_flag(name: str, value: str) -> bool:
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off"}:
        return False
    raise SettingError(f"{name} is {value!r}, neither on nor off: set it to 1 or 0.")


def _read_seconds(name: str, value: str) -> int:
    if value.isdecimal() and int(value) > 0:
        return int(value)
    raise SettingError(f"{name} is {value!r}: set it to a number of seconds, 1 or more.")
