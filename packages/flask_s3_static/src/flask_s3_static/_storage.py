"""The bucket as a storage, made of the settings."""

from s3_saver import AccessDeniedError, S3Storage

from ._settings import Settings
from .exceptions import ConfigError


def make_storage(settings: Settings) -> S3Storage:
    """Return the bucket, without what is asked for files of users.

    :raises ConfigError: the name of the bucket is missing.
    """
    settings.require_bucket()
    s3 = settings.s3
    return S3Storage(
        s3.bucket_name,
        region=s3.region or None,
        endpoint_url=s3.endpoint_url or None,
        access_key_id=s3.access_key_id or None,
        access_key_secret=s3.access_key_secret or None,
        races=s3.races,
    )


def check_credentials(storage: S3Storage) -> None:
    """Make sure that there is something to sign requests with.

    :raises ConfigError: there is nothing.
    """
    try:
        storage.credentials  # noqa: B018 - a property that asks the SDK
    except AccessDeniedError as error:
        raise ConfigError(
            "S3_ACCESS_KEY_ID is missing, and no credentials were found elsewhere: set it and "
            "S3_ACCESS_KEY_SECRET, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the "
            f"environment, or use a profile (AWS_PROFILE) or a role ({error.__cause__})",
            setting="S3_ACCESS_KEY_ID",
        ) from error


def name_settings(settings: Settings) -> str:
    """Return where the bucket is by the settings, for errors that know arguments alone."""
    s3 = settings.s3
    values = {
        s3.keys["bucket_name"]: s3.bucket_name,
        s3.keys["region"]: s3.region,
        s3.keys["endpoint_url"]: s3.endpoint_url,
    }
    return ", ".join(f"{key} is {value!r}" for key, value in values.items() if value)
