"""The S3 that the app states once, for whatever a field's own options leave open."""

from flask import Flask, current_app, has_app_context

from s3_saver.settings import S3Settings, SettingsReader
from url_for_s3 import ArgumentError, CloudFrontSigner, S3Bucket

from ._state import State

# Arguments of S3Bucket, and the settings that they are read from.
_SETTINGS = {
    "bucket_name": "S3_BUCKET_NAME",
    "region": "S3_REGION",
    "endpoint_url": "S3_ENDPOINT_URL",
    "key_id": "S3_CLOUDFRONT_KEY_ID",
    "private_key": "S3_CLOUDFRONT_PRIVATE_KEY",
    "public_endpoint_url": "S3_PUBLIC_ENDPOINT_URL",
    "cdn_domain": "S3_CDN_DOMAIN",
}


class Settings:
    """The shared settings of an app: ``S3_BUCKET_NAME``, ``S3_REGION`` and so on."""

    @staticmethod
    def from_app(app: Flask) -> S3Settings:
        """Read them, again if they have changed; nothing is asked of S3.

        :raises s3_saver.ConfigError: one is wrong, or looks misspelled.
        """
        config = {
            key: value for key, value in app.config.items() if key[:3] == "S3_" or key == "USE_S3"
        }
        state = State.of(app)
        if state.settings is None or state.config != config:
            reader = SettingsReader(config, own="")
            settings = S3Settings.read(reader)
            reader.check_keys()
            _check_urls(settings, reader)
            state.config, state.settings = config, settings
        return state.settings

    @classmethod
    def current(cls) -> S3Settings:
        """Return those of the current app; outside of one, nothing is set."""
        return cls.from_app(current_app) if has_app_context() else _NOTHING


def _check_urls(settings: S3Settings, reader: SettingsReader) -> None:
    """Make sure that files can be shown, now and not when a page is made."""
    try:
        S3Bucket.from_settings(settings, bucket_name=settings.bucket_name or "any-bucket")
        if settings.private:
            CloudFrontSigner.from_settings(settings)
    except ArgumentError as error:
        raise reader.blame(error, _SETTINGS) from error


_NOTHING = S3Settings.read(SettingsReader({}, own=""))
