"""What a deployment chooses: every ``UPLOADS_…`` key of ``app.config``, read once."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

from s3_saver import S3SaverError, S3Storage
from url_for_s3 import ArgumentError, S3Bucket

from .exceptions import ConfigError

_MIB = 1024 * 1024
MIN_PART_BYTES = 5 * _MIB  # S3's, for all parts but the last
MAX_WHOLE_BYTES = 5 * 1024 * _MIB  # S3's, for one request
_LONGEST_URL = 604_800  # seconds: S3's, for a signed URL
_S3 = "UPLOADS_S3_"  # no app has settings of its own that begin so
_WANTED = {
    "s3_bucket_name": "a bucket's name such as 'my-bucket', without 's3://' and a folder",
    "s3_prefix": "a folder in the bucket such as 'media', without '..' and the like",
    "s3_acl": "an ACL such as 'public-read'",
}

# Arguments of S3Storage that its errors name, and the settings that give them.
_ARGUMENTS = {"acl": "s3_acl", "endpoint_url": "s3_endpoint_url", "region": "s3_region"}

#: The environment of Open Event's storage: all three, or none counts.
ENVIRONMENT = {
    "s3_bucket_name": "BUCKET_NAME",
    "s3_access_key_id": "AWS_KEY",
    "s3_access_key_secret": "AWS_SECRET",
}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings by their names in lowercase, less ``UPLOADS_``. Sizes in bytes, times in
    seconds. README.md says what each is for.
    """

    storage: str = ""
    folder: str = ""
    url_prefix: str = "/uploads"
    domain: str = ""
    private: bool = False
    url_expires: int = 3600
    s3_cdn_domain: str = ""
    s3_bucket_name: str = ""
    s3_region: str = ""
    s3_endpoint_url: str = ""
    s3_url_style: str = "host"
    s3_access_key_id: str = ""
    s3_access_key_secret: str = field(default="", repr=False)
    s3_prefix: str = ""
    s3_acl: str = ""
    s3_direct_method: str = "POST"
    direct_expires: int = 3600
    token_max_age: int = 24 * 3600
    parts_above: int = 100_000_000
    part_bytes: int = 16 * _MIB
    spool_folder: str = ""
    background_workers: int = 4
    background_attempts: int = 5
    background_retry_delay: float = 1.0

    @classmethod
    def read(cls, config: Mapping[str, Any], instance_path: str) -> Self:
        """Read an app's config; what it leaves out comes from the environment or the defaults.

        :raises ConfigError: a value is of the wrong type, or does not go with another.
        """
        given = _from_environment()
        for setting in fields(cls):
            value = config.get(key_of(setting.name))
            if value is not None:
                given[setting.name] = _checked(setting.name, value, type(setting.default))
        defaults = {
            "folder": os.path.join(instance_path, "uploads"),
            "spool_folder": os.path.join(instance_path, "uploads-spool"),
            "storage": "s3" if given.get("s3_bucket_name") else "local",
        }
        for name, default in defaults.items():
            given[name] = given.get(name) or default
        settings = cls(**given)
        settings._check()
        settings._check_s3()
        _check_keys(config)
        return settings

    def _check(self) -> None:
        if self.storage not in ("local", "s3"):
            raise _wrong("storage", self.storage, "'local' or 's3'")
        if self.storage == "s3":
            self.require_bucket()
        if not re.fullmatch(r"(/[\w.~-]+)+/?", self.url_prefix):
            raise _wrong("url_prefix", self.url_prefix, "a path such as '/uploads'")
        if self.domain and not self.domain.startswith(("https://", "http://")):
            raise _wrong("domain", self.domain, "scheme and host, such as 'https://example.com'")
        for name in ("url_expires", "direct_expires"):
            if getattr(self, name) > _LONGEST_URL:
                raise _wrong(name, getattr(self, name), f"{_LONGEST_URL:,} or less, S3's most")
        if self.s3_url_style not in ("host", "path"):
            raise _wrong("s3_url_style", self.s3_url_style, "'host' or 'path'")
        if self.s3_direct_method not in ("POST", "PUT"):
            raise _wrong("s3_direct_method", self.s3_direct_method, "'POST' or 'PUT'")
        if bool(self.s3_access_key_id) != bool(self.s3_access_key_secret):
            raise ConfigError(
                "set UPLOADS_S3_ACCESS_KEY_ID and UPLOADS_S3_ACCESS_KEY_SECRET together, or"
                " neither: then the SDK finds credentials itself",
                setting="UPLOADS_S3_ACCESS_KEY_ID",
            )
        if self.private and self.s3_cdn_domain:
            raise ConfigError(
                "UPLOADS_PRIVATE and UPLOADS_S3_CDN_DOMAIN exclude each other: a CDN does not know"
                " S3's signatures; unset one of them",
                setting="UPLOADS_S3_CDN_DOMAIN",
            )
        if self.parts_above > MAX_WHOLE_BYTES:
            raise _wrong("parts_above", self.parts_above, f"{MAX_WHOLE_BYTES:,} or less, S3's most")
        if not MIN_PART_BYTES <= self.part_bytes <= MAX_WHOLE_BYTES:
            limits = f"{MIN_PART_BYTES:,} to {MAX_WHOLE_BYTES:,}, by S3's rule"
            raise _wrong("part_bytes", self.part_bytes, limits)

    def _check_s3(self) -> None:
        """Ask those who will use the values; nothing is asked of S3."""
        # Other stores than Amazon's take more names. The SDK reads these variables, too.
        set_elsewhere = any(map(os.environ.get, ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")))
        try:
            S3Bucket(
                self.s3_bucket_name or "any-bucket",
                region=self.s3_region,
                endpoint_url=self.s3_endpoint_url or ("http://localhost" if set_elsewhere else ""),
                cdn_domain=self.s3_cdn_domain,
                url_style=self.s3_url_style,
            )
        except ArgumentError as error:
            wanted = f"{error.rule}{error.hint}"
            raise _wrong(f"s3_{error.argument}", error.value, wanted) from error
        attempts: dict[str, Callable[[str], object]] = {
            "s3_bucket_name": S3Storage,
            "s3_prefix": lambda value: S3Storage("bucket", prefix=value),
            "s3_acl": lambda value: S3Storage("bucket", acl=value),
        }
        for name, attempt in attempts.items():
            if value := getattr(self, name):
                try:
                    attempt(value)
                except (ValueError, S3SaverError) as error:
                    raise _wrong(name, value, _WANTED[name]) from error

    def require_bucket(self) -> str:
        if not self.s3_bucket_name:
            raise ConfigError(
                "UPLOADS_S3_BUCKET_NAME is missing: set it to the bucket's name, or set"
                " UPLOADS_STORAGE = 'local' to keep files on disk",
                setting="UPLOADS_S3_BUCKET_NAME",
            )
        return self.s3_bucket_name


def key_of(field: str) -> str:
    """Give the key in ``app.config`` of a field."""
    return f"UPLOADS_{field.upper()}"


def in_settings(words: str) -> str:
    """Give an error's words with settings in place of arguments that only code sees."""
    arguments = "|".join(_ARGUMENTS).replace("region", "region(?==)")  # else it is a plain word
    return re.sub(rf"\b({arguments})\b", lambda found: key_of(_ARGUMENTS[found[0]]), words)


def _check_keys(config: Mapping[str, Any]) -> None:
    known = sorted(key for key in map(key_of, Settings.__annotations__) if key.startswith(_S3))
    for key in config:
        if key.startswith(_S3) and key not in known:
            raise ConfigError(f"{key} is no setting; there are {', '.join(known)}", setting=key)


def _from_environment() -> dict[str, Any]:
    found = {field: os.environ.get(name, "") for field, name in ENVIRONMENT.items()}
    return found if all(found.values()) else {}


def _checked(field: str, value: Any, kind: type) -> Any:
    if kind is str and isinstance(value, os.PathLike):
        return os.fspath(value)
    if kind is float and isinstance(value, int):
        return float(value)
    if type(value) is not kind:
        raise _wrong(field, value, f"of type {kind.__name__}")
    if isinstance(value, int | float) and not isinstance(value, bool) and value <= 0:
        raise _wrong(field, value, "positive")
    return value


def _wrong(field: str, value: object, wanted: str) -> ConfigError:
    key = key_of(field)
    shown = "wrong" if field.endswith("secret") else repr(value)
    return ConfigError(f"{key} is {shown}: it must be {wanted}", setting=key)
