"""The settings: what stands in ``app.config``, checked once, as one frozen value."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Any, Self

from flask import Flask

from s3_saver import UnsafeNameError, check_name
from s3_saver.settings import S3Settings, SettingsReader
from url_for_s3 import ArgumentError, S3Bucket

from ._header_settings import read_filepath_headers, read_headers
from ._regions import region_of
from ._shared_settings import ALIASES, SETTINGS, WITHOUT_MEANING
from .exceptions import ConfigError

_AMAZON = "s3.amazonaws.com"

#: Every own setting and its default; an empty text or ``None`` means: not set. Where the app has a
#: shared setting, such as ``S3_REGION``, that is the default.
DEFAULTS: dict[str, Any] = {
    "AWS_ACCESS_KEY_ID": None,
    "AWS_SECRET_ACCESS_KEY": None,
    "FLASKS3_ACCESS_KEY_ID": None,
    "FLASKS3_ACCESS_KEY_SECRET": None,
    "FLASKS3_ACL": None,
    "FLASKS3_ACTIVE": True,
    "FLASKS3_BROTLI": False,
    "FLASKS3_BUCKET_DOMAIN": _AMAZON,
    "FLASKS3_BUCKET_NAME": None,
    "FLASKS3_CACHE_CONTROL": None,
    "FLASKS3_CDN_DOMAIN": "",
    "FLASKS3_DEBUG": False,
    "FLASKS3_ENDPOINT_URL": None,
    "FLASKS3_EXCLUDE": [],
    "FLASKS3_FILEPATH_HEADERS": {},
    "FLASKS3_FORCE_MIMETYPE": False,
    "FLASKS3_GZIP": False,
    "FLASKS3_GZIP_ONLY_EXTS": [],
    "FLASKS3_HASHED_ALREADY": None,
    "FLASKS3_HASHED_NAMES": False,
    "FLASKS3_HEADERS": {},
    "FLASKS3_MANIFEST": None,
    "FLASKS3_MANIFEST_FROM_BUCKET": False,
    "FLASKS3_ONLY_MODIFIED": True,
    "FLASKS3_OVERRIDE_TESTING": True,
    "FLASKS3_PREFIX": "",
    "FLASKS3_PUBLIC_ENDPOINT_URL": None,
    "FLASKS3_RACES": "warn",
    "FLASKS3_REGION": "",
    "FLASKS3_URL_STYLE": "host",
    "FLASKS3_USE_CACHE_CONTROL": False,
    "FLASKS3_USE_HTTPS": None,
    "FLASKS3_VITE_FOLDER": "",
    "FLASKS3_VITE_SERVER_URL": None,
}

#: Where all apps that share a bucket keep what is no asset.
OWN_FOLDER = ".flask-s3-static/"

_OWN = "FLASKS3_"

_BUCKET_FIX = "set it, or FLASKS3_BUCKET_NAME for static files alone"

# Parameters of create_all that stand for arguments of S3Bucket by another name.
_PARAMETERS = {"region": "location"}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a deployment says, checked.

    :param s3: where the bucket is. Static files are public, whatever it says of private files.
    :param public: where browsers find the bucket; ``None`` without a bucket.
    :param is_active: whether ``url_for`` leads to the bucket, unless debug or testing forbids it.
    :param must_be_active: the app says so itself.
    :param exclude: patterns of paths in static folders that stay with the app.
    :param hashed_already: which URL paths hold a hash; ``None`` to recognise them by their form.
    :param vite_folder: where Vite builds to, relative to the app's static folder.
    :param vite_server_url: where Vite's development server is; may be empty.
    """

    s3: S3Settings
    public: S3Bucket | None
    bucket_domain: str
    use_https: bool | None
    prefix: str
    is_active: bool
    must_be_active: bool
    active_in_debug: bool
    active_in_testing: bool
    exclude: tuple[str, ...]
    headers: Mapping[str, Any]
    filepath_headers: tuple[tuple[re.Pattern[str], Mapping[str, Any]], ...]
    only_modified: bool
    encoding: str
    encoded_extensions: frozenset[str]
    hashed_already: re.Pattern[str] | None
    hashed_names: bool
    manifest: str
    manifest_from_bucket: bool
    vite_folder: str
    vite_server_url: str

    @classmethod
    def from_app(cls, app: Flask) -> Self:
        """Read and check the settings of an app as they are now.

        :raises ConfigError: one is wrong, or is not a setting.
        """
        reader = SettingsReader(app.config, own=_OWN, aliases=ALIASES, error=ConfigError)
        s3 = S3Settings.read(reader, private=False)
        s3 = replace(s3, region=region_of(s3.region))
        domain = reader.text("FLASKS3_BUCKET_DOMAIN")
        domain = "" if domain == _AMAZON else domain
        use_https = _use_https(reader)
        try:
            public = _public(s3, domain, use_https)
        except ArgumentError as error:
            raise reader.blame(error, SETTINGS) from error
        settings = cls(
            s3=s3,
            public=public,
            bucket_domain=domain,
            use_https=use_https,
            prefix=reader.text("FLASKS3_PREFIX").strip("/"),
            is_active=reader.switch("FLASKS3_ACTIVE", s3.storage_type == "s3"),
            must_be_active=reader.is_set("FLASKS3_ACTIVE"),
            active_in_debug=_switch(reader, "FLASKS3_DEBUG"),
            active_in_testing=_switch(reader, "FLASKS3_OVERRIDE_TESTING"),
            exclude=reader.texts("FLASKS3_EXCLUDE"),
            headers=read_headers(reader, s3.acl),
            filepath_headers=read_filepath_headers(reader),
            only_modified=_switch(reader, "FLASKS3_ONLY_MODIFIED"),
            encoding=_encoding(reader),
            encoded_extensions=_extensions(reader),
            hashed_already=_pattern(reader, "FLASKS3_HASHED_ALREADY"),
            hashed_names=_switch(reader, "FLASKS3_HASHED_NAMES"),
            manifest=reader.path(
                "FLASKS3_MANIFEST", "static-manifest.json", root=app.instance_path
            ),
            manifest_from_bucket=_switch(reader, "FLASKS3_MANIFEST_FROM_BUCKET"),
            vite_folder=reader.text("FLASKS3_VITE_FOLDER").strip("/"),
            vite_server_url=_server_url(reader, "FLASKS3_VITE_SERVER_URL"),
        )
        _switch(reader, "FLASKS3_FORCE_MIMETYPE")
        for key, why in WITHOUT_MEANING.items():
            if (own := reader.keys_of(key)[0]) in app.config:
                raise ConfigError(f"{own} is not a setting: {why}", setting=own)
        reader.check_keys()
        try:
            check_name(settings.key("file"))
        except UnsafeNameError as error:
            raise reader.wrong(
                "FLASKS3_PREFIX", "a folder such as 'assets'", f": {error.rule}"
            ) from error
        return settings

    def with_arguments(
        self, *, user: str | None, password: str | None, bucket_name: str | None, region: str | None
    ) -> Self:
        """Return the settings with arguments of :func:`create_all` over them.

        :raises ConfigError: there is no bucket's name, one key without the other, or an argument is
            wrong.
        """
        if bool(user) != bool(password):
            raise ConfigError("user and password belong together: pass both, or neither")
        s3 = self.s3
        if user and password:
            s3 = replace(s3, access_key_id=user, access_key_secret=password)
        if region is not None:
            s3 = replace(s3, region=region_of(region))
        if bucket_name:
            s3 = replace(s3, bucket_name=bucket_name)
        try:
            public = _public(s3, self.bucket_domain, self.use_https)
        except ArgumentError as error:
            name = _PARAMETERS.get(error.argument, error.argument)
            raise ConfigError(
                f"{name} must be {error.rule}, got {error.value!r}{error.hint}"
            ) from error
        settings = replace(self, s3=s3, public=public)
        settings.require_bucket(f"{_BUCKET_FIX}, or pass bucket_name")
        return settings

    def require_bucket(self, fix: str = _BUCKET_FIX) -> None:
        """Raise ConfigError if there is no bucket."""
        if not self.s3.bucket_name:
            raise _no_bucket(fix)

    def key(self, path: str) -> str:
        """Return the object key of a URL path without leading slash, such as ``static/app.css``."""
        return f"{self.prefix}/{path}" if self.prefix else path

    def path(self, key: str) -> str:
        """Return the URL path of an object key."""
        return key.removeprefix(f"{self.prefix}/") if self.prefix else key

    @property
    def own_folder(self) -> str:
        """Where in the bucket we keep what is no asset: outside of all that may be public."""
        return f"{OWN_FOLDER}{self.prefix}".rstrip("/")

    @property
    def index_key(self) -> str:
        return f"{self.own_folder}/index.json.gz"

    @property
    def manifest_key(self) -> str:
        return f"{self.own_folder}/manifest.json"

    def release_key(self, number: int) -> str:
        """Return where the manifest of a release is kept."""
        return f"{self.own_folder}/releases/{number}.json"

    def url(self, path: str, scheme: str | None = None) -> str:
        """Return the public URL of a URL path's object.

        :raises ArgumentError: the path is one that no URL can carry.
        """
        if (bucket := self.public) is None:
            raise _no_bucket(_BUCKET_FIX)
        if scheme is not None:
            bucket = replace(bucket, scheme=scheme)
        return bucket.url(self.key(path))


