"""What a deployment says: ``app.config`` in, checked values out."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast, get_args

from url_for_s3 import ArgumentError, url_for_s3

from ._options import Spec, parse_aliases
from ._pictures import unknown_formats
from .exceptions import ConfigError, OptionError

Mode = Literal["inline", "lazy", "queue"]
OnError = Literal["placeholder", "original", "empty", "raise"]
Svg = Literal["original", "placeholder"]

#: Every setting and its default; the README tells what each is for.
DEFAULTS: dict[str, Any] = {
    "MEDIA_FOLDER": None,
    "MEDIA_URL": "/",
    "MEDIA_THUMBNAIL_FOLDER": None,
    "MEDIA_THUMBNAIL_URL": None,
    "THUMBNAIL_S3_STORAGE_TYPE": None,
    "THUMBNAIL_S3_BUCKET_NAME": None,
    "THUMBNAIL_S3_ACCESS_KEY_ID": None,
    "THUMBNAIL_S3_ACCESS_KEY_SECRET": None,
    "THUMBNAIL_S3_USE_HTTPS": True,
    "THUMBNAIL_S3_STATIC_ROOT_PARENT": None,
    "THUMBNAIL_S3_ACL": None,
    "THUMBNAIL_S3_REGION": None,
    "THUMBNAIL_S3_ENDPOINT_URL": None,
    "THUMBNAIL_S3_URL_STYLE": "host",
    "THUMBNAIL_S3_CDN_DOMAIN": None,
    "THUMBNAIL_S3_PRIVATE": False,
    "THUMBNAIL_S3_URL_EXPIRES": 3600,
    "THUMBNAIL_ALIASES": {},
    "THUMBNAIL_MODE": "inline",
    "THUMBNAIL_PLACEHOLDER": "svg",
    "THUMBNAIL_ON_ERROR": "placeholder",
    "THUMBNAIL_SVG": "original",
    "THUMBNAIL_CACHE": None,
    "THUMBNAIL_CACHE_TIMEOUT": 3600,
    "THUMBNAIL_ERROR_TIMEOUT": 60,
    "THUMBNAIL_LEASE": 30,
    "THUMBNAIL_ROUTE": "/_thumbnails",
    "THUMBNAIL_ROUTE_EXPIRES": 86400,
    "THUMBNAIL_MAX_PIXELS": 50_000_000,
    "THUMBNAIL_MAX_DECODED_PIXELS": 25_000_000,
    "THUMBNAIL_MAX_BYTES": 50_000_000,
    "THUMBNAIL_EXTRA_FORMATS": (),
}


_PATHS = ("MEDIA_FOLDER", "MEDIA_THUMBNAIL_FOLDER", "THUMBNAIL_S3_STATIC_ROOT_PARENT")
_KEYS = ("THUMBNAIL_S3_ACCESS_KEY_ID", "THUMBNAIL_S3_ACCESS_KEY_SECRET")
_TEXTS = (
    *("MEDIA_URL", "MEDIA_THUMBNAIL_URL", "THUMBNAIL_S3_BUCKET_NAME", *_KEYS),
    *("THUMBNAIL_S3_ACL", "THUMBNAIL_S3_REGION", "THUMBNAIL_S3_ENDPOINT_URL"),
    "THUMBNAIL_S3_CDN_DOMAIN",
)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one app; the names are those of the keys."""

    media_folder: str
    media_url: str
    media_thumbnail_folder: str
    media_thumbnail_url: str
    s3_storage_type: str | None
    s3_bucket_name: str | None
    s3_access_key_id: str | None
    s3_access_key_secret: str | None = field(repr=False)
    s3_use_https: bool
    s3_static_root_parent: str
    s3_acl: str | None
    s3_region: str | None
    s3_endpoint_url: str | None
    s3_url_style: str
    s3_cdn_domain: str | None
    s3_private: bool
    s3_url_expires: int
    aliases: Mapping[str, Spec]
    mode: Mode
    placeholder: str
    on_error: OnError
    svg: Svg
    cache: object
    cache_timeout: int
    error_timeout: int
    lease: int
    route: str
    route_expires: int
    max_pixels: int
    max_decoded_pixels: int
    max_bytes: int
    extra_formats: tuple[str, ...]


