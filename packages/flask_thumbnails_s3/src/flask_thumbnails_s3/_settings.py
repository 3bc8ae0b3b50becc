"""The settings: what stands in ``app.config``, checked once, as one frozen value."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Self, cast, get_args

from flask import Flask

from s3_saver import Storages
from s3_saver.settings import S3Settings, SettingsReader
from url_for_s3 import ArgumentError, CloudFrontSigner, S3Bucket

from ._folders import THUMBNAILS, Folders, is_static, read_folders, thumbnails_folder
from ._store_settings import config_without, domain_of
from .exceptions import ConfigError, OptionError
from .naming._names import is_named_by_id
from .naming._options import Spec, parse_aliases
from .pictures._pictures import unknown_formats

Mode = Literal["inline", "lazy", "queue"]
OnError = Literal["placeholder", "original", "empty", "raise"]
Svg = Literal["original", "placeholder"]

_LONGEST_URL = 604_800  # seconds, S3's
_YEAR = 31_536_000  # seconds

#: Every own setting and its default. Where the app has a shared setting, such as ``S3_REGION``,
#: that is the default of ``THUMBNAIL_S3_REGION``.
DEFAULTS: dict[str, Any] = {
    "MEDIA_FOLDER": None,
    "MEDIA_URL": None,
    "MEDIA_THUMBNAIL_FOLDER": THUMBNAILS,
    "MEDIA_THUMBNAIL_URL": None,
    "THUMBNAIL_S3_STORAGE_TYPE": None,
    "THUMBNAIL_S3_BUCKET_NAME": None,
    "THUMBNAIL_S3_REGION": None,
    "THUMBNAIL_S3_ENDPOINT_URL": None,
    "THUMBNAIL_S3_PUBLIC_ENDPOINT_URL": None,
    "THUMBNAIL_S3_URL_STYLE": "host",
    "THUMBNAIL_S3_USE_HTTPS": True,
    "THUMBNAIL_S3_ACCESS_KEY_ID": None,
    "THUMBNAIL_S3_ACCESS_KEY_SECRET": None,
    "THUMBNAIL_S3_ALLOWED_BUCKETS": [],
    "THUMBNAIL_S3_STATIC_ROOT_PARENT": None,
    "THUMBNAIL_S3_CDN_DOMAIN": None,
    "THUMBNAIL_S3_ACL": None,
    "THUMBNAIL_S3_PRIVATE": True,
    "THUMBNAIL_S3_URL_EXPIRES": 3600,
    "THUMBNAIL_S3_CACHE_CONTROL": None,
    "THUMBNAIL_S3_STORAGE_CLASS": None,
    "THUMBNAIL_S3_SERVER_SIDE_ENCRYPTION": None,
    "THUMBNAIL_S3_KMS_KEY_ID": None,
    "THUMBNAIL_S3_TAGS": {},
    "THUMBNAIL_S3_RACES": "warn",
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
    "THUMBNAIL_MAX_DECODED_PIXELS": 24_000_000,
    "THUMBNAIL_MAX_BYTES": 50_000_000,
    "THUMBNAIL_EXTRA_FORMATS": (),
}

_OWN = "THUMBNAIL_S3_"

# Shared settings that have no own key here.
_OTHERS = ("S3_CLOUDFRONT_KEY_ID", "S3_CLOUDFRONT_PRIVATE_KEY")

# Arguments of S3Bucket, and the settings that give them.
_ARGUMENTS = {
    "bucket_name": "S3_BUCKET_NAME",
    "cdn_domain": "S3_CDN_DOMAIN",
    "endpoint_url": "S3_ENDPOINT_URL",
    "key_id": "S3_CLOUDFRONT_KEY_ID",
    "private_key": "S3_CLOUDFRONT_PRIVATE_KEY",
    "public_endpoint_url": "S3_PUBLIC_ENDPOINT_URL",
    "region": "S3_REGION",
    "url_style": "S3_URL_STYLE",
}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings by their names in lowercase, less ``THUMBNAIL_``. README.md says what each is
    for.

    :param s3: where S3 is, whether images are there if nothing says so, and whether thumbnails are
        private, on disk too.
    :param cloudfront: signs for the CDN, where that serves private files.
    :param folders: where originals and thumbnails are.
    :param domain: scheme and host of URLs of the app, as the store of the originals has them; empty
        for those of the request.
    :param is_public_on_disk: whether Flask serves the thumbnails on disk to everybody, though they
        should be private.
    """

    s3: S3Settings
    cloudfront: CloudFrontSigner | None
    folders: Folders
    domain: str
    is_public_on_disk: bool
    s3_use_https: bool
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

    @classmethod
    def from_app(cls, app: Flask, storages: Storages | None = None) -> Self:
        """Read and check the settings of an app; nothing is asked of S3.

        :param storages: of the originals; what these know no setting says.
        :raises ConfigError: one is missing or wrong, does not go with another, or is not a setting.
        """
        config = app.config if storages is None else config_without(app.config, storages)
        reader = SettingsReader(
            config, own=_OWN, shared=["THUMBNAIL_", "MEDIA_"], error=ConfigError
        )
        s3 = _read_s3(reader)
        if storages is None:
            folders = read_folders(reader, app)
        else:
            folders = Folders.of_thumbnails(thumbnails_folder(reader, app, storages.store))
        settings = cls(
            s3=s3,
            cloudfront=_signer(reader, s3),
            folders=folders,
            domain="" if storages is None else domain_of(app.config, storages),
            is_public_on_disk=bool(
                s3.private and folders.originals and is_static(folders.thumbnails, app)
            ),
            s3_use_https=reader.switch("THUMBNAIL_S3_USE_HTTPS", default=True),
            s3_url_expires=_seconds(reader, "THUMBNAIL_S3_URL_EXPIRES", _LONGEST_URL),
            aliases=_aliases(reader),
            mode=cast("Mode", _choice(reader, "THUMBNAIL_MODE", get_args(Mode))),
            placeholder=_placeholder(reader),
            on_error=cast("OnError", _choice(reader, "THUMBNAIL_ON_ERROR", get_args(OnError))),
            svg=cast("Svg", _choice(reader, "THUMBNAIL_SVG", get_args(Svg))),
            cache=reader.raw("THUMBNAIL_CACHE"),
            cache_timeout=_seconds(reader, "THUMBNAIL_CACHE_TIMEOUT"),
            error_timeout=_seconds(reader, "THUMBNAIL_ERROR_TIMEOUT"),
            lease=_seconds(reader, "THUMBNAIL_LEASE"),
            route=_route(reader),
            route_expires=_seconds(reader, "THUMBNAIL_ROUTE_EXPIRES"),
            max_pixels=_integer(reader, "THUMBNAIL_MAX_PIXELS"),
            max_decoded_pixels=_integer(reader, "THUMBNAIL_MAX_DECODED_PIXELS"),
            max_bytes=_integer(reader, "THUMBNAIL_MAX_BYTES"),
            extra_formats=_formats(reader),
        )
        reader.check_keys()
        if storages is None:
            settings._check_bucket(reader)
        return settings

    def bucket(self, bucket_name: str, region: str | None, endpoint_url: str | None) -> S3Bucket:
        """Return where a bucket answers.

        :param region: by the settings, or by what the SDK finds; so is *endpoint_url*.
        :raises url_for_s3.ArgumentError: these do not go together.
        """
        return S3Bucket.from_settings(
            self.s3,
            bucket_name=bucket_name,
            region=region,
            endpoint_url=endpoint_url,
            scheme=None if self.s3_use_https else "http",
        )

    def cache_control_of(self, image: str) -> str:
        """Return how long browsers and CDNs keep a thumbnail of an image: for good if the image's
        name is an id, so that no other image will ever have it; else as long as we remember it.
        """
        audience = "private" if self.s3.private else "public"
        if is_named_by_id(image):
            return f"{audience}, max-age={_YEAR}, immutable"
        return f"{audience}, max-age={self.cache_timeout}"

    def key_of(self, argument: str) -> str:
        """Return the key of the setting that gives an argument of a storage or a bucket."""
        return self.s3.keys.get(argument) or _ARGUMENTS.get(argument, "")

    def _check_bucket(self, reader: SettingsReader) -> None:
        s3 = self.s3
        try:
            self.bucket(s3.bucket_name or "any-bucket", s3.region or None, s3.endpoint_url or None)
        except ArgumentError as error:
            raise reader.blame(error, _ARGUMENTS) from error


