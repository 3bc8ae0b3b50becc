"""The settings: what stands in ``app.config``, checked once, as one frozen value."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from flask import Flask

from s3_saver import ArgumentError as StorageArgumentError
from s3_saver import S3Storage
from s3_saver.settings import S3Settings, SettingsReader
from url_for_s3 import ArgumentError, S3Bucket

from ._cloudfront import check_cloudfront
from .exceptions import ConfigError

_MIB = 1024 * 1024
MIN_PART_BYTES = 5 * _MIB  # S3's, for all parts but the last
MAX_WHOLE_BYTES = 5 * 1024 * _MIB  # S3's, in one request
_LONGEST_URL = 604_800  # seconds, S3's

#: Every own setting and its default; ``None`` where that depends on something else, such as a
#: shared setting.
DEFAULTS: dict[str, Any] = {
    "UPLOADS_USE_S3": None,
    "UPLOADS_FOLDER": None,
    "UPLOADS_URL_PREFIX": "/uploads",
    "UPLOADS_DOMAIN": "",
    "UPLOADS_PRIVATE": None,
    "UPLOADS_URL_EXPIRES": 3600,
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

#: The environment of Open Event's storage, and what it stands for: all three, or none counts.
ENVIRONMENT = {
    "BUCKET_NAME": "S3_BUCKET_NAME",
    "AWS_KEY": "S3_ACCESS_KEY_ID",
    "AWS_SECRET": "S3_ACCESS_KEY_SECRET",
}

_FOLDERS = {"UPLOADS_FOLDER": "uploads", "UPLOADS_SPOOL_FOLDER": "uploads-spool"}

_OWN = "UPLOADS_S3_"
_ALIASES = {"USE_S3": ["UPLOADS_USE_S3"], "S3_PRIVATE": ["UPLOADS_PRIVATE"]}

# Shared settings that have no own key here.
_OTHERS = ("S3_CLOUDFRONT_KEY_ID", "S3_CLOUDFRONT_PRIVATE_KEY", "S3_PRIVATE")

# Arguments of S3Bucket and S3Storage, and the settings that give them.
_ARGUMENTS = {
    "bucket_name": "S3_BUCKET_NAME",
    "cdn_domain": "S3_CDN_DOMAIN",
    "endpoint_url": "S3_ENDPOINT_URL",
    "public_endpoint_url": "S3_PUBLIC_ENDPOINT_URL",
    "region": "S3_REGION",
    "url_style": "S3_URL_STYLE",
    "prefix": "UPLOADS_S3_PREFIX",
}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings by their names in lowercase, less ``UPLOADS_``. Sizes in bytes, times in
    seconds. README.md says what each is for.

    :param s3: where S3 is, and whether new files go there and are private.
    :param keys: the key that each argument of a storage is from, for errors.
    """

    s3: S3Settings
    folder: str
    url_prefix: str
    domain: str
    url_expires: int
    s3_prefix: str
    s3_direct_method: str
    s3_allow_unsigned_headers: bool
    direct_expires: int
    token_max_age: int
    parts_above: int
    part_bytes: int
    receive_timeout: int
    spool_folder: str
    background_workers: int
    background_attempts: int
    background_retry_delay: float

    @classmethod
    def from_app(cls, app: Flask) -> Self:
        """Read and check the settings of an app; nothing is asked of S3.

        :raises ConfigError: one is wrong, does not go with another, or is not a setting.
        """
        reader = SettingsReader(
            _with_environment(app.config),
            own=_OWN,
            shared=["UPLOADS_"],
            aliases=_ALIASES,
            error=ConfigError,
        )
        reader.switch("UPLOADS_FROM_ENVIRONMENT", default=False)
        s3 = S3Settings.read(reader)
        _check_addresses(reader, s3)
        check_cloudfront(reader, s3)
        settings = cls(
            s3=s3,
            folder=_folder(reader, "UPLOADS_FOLDER", app),
            url_prefix=_url_prefix(reader),
            domain=_domain(reader),
            url_expires=_seconds(reader, "UPLOADS_URL_EXPIRES", _LONGEST_URL),
            s3_prefix=_prefix(reader),
            s3_direct_method=reader.choice("UPLOADS_S3_DIRECT_METHOD", ("POST", "PUT"), "POST"),
            s3_allow_unsigned_headers=reader.switch(
                "UPLOADS_S3_ALLOW_UNSIGNED_HEADERS", default=False
            ),
            direct_expires=_seconds(reader, "UPLOADS_DIRECT_EXPIRES", _LONGEST_URL),
            token_max_age=_seconds(reader, "UPLOADS_TOKEN_MAX_AGE"),
            parts_above=_integer(reader, "UPLOADS_PARTS_ABOVE", maximum=MAX_WHOLE_BYTES),
            part_bytes=_integer(
                reader, "UPLOADS_PART_BYTES", minimum=MIN_PART_BYTES, maximum=MAX_WHOLE_BYTES
            ),
            receive_timeout=_seconds(reader, "UPLOADS_RECEIVE_TIMEOUT"),
            spool_folder=_folder(reader, "UPLOADS_SPOOL_FOLDER", app),
            background_workers=_integer(reader, "UPLOADS_BACKGROUND_WORKERS"),
            background_attempts=_integer(reader, "UPLOADS_BACKGROUND_ATTEMPTS"),
            background_retry_delay=reader.number(
                "UPLOADS_BACKGROUND_RETRY_DELAY",
                DEFAULTS["UPLOADS_BACKGROUND_RETRY_DELAY"],
                minimum=0,
            ),
        )
        _refuse_without_effect(reader, s3, app.config)
        reader.check_keys()
        return settings

    @property
    def private(self) -> bool:
        return self.s3.private

    def bucket(self, storage: S3Storage) -> S3Bucket:
        """Return where a bucket answers, by the settings or by what the SDK finds.

        :raises ConfigError: these do not go together.
        """
        try:
            return _bucket(self.s3, storage.bucket_name, storage.region, storage.endpoint_url)
        except ArgumentError as error:
            key = self.key_of(error.argument)
            message = f"{key} must be {error.rule}, got {error.value!r}{error.hint}"
            raise ConfigError(message, setting=key) from error

    def require_region(self, address: S3Bucket) -> None:
        """Raise ConfigError unless what is signed for a bucket can be: Amazon's has a region."""
        if not (address.region or address.endpoint_url or address.public_endpoint_url):
            key = self.key_of("region")
            raise ConfigError(
                f"{key} is missing: private URLs and direct uploads are signed for the region of"
                f" the bucket {address.bucket_name!r}; set it, such as 'eu-north-1', or set"
                " AWS_DEFAULT_REGION in the environment",
                setting=key,
            )

    def key_of(self, argument: str) -> str:
        """Return the key of the setting that gives an argument of a storage or bucket."""
        return self.s3.keys.get(argument) or _ARGUMENTS.get(argument, "")

    def in_settings(self, error: Exception) -> str:
        """Return the message of a storage's error, by the setting for an argument that it names."""
        argument = getattr(error, "argument", "")
        if getattr(error, "problem", "") and (key := self.key_of(argument)):
            return f"{error.problem}; check {key}"  # type: ignore[attr-defined]
        return str(error)


