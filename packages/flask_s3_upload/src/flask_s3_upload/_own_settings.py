"""The settings that are this package's own: their defaults, and how each kind is read."""

import os
import re
from collections.abc import Mapping
from typing import Any

from flask import Flask

from s3_saver import ArgumentError as StorageArgumentError
from s3_saver import S3Storage
from s3_saver.settings import SettingsReader

from ._store import Store
from .exceptions import ConfigError

_MIB = 1024 * 1024

#: Every own setting and its default; ``None`` where that depends on something else, such as a
#: shared setting, or on the name of the store.
DEFAULTS: dict[str, Any] = {
    "UPLOADS_USE_S3": None,
    "UPLOADS_FOLDER": None,
    "UPLOADS_URL_PREFIX": "/uploads",
    "UPLOADS_DOMAIN": "",
    "UPLOADS_PRIVATE": None,
    "UPLOADS_URL_EXPIRES": 3600,
    "UPLOADS_SERVE": "redirect",
    "UPLOADS_S3_BUCKET_NAME": None,
    "UPLOADS_S3_REGION": None,
    "UPLOADS_S3_ENDPOINT_URL": None,
    "UPLOADS_S3_PUBLIC_ENDPOINT_URL": None,
    "UPLOADS_S3_URL_STYLE": None,
    "UPLOADS_S3_ACCESS_KEY_ID": None,
    "UPLOADS_S3_ACCESS_KEY_SECRET": None,
    "UPLOADS_S3_PREFIX": "uploads",
    "UPLOADS_S3_ALLOWED_BUCKETS": [],
    "UPLOADS_S3_CDN_DOMAIN": None,
    "UPLOADS_S3_ACL": None,
    "UPLOADS_S3_CACHE_CONTROL": None,
    "UPLOADS_S3_STORAGE_CLASS": None,
    "UPLOADS_S3_SERVER_SIDE_ENCRYPTION": None,
    "UPLOADS_S3_KMS_KEY_ID": None,
    "UPLOADS_S3_TAGS": {},
    "UPLOADS_S3_RACES": None,
    "UPLOADS_S3_DIRECT_METHOD": "POST",
    "UPLOADS_S3_ALLOW_UNSIGNED_HEADERS": False,
    "UPLOADS_DIRECT_EXPIRES": 3600,
    "UPLOADS_TOKEN_MAX_AGE": 24 * 3600,
    "UPLOADS_PARTS_ABOVE": 100_000_000,
    "UPLOADS_PART_BYTES": 16 * _MIB,
    "UPLOADS_RECEIVE_TIMEOUT": 60,
    "UPLOADS_SPOOL_FOLDER": None,
    "UPLOADS_BACKGROUND_WORKERS": 4,
    "UPLOADS_BACKGROUND_ATTEMPTS": 5,
    "UPLOADS_BACKGROUND_RETRY_DELAY": 1.0,
    "UPLOADS_FROM_ENVIRONMENT": False,
}

#: How a permanent URL leads to its file.
REDIRECT, STREAM, ACCEL, SENDFILE = "redirect", "stream", "x-accel-redirect", "x-sendfile"
SERVE = (REDIRECT, STREAM, ACCEL, SENDFILE)

#: The environment of Open Event's storage, and what it stands for: all three, or none counts.
ENVIRONMENT = {
    "BUCKET_NAME": "S3_BUCKET_NAME",
    "AWS_KEY": "S3_ACCESS_KEY_ID",
    "AWS_SECRET": "S3_ACCESS_KEY_SECRET",
}


class OwnSettings:
    """Reads one store's own settings. They go by the keys that there are without stores, such as
    ``'UPLOADS_FOLDER'``; errors name the store's.
    """

    def __init__(self, app: Flask, store: Store) -> None:
        self._app = app
        self._store = store
        config: Mapping[str, Any] = app.config
        if not store.name:
            config = _with_environment(config)
        self.reader = SettingsReader(
            config,
            own=store.key("UPLOADS_S3_"),
            shared=[store.prefix],
            aliases={
                "USE_S3": [store.key("UPLOADS_USE_S3")],
                "S3_PRIVATE": [store.key("UPLOADS_PRIVATE")],
            },
            error=ConfigError,
        )
        if not store.name:
            self.reader.switch("UPLOADS_FROM_ENVIRONMENT", default=False)

    def text(self, key: str) -> str:
        return self.reader.text(self._store.key(key), DEFAULTS[key])

    def switch(self, key: str) -> bool:
        return self.reader.switch(self._store.key(key), default=DEFAULTS[key])

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        return self.reader.choice(self._store.key(key), allowed, DEFAULTS[key])

    def seconds(self, key: str, maximum: int | None = None) -> int:
        return self.reader.seconds(self._store.key(key), DEFAULTS[key], maximum=maximum)

    def integer(self, key: str, *, minimum: int = 1, maximum: int | None = None) -> int:
        return self.reader.integer(
            self._store.key(key), DEFAULTS[key], minimum=minimum, maximum=maximum
        )

    def number(self, key: str) -> float:
        return self.reader.number(self._store.key(key), DEFAULTS[key], minimum=0)

    def folder(self, key: str, name: str) -> str:
        """Return the path of a folder.

        :param name: the folder in the instance folder where none is set. An empty text is as if
            it were not set: no folder is the working directory.
        """
        root = self._app.instance_path
        return self.reader.path(self._store.key(key), name, root=root) or os.path.join(root, name)

    def s3_prefix(self, default: str) -> str:
        key = self._store.key("UPLOADS_S3_PREFIX")
        prefix = self.reader.text(key, default)
        try:
            S3Storage("bucket", prefix=prefix)
        except StorageArgumentError as error:
            raise self.reader.wrong(
                key, "a folder in the bucket such as 'media', without '..' and the like"
            ) from error
        return prefix.strip("/")

    def url_prefix(self, default: str) -> str:
        key = self._store.key("UPLOADS_URL_PREFIX")
        prefix = self.reader.text(key, default)
        if not re.fullmatch(r"(/[\w.~-]+)+/?", prefix):
            raise self.reader.wrong(key, "a path such as '/uploads'")
        return prefix

    def domain(self) -> str:
        domain = self.text("UPLOADS_DOMAIN")
        if domain and not re.fullmatch(r"https?://[^/?#@\s]+/?", domain):
            key = self._store.key("UPLOADS_DOMAIN")
            raise self.reader.wrong(key, "scheme and host, such as 'https://example.com'")
        return domain.rstrip("/")


def _with_environment(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the config with what the environment has, below it, if the app asks for that."""
    values = {name: os.environ.get(name, "") for name in ENVIRONMENT}
    wants = str(config.get("UPLOADS_FROM_ENVIRONMENT")).lower() in ("true", "1", "yes", "on")
    found = values if wants and all(values.values()) else {}
    of_app = {key: value for key, value in config.items() if value is not None}
    return {**{ENVIRONMENT[name]: value for name, value in found.items()}, **of_app}
