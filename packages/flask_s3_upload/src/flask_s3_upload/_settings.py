"""What a deployment chooses: every ``UPLOADS_…`` key of ``app.config``, read once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

from .exceptions import ConfigError

_MIB = 1024 * 1024
MIN_PART_BYTES = 5 * _MIB  # S3's, for all parts but the last
MAX_WHOLE_BYTES = 5 * 1024 * _MIB  # S3's, for one request

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
    cdn_domain: str = ""
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
        given.setdefault("folder", os.path.join(instance_path, "uploads"))
        given.setdefault("spool_folder", os.path.join(instance_path, "uploads-spool"))
        given.setdefault("storage", "s3" if given.get("s3_bucket_name") else "local")
        settings = cls(**given)
        settings._check()
        return settings

    def _check(self) -> None:
        if self.storage not in ("local", "s3"):
            raise _wrong("storage", self.storage, "'local' or 's3'")
        if self.storage == "s3":
            self.require_bucket()
        if not self.url_prefix.startswith("/") or self.url_prefix == "/":
            raise _wrong("url_prefix", self.url_prefix, "a path such as '/uploads'")
        if self.domain and "://" not in self.domain:
            raise _wrong("domain", self.domain, "scheme and host, such as 'https://example.com'")
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
        if self.private and self.cdn_domain:
            raise ConfigError(
                "UPLOADS_PRIVATE and UPLOADS_CDN_DOMAIN exclude each other: a CDN does not know"
                " S3's signatures; unset one of them",
                setting="UPLOADS_CDN_DOMAIN",
            )
        if self.parts_above > MAX_WHOLE_BYTES:
            raise _wrong("parts_above", self.parts_above, f"{MAX_WHOLE_BYTES:,} or less, S3's most")
        if self.part_bytes < MIN_PART_BYTES:
            raise _wrong("part_bytes", self.part_bytes, f"{MIN_PART_BYTES:,} or more, by S3's rule")

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
