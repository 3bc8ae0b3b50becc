"""The bucket itself: making it, and who may read it."""

import json
import re
from collections.abc import Sequence
from typing import Any

from s3_saver import S3SaverError, S3Storage

from ..exceptions import ConfigError

_STATEMENT = "FlaskS3StaticPublicRead"

# Arguments of S3Storage that its errors name, and the settings that give them.
_ARGUMENTS = {
    "acl": "FLASKS3_ACL",
    "endpoint_url": "FLASKS3_ENDPOINT_URL",
    "region": "FLASKS3_REGION",
}


def in_settings(words: str) -> str:
    """Return an error's words with settings in place of arguments that only code sees."""
    arguments = "|".join(_ARGUMENTS).replace("region", "region(?==)")  # else it is a plain word
    return re.sub(rf"\b({arguments})\b", lambda found: _ARGUMENTS[found[0]], words)


def create_bucket(storage: S3Storage, region: str) -> None:
    """Make the bucket, in *region* or, by ``''``, where S3 makes it by default.

    That it is there, and ours, is as well: another push was faster, or an answer was lost.
    """
    place: Any = {}
    if region not in ("", "us-east-1"):  # which S3 takes only unsaid
        place = {"CreateBucketConfiguration": {"LocationConstraint": region}}
    try:
        with storage.translate_errors():
            storage.client.create_bucket(Bucket=storage.bucket_name, **place)
    except S3SaverError as error:
        if error.code != "BucketAlreadyOwnedByYou":
            raise


def put_public_acl(storage: S3Storage) -> None:
    with storage.translate_errors():
        storage.client.put_bucket_acl(Bucket=storage.bucket_name, ACL="public-read")


def policy_statement(bucket: str, folders: Sequence[str]) -> dict[str, Any]:
    """Return the statement of a bucket policy that lets everybody read what is in folders.

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
    """Return the bucket's policy with our statement in it, new or renewed; the others stay."""
    present: dict[str, Any] = {"Version": "2012-10-17", "Statement": []}
    try:
        with storage.translate_errors():
            present = json.loads(
                storage.client.get_bucket_policy(Bucket=storage.bucket_name)["Policy"]
            )
    except S3SaverError as error:  # no other 404 may end in the loss of the other statements
        if error.code not in ("NoSuchBucketPolicy", "NoSuchBucket"):
            raise
    statements = present["Statement"]
    if isinstance(statements, dict):  # IAM's grammar lets one stand alone
        statements = [statements]
    others = [s for s in statements if s.get("Sid") != _STATEMENT]
    return {**present, "Statement": [*others, policy_statement(storage.bucket_name, folders)]}


def put_policy(storage: S3Storage, policy: dict[str, Any]) -> None:
    with storage.translate_errors():
        storage.client.put_bucket_policy(Bucket=storage.bucket_name, Policy=json.dumps(policy))


def cors_rules() -> Any:
    """Return a CORS configuration that lets pages of any origin load fonts and modules."""
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
