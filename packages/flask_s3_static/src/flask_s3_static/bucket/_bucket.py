"""The bucket itself: making it, and its configuration for pages of other origins."""

from typing import Any

from s3_saver import S3SaverError, S3Storage


def create_bucket(storage: S3Storage, region: str) -> None:
    """Make the bucket, in *region* or, by ``''``, where S3 makes it by default.

    That it is there, and ours, is as well: another push was faster, or an answer was lost.
    """
    options: Any = {}
    if region not in ("", "us-east-1"):  # which S3 takes only unsaid
        options = {"CreateBucketConfiguration": {"LocationConstraint": region}}
    try:
        with storage.translate_errors():
            storage.client.create_bucket(Bucket=storage.bucket_name, **options)
    except S3SaverError as error:
        if error.code != "BucketAlreadyOwnedByYou":
            raise


def put_public_acl(storage: S3Storage) -> None:
    with storage.translate_errors():
        storage.client.put_bucket_acl(Bucket=storage.bucket_name, ACL="public-read")


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
