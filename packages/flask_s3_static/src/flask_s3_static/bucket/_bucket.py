"""The bucket itself: its ACL, and its configuration for pages of other origins."""

from typing import Any

from s3_saver import S3Storage


def put_public_acl(storage: S3Storage) -> None:
    with storage.translate_errors():
        storage.client.put_bucket_acl(Bucket=storage.bucket_name, ACL="public-read")


def cors_rules() -> Any:
    """Return a CORS configuration that lets pages of any origin load fonts and modules."""
    return {
        "CORSRules": [
            {
                "ID": "flask-s3-static",
                "AllowedOrigins": ["*"],
                "AllowedMethods": ["GET", "HEAD"],
                "AllowedHeaders": ["*"],
                "MaxAgeSeconds": 3600,
            }
        ]
    }
