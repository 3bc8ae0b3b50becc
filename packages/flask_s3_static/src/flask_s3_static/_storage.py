"""The bucket as a storage, made of the settings."""

from s3_saver import AccessDeniedError, S3Storage

from ._settings import Settings
from .exceptions import ConfigError


def make_storage(settings: Settings) -> S3Storage:
    return S3Storage(
        settings.bucket_name,
        region=settings.region or None,
        endpoint_url=settings.endpoint_url or None,
        access_key_id=settings.access_key_id or None,
        access_key_secret=settings.access_key_secret or None,
    )


def check_credentials(storage: S3Storage) -> None:
    """Make sure that there is something to sign requests with.

    :raises ConfigError: there is nothing.
    """
    try:
        storage.credentials  # noqa: B018 - a property that asks the SDK
    except AccessDeniedError as error:
        raise ConfigError(
            "AWS_ACCESS_KEY_ID",
            "no credentials were found: set it and AWS_SECRET_ACCESS_KEY, in app.config or in the "
            f"environment, or use a profile (AWS_PROFILE) or a role ({error.__cause__})",
        ) from error