def _read_s3(reader: SettingsReader) -> S3Settings:
    key = "THUMBNAIL_S3_STORAGE_TYPE"
    s3 = S3Settings.read(reader)
    if reader.is_set(key):
        s3 = replace(s3, storage_type=reader.choice(key, ("s3", ""), ""))
    if s3.storage_type and not s3.bucket_name:
        raise reader.missing("S3_BUCKET_NAME", f"{key} = 's3' needs it")
    for shared in _OTHERS:
        own = reader.keys_of(shared)[0]
        if reader.key_of(shared) == own and reader.is_set(shared):
            raise ConfigError(f"{own} is not a setting: leave it out", setting=own)
    own = reader.keys_of("S3_CDN_DOMAIN")[0]
    if s3.private and s3.cdn_domain and not s3.cloudfront and reader.key_of("S3_CDN_DOMAIN") == own:
        raise ConfigError(
            f"{own} has no use while {reader.key_of('S3_PRIVATE')} is on, as a CDN refuses URLs "
            "that are signed for S3: leave it out; or set S3_CLOUDFRONT_PRIVATE_KEY; or let the "
            "CDN read the bucket, and set THUMBNAIL_S3_PRIVATE = False",
            setting=own,
        )
    return s3


def _signer(reader: SettingsReader, s3: S3Settings) -> CloudFrontSigner | None:
    """Return what signs for the CDN, where that serves private files.

    :raises ConfigError: the key cannot sign.
    """
    try:
        return CloudFrontSigner.from_settings(s3) if s3.private else None
    except ArgumentError as error:
        raise reader.blame(error, _ARGUMENTS) from error


