"""The settings: what stands in ``app.config``, checked once, as one frozen value."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from typing import Any

from flask import Flask

from s3_saver import S3Storage, UnsafeNameError
from url_for_s3 import ArgumentError, url_for_s3

from ._headers import merged, put_parameters
from ._regions import region_of
from .exceptions import ConfigError

_AMAZON = "s3.amazonaws.com"

#: Every setting and its default. ``None`` where the default depends on something else.
DEFAULTS: dict[str, Any] = {
    "AWS_ACCESS_KEY_ID": None,
    "AWS_SECRET_ACCESS_KEY": None,
    "FLASKS3_ACL": None,
    "FLASKS3_ACTIVE": True,
    "FLASKS3_BROTLI": False,
    "FLASKS3_BUCKET_DOMAIN": _AMAZON,
    "FLASKS3_BUCKET_NAME": None,
    "FLASKS3_CACHE_CONTROL": None,
    "FLASKS3_CDN_DOMAIN": "",
    "FLASKS3_DEBUG": False,
    "FLASKS3_ENDPOINT_URL": None,
    "FLASKS3_FILEPATH_HEADERS": {},
    "FLASKS3_FORCE_MIMETYPE": False,
    "FLASKS3_GZIP": False,
    "FLASKS3_GZIP_ONLY_EXTS": [],
    "FLASKS3_HASHED_NAMES": False,
    "FLASKS3_HEADERS": {},
    "FLASKS3_MANIFEST": None,
    "FLASKS3_MANIFEST_FROM_BUCKET": False,
    "FLASKS3_ONLY_MODIFIED": True,
    "FLASKS3_OVERRIDE_TESTING": True,
    "FLASKS3_PREFIX": "",
    "FLASKS3_REGION": "",
    "FLASKS3_URL_STYLE": "host",
    "FLASKS3_USE_CACHE_CONTROL": False,
    "FLASKS3_USE_HTTPS": None,
}

# "Canned ACL" in Amazon's user guide of S3.
_ACLS = (
    "private",
    "public-read",
    "public-read-write",
    "authenticated-read",
    "aws-exec-read",
    "bucket-owner-read",
    "bucket-owner-full-control",
)

_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")

# Arguments of url_for_s3, and the settings that give them.
_ARGUMENTS = {
    "bucket_name": "FLASKS3_BUCKET_NAME",
    "bucket_domain": "FLASKS3_BUCKET_DOMAIN",
    "cdn_domain": "FLASKS3_CDN_DOMAIN",
    "url_style": "FLASKS3_URL_STYLE",
    "region": "FLASKS3_REGION",
    "endpoint_url": "FLASKS3_ENDPOINT_URL",
    "endpoint": "FLASKS3_PREFIX",
}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a deployment says, checked. Empty strings mean: not given."""

    bucket_name: str
    bucket_domain: str
    cdn_domain: str
    prefix: str
    region: str
    url_style: str
    use_https: bool | None
    endpoint_url: str
    access_key_id: str
    access_key_secret: str = field(repr=False)
    headers: Mapping[str, Any]
    filepath_headers: tuple[tuple[re.Pattern[str], Mapping[str, Any]], ...]
    only_modified: bool
    encoding: str
    encoded_extensions: frozenset[str]
    hashed_names: bool
    manifest: str
    manifest_from_bucket: bool

    def key(self, path: str) -> str:
        """Return the object key of a URL path without leading slash, such as ``static/app.css``."""
        return f"{self.prefix}/{path}" if self.prefix else path

    @property
    def own_folder(self) -> str:
        """Where in the bucket we keep what is no asset: outside of all that may be public."""
        return f".flask-s3-static/{self.prefix}".rstrip("/")

    @property
    def index_key(self) -> str:
        return f"{self.own_folder}/index.json.gz"

    @property
    def manifest_key(self) -> str:
        return f"{self.own_folder}/manifest.json"

    def url(self, path: str, scheme: str | None = None) -> str:
        """Return the public URL of a URL path's object.

        :raises ValueError: the path is one that no URL can carry.
        """
        if scheme is None and self.use_https is not None:
            scheme = "https" if self.use_https else "http"
        return url_for_s3(
            self.prefix,
            self.bucket_name,
            self.bucket_domain or None,
            url_style=self.url_style,
            cdn_domain=self.cdn_domain or None,
            filename=path,
            region=self.region or None,
            endpoint_url=None if self.bucket_domain else self.endpoint_url or None,
            _scheme=scheme,
        )


