"""The settings: what stands in ``app.config``, checked once, as one frozen value."""

import os
from dataclasses import dataclass
from typing import Self

from flask import Flask

from s3_saver import S3Storage
from s3_saver.settings import S3Settings, SettingsReader
from url_for_s3 import ArgumentError, CloudFrontSigner, S3Bucket

from ._own_settings import SERVE, OwnSettings
from ._store import Store
from .exceptions import ConfigError

_MIB = 1024 * 1024
MIN_PART_BYTES = 5 * _MIB  # S3's, for all parts but the last
MAX_WHOLE_BYTES = 5 * 1024 * _MIB  # S3's, in one request
LONGEST_URL = 604_800  # seconds, S3's

# Shared settings that have no own key here.
_OTHERS = ("S3_CLOUDFRONT_KEY_ID", "S3_CLOUDFRONT_PRIVATE_KEY", "S3_PRIVATE")

# Arguments of S3Bucket and S3Storage, and the settings that they come from.
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

_ONLY = Store()


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings by their names in lowercase, less ``UPLOADS_``. Sizes in bytes, times in
    seconds. README.md says what each is for.

    :param store: whose settings these are.
    :param s3: where S3 is, and whether new files go there and are private.
    :param cloudfront: signs for the CDN, where that serves private files.
    """

    store: Store
    s3: S3Settings
    cloudfront: CloudFrontSigner | None
    folder: str
    url_prefix: str
    domain: str
    url_expires: int
    serve: str
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
    def from_app(cls, app: Flask, store: Store = _ONLY) -> Self:
        """Read and check the settings of an app; nothing is asked of S3.

        :param store: whose settings to read.
        :raises ConfigError: one is wrong, does not go with another, or is not a setting.
        """
        own = OwnSettings(app, store)
        reader = own.reader
        s3 = S3Settings.read(reader)
        _check_addresses(reader, s3)
        settings = cls(
            store=store,
            s3=s3,
            cloudfront=_signer(reader, s3),
            folder=own.folder("UPLOADS_FOLDER", store.folder),
            url_prefix=own.url_prefix(f"/{store.folder}"),
            domain=own.domain(),
            url_expires=own.seconds("UPLOADS_URL_EXPIRES", LONGEST_URL),
            serve=own.choice("UPLOADS_SERVE", SERVE),
            s3_prefix=own.s3_prefix(store.folder),
            s3_direct_method=own.choice("UPLOADS_S3_DIRECT_METHOD", ("POST", "PUT")),
            s3_allow_unsigned_headers=own.switch("UPLOADS_S3_ALLOW_UNSIGNED_HEADERS"),
            direct_expires=own.seconds("UPLOADS_DIRECT_EXPIRES", LONGEST_URL),
            token_max_age=own.seconds("UPLOADS_TOKEN_MAX_AGE"),
            parts_above=own.integer("UPLOADS_PARTS_ABOVE", maximum=MAX_WHOLE_BYTES),
            part_bytes=own.integer(
                "UPLOADS_PART_BYTES", minimum=MIN_PART_BYTES, maximum=MAX_WHOLE_BYTES
            ),
            receive_timeout=own.seconds("UPLOADS_RECEIVE_TIMEOUT"),
            spool_folder=own.folder("UPLOADS_SPOOL_FOLDER", f"{store.folder}-spool"),
            background_workers=own.integer("UPLOADS_BACKGROUND_WORKERS"),
            background_attempts=own.integer("UPLOADS_BACKGROUND_ATTEMPTS"),
            background_retry_delay=own.number("UPLOADS_BACKGROUND_RETRY_DELAY"),
        )
        _refuse_without_effect(reader, s3, store)
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
        """Return the key of the setting that an argument of a storage or bucket comes from."""
        if argument == "prefix":
            return self.store.key("UPLOADS_S3_PREFIX")
        return self.s3.keys.get(argument) or _ARGUMENTS.get(argument, "")

    def in_settings(self, error: Exception) -> str:
        """Return the message of a storage's error, by the setting for an argument that it names."""
        argument = getattr(error, "argument", "")
        if getattr(error, "problem", "") and (key := self.key_of(argument)):
            return f"{error.problem}; check {key}"  # type: ignore[attr-defined]
        return str(error)


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


def _signer(reader: SettingsReader, s3: S3Settings) -> CloudFrontSigner | None:
    """Return what signs for the CDN, where that serves private files.

    :raises ConfigError: the key cannot sign.
    """
    try:
        return CloudFrontSigner.from_settings(s3) if s3.private else None
    except ArgumentError as error:
        raise reader.blame(error, _ARGUMENTS) from error


def _refuse_without_effect(reader: SettingsReader, s3: S3Settings, store: Store) -> None:
    """Refuse own settings that nothing would follow."""
    private = store.key("UPLOADS_PRIVATE")
    for key in _OTHERS:
        if reader.is_set(own := reader.keys_of(key)[0]):
            fix = f"set {private}" if key == "S3_PRIVATE" else "leave it out"
            raise ConfigError(f"{own} is not a setting: {fix}", setting=own)
    cdn = reader.keys_of("S3_CDN_DOMAIN")[0]
    if s3.private and s3.cdn_domain and not s3.cloudfront and reader.key_of("S3_CDN_DOMAIN") == cdn:
        raise ConfigError(
            f"{cdn} has no use while files are private, as a CDN does not know S3's signatures:"
            f" leave it out, set S3_CLOUDFRONT_PRIVATE_KEY, or set {private} = False",
            setting=cdn,
        )
