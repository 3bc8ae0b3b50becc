"""The key by which the CDN serves private files, tried when the app is made."""

from s3_saver.settings import S3Settings, SettingsReader
from url_for_s3 import ArgumentError, sign_url_for_cloudfront

from .exceptions import ConfigError

_ARGUMENTS = {
    "key_id": "S3_CLOUDFRONT_KEY_ID",
    "private_key": "S3_CLOUDFRONT_PRIVATE_KEY",
}


def check_cloudfront(reader: SettingsReader, s3: S3Settings) -> None:
    """Sign something, so that the app is refused and not its first URL.

    :raises ConfigError: the key cannot sign.
    """
    if not (s3.private and s3.cloudfront):
        return
    try:
        sign_url_for_cloudfront(f"https://{s3.cdn_domain}/", *s3.cloudfront, 1)
    except ArgumentError as error:
        raise reader.blame(error, _ARGUMENTS) from error
    except ImportError as error:
        key = reader.key_of("S3_CLOUDFRONT_PRIVATE_KEY")
        message = f"{key} needs cryptography: pip install 'flask-thumbnails-s3[cloudfront]'"
        raise ConfigError(message, setting=key) from error