def settings_of(app: Flask) -> Settings:
    """Read and check the settings of an app as they are now.

    :raises ConfigError: one is wrong.
    """
    return read_settings({**DEFAULTS, **app.config}, app.instance_path)


def switched_off(config: Mapping[str, Any]) -> bool:
    """Report whether the app's mode, by the settings, turns us off."""
    in_debug: bool = config["DEBUG"] and not config["FLASKS3_DEBUG"]
    under_test: bool = config["TESTING"] and not config["FLASKS3_OVERRIDE_TESTING"]
    return in_debug or under_test


def read_settings(config: Mapping[str, Any], instance_path: str) -> Settings:
    """Read and check the settings.

    :param config: an app's, with :data:`DEFAULTS` filled in.
    :raises ConfigError: one is wrong.
    """
    domain = _text(config, "FLASKS3_BUCKET_DOMAIN")
    settings = Settings(
        bucket_name=_text(config, "FLASKS3_BUCKET_NAME"),
        bucket_domain="" if domain == _AMAZON else domain,
        cdn_domain=_text(config, "FLASKS3_CDN_DOMAIN"),
        prefix=_text(config, "FLASKS3_PREFIX").strip("/"),
        region=region_of(_text(config, "FLASKS3_REGION")),
        url_style=_text(config, "FLASKS3_URL_STYLE"),
        use_https=_switch(config, "FLASKS3_USE_HTTPS"),
        endpoint_url=_text(config, "FLASKS3_ENDPOINT_URL"),
        access_key_id=_text(config, "AWS_ACCESS_KEY_ID"),
        access_key_secret=_text(config, "AWS_SECRET_ACCESS_KEY"),
        headers=_default_headers(config),
        filepath_headers=_filepath_headers(config),
        only_modified=bool(_switch(config, "FLASKS3_ONLY_MODIFIED")),
        encoding=_encoding(config),
        encoded_extensions=_extensions(config),
        hashed_names=bool(_switch(config, "FLASKS3_HASHED_NAMES")),
        manifest=_manifest_path(config, instance_path),
        manifest_from_bucket=bool(_switch(config, "FLASKS3_MANIFEST_FROM_BUCKET")),
    )
    for name in ("ACTIVE", "DEBUG", "FORCE_MIMETYPE", "OVERRIDE_TESTING"):
        _switch(config, f"FLASKS3_{name}")
    if bool(settings.access_key_id) != bool(settings.access_key_secret):
        raise ConfigError(
            "AWS_SECRET_ACCESS_KEY" if settings.access_key_id else "AWS_ACCESS_KEY_ID",
            "set both keys, or neither to let the SDK find credentials",
        )
    check_urls(settings)
    return settings


def overridden(
    settings: Settings,
    *,
    user: str | None = None,
    password: str | None = None,
    bucket_name: str | None = None,
    location: str | None = None,
) -> Settings:
    """Return the settings with what :func:`create_all` was told over them.

    :raises ConfigError: there is no bucket's name, or one key without the other.
    """
    if bool(user) != bool(password):
        raise ConfigError("user", "pass user and password together, or neither")
    if user and password:
        settings = replace(settings, access_key_id=user, access_key_secret=password)
    if location is not None:
        settings = replace(settings, region=region_of(location))
    if bucket_name:
        settings = replace(settings, bucket_name=bucket_name)
    if not settings.bucket_name:
        raise ConfigError("FLASKS3_BUCKET_NAME", "is missing: set it, or pass bucket_name")
    check_urls(settings)
    return settings