def _public(s3: S3Settings, bucket_domain: str, use_https: bool | None) -> S3Bucket | None:
    """Return where browsers find the bucket, if there is one.

    :raises ArgumentError: what that is made of is wrong.
    """
    if not s3.bucket_name:
        return None
    return S3Bucket.from_settings(
        s3,
        bucket_domain=bucket_domain or None,
        scheme=None if use_https is None else "https" if use_https else "http",
    )


def _no_bucket(fix: str) -> ConfigError:
    return ConfigError(f"S3_BUCKET_NAME is missing: {fix}", setting="S3_BUCKET_NAME")


def _switch(reader: SettingsReader, key: str) -> bool:
    return reader.switch(key, DEFAULTS[key])


def _use_https(reader: SettingsReader) -> bool | None:
    key = "FLASKS3_USE_HTTPS"
    return reader.switch(key, True) if reader.is_set(key) else None


def _pattern(reader: SettingsReader, key: str) -> re.Pattern[str] | None:
    if not reader.text(key):
        return None
    try:
        return re.compile(reader.text(key))
    except re.error as error:
        raise reader.wrong(key, "a regular expression", f": {error}") from error


def _server_url(reader: SettingsReader, key: str) -> str:
    url = reader.text(key).rstrip("/")
    if url and not re.match(r"https?://[^\s/]", url):
        raise reader.wrong(key, "a URL such as 'http://localhost:5173'")
    return url


def _encoding(reader: SettingsReader) -> str:
    if _switch(reader, "FLASKS3_BROTLI"):
        if not find_spec("brotli"):
            raise ConfigError(
                "FLASKS3_BROTLI needs the package brotli: pip install 'flask-s3-static[brotli]'",
                setting="FLASKS3_BROTLI",
            )
        _switch(reader, "FLASKS3_GZIP")
        return "br"
    return "gzip" if _switch(reader, "FLASKS3_GZIP") else ""


def _extensions(reader: SettingsReader) -> frozenset[str]:
    extensions = reader.texts("FLASKS3_GZIP_ONLY_EXTS")
    return frozenset(f".{extension.lstrip('.').lower()}" for extension in extensions)