def read_settings(config: Mapping[str, Any]) -> Settings:
    """Check an app's settings.

    :raises ConfigError: one is missing or wrong.
    """
    values = {key: config.get(key, default) for key, default in DEFAULTS.items()}
    _check_types(values)
    _check_folders(values)
    _check_one_of(values, "THUMBNAIL_MODE", get_args(Mode))
    _check_one_of(values, "THUMBNAIL_ON_ERROR", get_args(OnError))
    _check_one_of(values, "THUMBNAIL_SVG", get_args(Svg))
    _check_one_of(values, "THUMBNAIL_S3_URL_STYLE", ("host", "path"))
    _check_s3(values)
    for key, default in DEFAULTS.items():
        if type(default) is int:
            _check_positive(values, key)
    if not isinstance(values["THUMBNAIL_PLACEHOLDER"], str) or not values["THUMBNAIL_PLACEHOLDER"]:
        raise ConfigError(
            f"THUMBNAIL_PLACEHOLDER = {values['THUMBNAIL_PLACEHOLDER']!r}: must be 'svg', "
            "'original' or a URL"
        )
    route = values["THUMBNAIL_ROUTE"]
    if not isinstance(route, str) or not route.startswith("/"):
        raise ConfigError(f"THUMBNAIL_ROUTE = {route!r}: must be a str that begins with '/'")
    values["THUMBNAIL_EXTRA_FORMATS"] = _check_formats(values["THUMBNAIL_EXTRA_FORMATS"])
    try:
        values["THUMBNAIL_ALIASES"] = parse_aliases(values["THUMBNAIL_ALIASES"])
    except OptionError as error:
        raise ConfigError(f"THUMBNAIL_ALIASES: {error}") from error
    return Settings(
        **{key.removeprefix("THUMBNAIL_").lower(): value for key, value in values.items()}
    )


def _check_types(values: dict[str, Any]) -> None:
    for key, default in DEFAULTS.items():
        value = values[key]
        is_unset = value is None and default is None
        if type(default) is bool and not isinstance(value, bool):
            raise ConfigError(f"{key} = {value!r}: must be True or False")
        if key in _PATHS and not is_unset and not isinstance(value, str | os.PathLike):
            raise ConfigError(f"{key} = {value!r}: must be the path of a folder")
        if key in _TEXTS and not is_unset and not isinstance(value, str):
            shown = f"a {type(value).__name__}" if key in _KEYS else repr(value)  # no secrets
            raise ConfigError(f"{key} = {shown}: must be a str")


def _check_folders(values: dict[str, Any]) -> None:
    folder = values["MEDIA_FOLDER"]
    if not folder:
        raise ConfigError(
            "MEDIA_FOLDER is missing: set it to the folder of the originals, such as "
            "os.path.join(app.root_path, 'static', 'uploads')"
        )
    thumbnail_folder = values["MEDIA_THUMBNAIL_FOLDER"]
    if thumbnail_folder and values["MEDIA_THUMBNAIL_URL"] is None:
        raise ConfigError(
            "MEDIA_THUMBNAIL_URL is missing: MEDIA_THUMBNAIL_FOLDER needs it, the folder's path "
            "below the static folder, such as 'uploads/thumbnails/'"
        )
    values["MEDIA_FOLDER"] = os.path.abspath(folder)
    values["MEDIA_THUMBNAIL_FOLDER"] = os.path.abspath(thumbnail_folder or folder)
    if values["MEDIA_THUMBNAIL_URL"] is None:
        values["MEDIA_THUMBNAIL_URL"] = values["MEDIA_URL"]
    root = values["THUMBNAIL_S3_STATIC_ROOT_PARENT"] or folder
    values["THUMBNAIL_S3_STATIC_ROOT_PARENT"] = os.path.abspath(root)