def check_urls(settings: Settings) -> None:
    """Make sure that URLs and keys can be made.

    :raises ConfigError: a setting that goes into them is wrong.
    """
    if not settings.bucket_name:
        return
    try:
        settings.url("file")
    except ArgumentError as error:
        setting = _ARGUMENTS.get(error.argument, "FLASKS3_BUCKET_NAME")
        problem = f"must be {error.rule}, got {error.value!r}{error.hint}"
        raise ConfigError(setting, problem) from error
    try:
        S3Storage(settings.bucket_name).key(settings.key("file"))
    except UnsafeNameError as error:
        raise ConfigError("FLASKS3_PREFIX", str(error)) from error


def _text(config: Mapping[str, Any], setting: str) -> str:
    value = config[setting]
    if value is None:
        return ""
    if not isinstance(value, str):
        shown = f"a {type(value).__name__}" if setting in _KEYS else repr(value)  # no secrets
        raise ConfigError(setting, f"must be a string, got {shown}")
    return value


def _switch(config: Mapping[str, Any], setting: str) -> bool | None:
    value = config[setting]
    if value is not None and not isinstance(value, bool):
        raise ConfigError(setting, f"must be True or False, got {value!r}")
    return value


def _default_headers(config: Mapping[str, Any]) -> dict[str, Any]:
    headers = _headers("FLASKS3_HEADERS", config["FLASKS3_HEADERS"])
    if acl := _text(config, "FLASKS3_ACL"):
        if acl not in _ACLS:
            raise ConfigError("FLASKS3_ACL", f"must be one of {', '.join(_ACLS)}, got {acl!r}")
        headers = {"ACL": acl, **headers}
    if _switch(config, "FLASKS3_USE_CACHE_CONTROL"):
        if not (cache_control := _text(config, "FLASKS3_CACHE_CONTROL")):
            raise ConfigError(
                "FLASKS3_CACHE_CONTROL",
                "is missing, and FLASKS3_USE_CACHE_CONTROL is True: set a value such as "
                "'max-age=86400'",
            )
        headers = merged(headers, {"CacheControl": cache_control})
    return headers


def _filepath_headers(
    config: Mapping[str, Any],
) -> tuple[tuple[re.Pattern[str], Mapping[str, Any]], ...]:
    setting = "FLASKS3_FILEPATH_HEADERS"
    rules = config[setting]
    if not isinstance(rules, Mapping):
        raise ConfigError(setting, f"must be a dict of regular expression to dict, got {rules!r}")
    result = []
    for expression, headers in rules.items():
        if not isinstance(expression, str):
            raise ConfigError(setting, f"must have strings as its keys, got {expression!r}")
        try:
            pattern = re.compile(expression)
        except re.error as error:
            raise ConfigError(
                setting, f"{expression!r} is no regular expression: {error}"
            ) from error
        result.append((pattern, _headers(setting, headers)))
    return tuple(result)


def _headers(setting: str, headers: object) -> dict[str, Any]:
    if not isinstance(headers, Mapping):
        raise ConfigError(setting, f"must be a dict of header to value, got {headers!r}")
    try:
        return put_parameters(headers)
    except ValueError as error:
        raise ConfigError(setting, str(error)) from error


def _encoding(config: Mapping[str, Any]) -> str:
    if _switch(config, "FLASKS3_BROTLI"):
        if not find_spec("brotli"):
            raise ConfigError(
                "FLASKS3_BROTLI", "needs the package brotli: pip install 'flask-s3-static[brotli]'"
            )
        return "br"
    return "gzip" if _switch(config, "FLASKS3_GZIP") else ""


def _extensions(config: Mapping[str, Any]) -> frozenset[str]:
    setting = "FLASKS3_GZIP_ONLY_EXTS"
    extensions = config[setting]
    if not isinstance(extensions, list | tuple | set | frozenset) or not all(
        isinstance(extension, str) for extension in extensions
    ):
        raise ConfigError(setting, f"must be a list such as ['.js', '.css'], got {extensions!r}")
    return frozenset(f".{extension.lstrip('.').lower()}" for extension in extensions)


def _manifest_path(config: Mapping[str, Any], instance_path: str) -> str:
    value = config["FLASKS3_MANIFEST"] or "static-manifest.json"
    try:
        return os.path.join(instance_path, os.fspath(value))
    except TypeError as error:
        raise ConfigError("FLASKS3_MANIFEST", f"must be a path, got {value!r}") from error