def _aliases(reader: SettingsReader) -> dict[str, Spec]:
    key = "THUMBNAIL_ALIASES"
    try:
        return parse_aliases(reader.raw(key, {}))
    except OptionError as error:
        raise ConfigError(f"{key}: {error}", setting=key) from error


def _placeholder(reader: SettingsReader) -> str:
    key = "THUMBNAIL_PLACEHOLDER"
    placeholder = reader.text(key, DEFAULTS[key])
    if placeholder in ("svg", "blur", "original") or re.match(r"/|https?://|data:", placeholder):
        return placeholder
    raise reader.wrong(key, "'svg', 'blur', 'original', or a URL such as '/static/none.png'")


def _route(reader: SettingsReader) -> str:
    key = "THUMBNAIL_ROUTE"
    route = reader.text(key, DEFAULTS[key])
    if not re.fullmatch(r"(/[\w.~-]+)+/?", route):
        raise reader.wrong(key, "a path such as '/_thumbnails'")
    return route.rstrip("/")


def _formats(reader: SettingsReader) -> tuple[str, ...]:
    key = "THUMBNAIL_EXTRA_FORMATS"
    names = reader.texts(key)
    if unknown := unknown_formats(names):
        raise ConfigError(
            f"{key}: Pillow reads no {', '.join(map(repr, unknown))}; names are those of "
            "PIL.Image.OPEN, such as 'ICO', and a plugin must be registered before",
            setting=key,
        )
    return names


def _choice(reader: SettingsReader, key: str, allowed: tuple[str, ...]) -> str:
    return reader.choice(key, allowed, DEFAULTS[key])


def _seconds(reader: SettingsReader, key: str, maximum: int | None = None) -> int:
    return reader.seconds(key, DEFAULTS[key], maximum=maximum)


def _integer(reader: SettingsReader, key: str) -> int:
    return reader.integer(key, DEFAULTS[key], minimum=1)