def _check_root(values: dict[str, Any]) -> None:
    """Check that S3 keys can be made of the folders' paths."""
    root = values["THUMBNAIL_S3_STATIC_ROOT_PARENT"]
    for key in ("MEDIA_FOLDER", "MEDIA_THUMBNAIL_FOLDER"):
        if os.path.commonpath([root, values[key]]) != root:
            raise ConfigError(
                f"THUMBNAIL_S3_STATIC_ROOT_PARENT = {root!r} does not hold {key} = "
                f"{values[key]!r}: set it to a folder above both MEDIA_FOLDER and "
                "MEDIA_THUMBNAIL_FOLDER"
            )


def _check_urls(values: dict[str, Any]) -> None:
    """Check that URLs can be made."""
    try:
        url_for_s3(
            "",
            values["THUMBNAIL_S3_BUCKET_NAME"],
            url_style=values["THUMBNAIL_S3_URL_STYLE"],
            cdn_domain=values["THUMBNAIL_S3_CDN_DOMAIN"],
            filename="image.jpg",
            region=values["THUMBNAIL_S3_REGION"],
            endpoint_url=values["THUMBNAIL_S3_ENDPOINT_URL"],
        )
    except ArgumentError as error:
        raise ConfigError(
            f"THUMBNAIL_S3_{error.argument.upper()} = {error.value!r}: must be {error.rule}"
            f"{error.hint}"
        ) from error


def _check_s3(values: dict[str, Any]) -> None:
    storage_type = values["THUMBNAIL_S3_STORAGE_TYPE"]
    if storage_type and storage_type != "s3":
        raise ConfigError(
            f"THUMBNAIL_S3_STORAGE_TYPE = {storage_type!r}: must be 's3', or None for the disk"
        )
    if storage_type and not values["THUMBNAIL_S3_BUCKET_NAME"]:
        raise ConfigError(
            "THUMBNAIL_S3_BUCKET_NAME is missing: THUMBNAIL_S3_STORAGE_TYPE = 's3' needs it"
        )
    if bool(values[_KEYS[0]]) != bool(values[_KEYS[1]]):
        missing, given = _KEYS if values[_KEYS[1]] else reversed(_KEYS)
        raise ConfigError(
            f"{missing} is missing: {given} needs it; set both, or neither to let the SDK find "
            "credentials"
        )
    if values["THUMBNAIL_S3_BUCKET_NAME"]:  # without it, S3 is not used
        _check_root(values)
        _check_urls(values)
    if values["THUMBNAIL_S3_PRIVATE"] and values["THUMBNAIL_S3_CDN_DOMAIN"]:
        raise ConfigError(
            "THUMBNAIL_S3_PRIVATE and THUMBNAIL_S3_CDN_DOMAIN are both set, but a CDN refuses "
            "URLs that are signed for S3: let the CDN read the bucket and set THUMBNAIL_S3_PRIVATE "
            "to False, or leave the CDN out"
        )
    endpoint_or_region = values["THUMBNAIL_S3_ENDPOINT_URL"] or values["THUMBNAIL_S3_REGION"]
    if values["THUMBNAIL_S3_PRIVATE"] and not endpoint_or_region:
        raise ConfigError(
            "THUMBNAIL_S3_REGION is missing: THUMBNAIL_S3_PRIVATE needs the bucket's region, such "
            "as 'eu-north-1', to sign for"
        )


def _check_formats(names: object) -> tuple[str, ...]:
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise ConfigError(
            f"THUMBNAIL_EXTRA_FORMATS = {names!r}: must be a list of names such as ['ICO', 'TGA']"
        )
    if unknown := unknown_formats(names):
        raise ConfigError(
            f"THUMBNAIL_EXTRA_FORMATS: Pillow reads no {', '.join(map(repr, unknown))}; names are "
            "those of PIL.Image.OPEN, such as 'ICO', and a plugin must be registered before"
        )
    return tuple(names)


def _check_one_of(values: dict[str, Any], key: str, allowed: tuple[str, ...]) -> None:
    if values[key] not in allowed:
        raise ConfigError(f"{key} = {values[key]!r}: must be {', '.join(map(repr, allowed))}")


def _check_positive(values: dict[str, Any], key: str) -> None:
    if type(values[key]) is not int or cast("int", values[key]) < 1:
        raise ConfigError(f"{key} = {values[key]!r}: must be a whole number from 1 up")
