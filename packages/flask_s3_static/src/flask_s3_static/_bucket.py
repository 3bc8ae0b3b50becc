"""The bucket itself: the storage for the settings, making it, and who may read it."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from s3_saver import (
    AccessDeniedError,
    BucketNotFoundError,
    NotFoundError,
    S3SaverError,
    S3Storage,
    StorageUnavailableError,
)

from ._config import Settings
from .exceptions import ConfigError, S3StaticError

_STATEMENT = "FlaskS3StaticPublicRead"

# Arguments of S3Storage that its errors name, and the settings that give them.
_ARGUMENTS = {"region_name": "FLASKS3_REGION", "endpoint_url": "FLASKS3_ENDPOINT_URL"}


def make_storage(settings: Settings) -> S3Storage:
    return S3Storage(
        settings.bucket_name,
        region_name=settings.region or None,
        endpoint_url=settings.endpoint_url or None,
        access_key_id=settings.access_key_id or None,
        access_key_secret=settings.access_key_secret or None,
    )


def in_settings(error: Exception) -> str:
    """Give an error's words, with settings in place of arguments that only code sees."""
    arguments = rf"\b({'|'.join(_ARGUMENTS)})\b"
    return re.sub(arguments, lambda found: _ARGUMENTS[found[0]], str(error))


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
            "environment, or use a profile (AWS_PROFILE) or a role",
        ) from error


@contextmanager
def explained(storage: S3Storage, fix: str) -> Iterator[None]:
    """Add to what S3 refuses how else to mend it here."""
    try:
        with storage.translate_errors():
            yield
    except StorageUnavailableError:
        raise
    except S3SaverError as error:
        raise S3StaticError(f"{error}. {fix}") from error


def create_bucket(storage: S3Storage, region: str) -> None:
    """Make the bucket, in *region* or, by ``''``, where S3 makes it by default."""
    place: Any = {}
    if region not in ("", "us-east-1"):  # which S3 takes only unsaid
        place = {"CreateBucketConfiguration": {"LocationConstraint": region}}
    fix = "Or make the bucket yourself; FLASKS3_REGION says where"
    with explained(storage, fix):
        storage.client.create_bucket(Bucket=storage.bucket, **place)


def put_public_acl(storage: S3Storage) -> None:
    fix = "Buckets made since April 2023 refuse ACLs: use --public-policy"
    with explained(storage, fix):
        storage.client.put_bucket_acl(Bucket=storage.bucket, ACL="public-read")


def policy_statement(bucket: str, folders: Sequence[str]) -> dict[str, Any]:
    """Give the statement of a bucket policy that lets everybody read what is in folders.

    :param folders: prefixes of keys, each ending with a slash.
    :raises ConfigError: one is empty, which would open the whole bucket.
    """
    if "" in folders:
        raise ConfigError(
            "FLASKS3_PREFIX",
            "is empty, and static files are at the root of the app's URLs: a policy for them would "
            "let everybody read the whole bucket. Set a prefix, or serve from below a path",
        )
    return {
        "Sid": _STATEMENT,
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": [f"arn:aws:s3:::{bucket}/{folder}*" for folder in folders],
    }


def public_policy(storage: S3Storage, folders: Sequence[str]) -> dict[str, Any]:
    """Give the bucket's policy with our statement in it, new or renewed; the others stay."""
    present: dict[str, Any] = {"Version": "2012-10-17", "Statement": []}
    with suppress(NotFoundError, BucketNotFoundError), storage.translate_errors():
        present = json.loads(storage.client.get_bucket_policy(Bucket=storage.bucket)["Policy"])
    others = [s for s in present["Statement"] if s.get("Sid") != _STATEMENT]
    return {**present, "Statement": [*others, policy_statement(storage.bucket, folders)]}


def put_policy(storage: S3Storage, policy: dict[str, Any]) -> None:
    fix = (
        "Also turn off 'Block public access to buckets granted through new public bucket policies' "
        "for this bucket"
    )
    with explained(storage, fix):
        storage.client.put_bucket_policy(Bucket=storage.bucket, Policy=json.dumps(policy))


def cors_rules() -> Any:
    """Give a CORS configuration that lets pages of any origin load fonts and modules."""
    return {
        "CORSRules": [
            {
                "AllowedOrigins": ["*"],
                "AllowedMethods": ["GET", "HEAD"],
                "AllowedHeaders": ["*"],
                "MaxAgeSeconds": 3600,
            }
        ]
    }