def _with_environment(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the config with what the environment has, below it, if the app asks for that."""
    values = {name: os.environ.get(name, "") for name in ENVIRONMENT}
    wants = str(config.get("UPLOADS_FROM_ENVIRONMENT")).lower() in ("true", "1", "yes", "on")
    found = values if wants and all(values.values()) else {}
    of_app = {key: value for key, value in config.items() if value is not None}
    return {**{ENVIRONMENT[name]: value for name, value in found.items()}, **of_app}


def _bucket(
    s3: S3Settings, bucket_name: str, region: str | None, endpoint_url: str | None
) -> S3Bucket:
    return S3Bucket.from_settings(
        s3, bucket_name=bucket_name, region=region, endpoint_url=endpoint_url
    )


def _check_addresses(reader: SettingsReader, s3: S3Settings) -> None:
    """Ask those who will use the values, so that the app is refused and not its first URL."""
    # Other stores than Amazon's take more names. The SDK reads these variables, too.
    is_elsewhere = any(map(os.environ.get, ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")))
    endpoint_url = s3.endpoint_url or ("http://localhost" if is_elsewhere else "")
    try:
        _bucket(s3, s3.bucket_name or "any-bucket", s3.region or None, endpoint_url or None)
    except ArgumentError as error:
        raise reader.blame(error, _ARGUMENTS) from error


def _refuse_without_effect(
    reader: SettingsReader, s3: S3Settings, config: Mapping[str, Any]
) -> None:
    """Refuse own settings that nothing would follow."""
    for key in _OTHERS:
        if config.get(own := reader.keys_of(key)[0]) is not None:
            fix = "set UPLOADS_PRIVATE" if key == "S3_PRIVATE" else "leave it out"
            raise ConfigError(f"{own} is not a setting: {fix}", setting=own)
    cdn = reader.keys_of("S3_CDN_DOMAIN")[0]
    if s3.private and s3.cdn_domain and not s3.cloudfront and reader.key_of("S3_CDN_DOMAIN") == cdn:
        raise ConfigError(
            f"{cdn} has no use while files are private, as a CDN does not know S3's signatures:"
            " leave it out, set S3_CLOUDFRONT_PRIVATE_KEY, or set UPLOADS_PRIVATE = False",
            setting=cdn,
        )


def _prefix(reader: SettingsReader) -> str:
    key = "UPLOADS_S3_PREFIX"
    prefix = reader.text(key, DEFAULTS[key])
    try:
        S3Storage("bucket", prefix=prefix)
    except StorageArgumentError as error:
        raise reader.wrong(
            key, "a folder in the bucket such as 'media', without '..' and the like"
        ) from error
    return prefix.strip("/")


def _folder(reader: SettingsReader, key: str, app: Flask) -> str:
    # An empty text is as if it were not set: no folder is the working directory.
    name = _FOLDERS[key]
    path = reader.path(key, name, root=app.instance_path)
    return path or os.path.join(app.instance_path, name)


def _url_prefix(reader: SettingsReader) -> str:
    key = "UPLOADS_URL_PREFIX"
    prefix = reader.text(key, DEFAULTS[key])
    if not re.fullmatch(r"(/[\w.~-]+)+/?", prefix):
        raise reader.wrong(key, "a path such as '/uploads'")
    return prefix


def _domain(reader: SettingsReader) -> str:
    key = "UPLOADS_DOMAIN"
    domain = reader.text(key)
    if domain and not re.fullmatch(r"https?://[^/?#@\s]+/?", domain):
        raise reader.wrong(key, "scheme and host, such as 'https://example.com'")
    return domain.rstrip("/")


def _seconds(reader: SettingsReader, key: str, maximum: int | None = None) -> int:
    return reader.seconds(key, DEFAULTS[key], maximum=maximum)


def _integer(
    reader: SettingsReader, key: str, *, minimum: int = 1, maximum: int | None = None
) -> int:
    return reader.integer(key, DEFAULTS[key], minimum=minimum, maximum=maximum)
