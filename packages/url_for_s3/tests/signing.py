"""Options to sign with, and botocore's client that signs the same."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from url_for_s3 import PresignedPost, S3Credentials, presign_post_for_s3, presign_url_for_s3

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CREDENTIALS = S3Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
TOKEN = "FwoGZXIvYXdzE+/=="
TEMPORARY = S3Credentials(CREDENTIALS.access_key_id, CREDENTIALS.access_key_secret, TOKEN)

KEYS = [
    "static/pics/logo.png",
    "a+b#c%d?e&f(g) h.txt",
    "%41/%2F",
    "日本/ключ/ü😀.webp",
    "~tilde-_.'!*();:@=$,[]\"<>\\^`{|}",
    "a//b/",
]
# The opt-in regions, where a URL without the region fails, are among them.
REGIONS = ["us-east-1", "eu-north-1", "af-south-1", "me-south-1", "cn-north-1", "us-gov-west-1"]
ENDPOINTS = [
    None,
    "http://127.0.0.1:9000",
    "https://s3.example.com:8443",
    "https://s3.example.com:443",
    "http://storage.example.com/s3/v1",
]


@lru_cache(maxsize=64)
def botocore_client(
    region: str, url_style: str, endpoint_url: str | None, credentials: S3Credentials
) -> "S3Client":
    if url_style == "path" and not endpoint_url:
        # In path style botocore presigns for the global host, unless it knows the regional one.
        suffix = ".cn" if region.startswith("cn-") else ""
        endpoint_url = f"https://s3.{region}.amazonaws.com{suffix}"
    return boto3.client(
        "s3",
        region_name=region,
        endpoint_url=endpoint_url,
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.access_key_secret,
        aws_session_token=credentials.session_token,
        config=Config(
            signature_version="s3v4",
            s3={
                "addressing_style": "path" if url_style == "path" else "virtual",
                "us_east_1_regional_endpoint": "regional",
            },
        ),
    )


def presign(filename: str = "a.txt", **changes: Any) -> str:
    arguments: dict[str, Any] = {"credentials": CREDENTIALS, "region": "eu-north-1"}
    return presign_url_for_s3("", "my-bucket", filename=filename, **(arguments | changes))


def presign_post(filename: str = "a.txt", **changes: Any) -> PresignedPost:
    arguments: dict[str, Any] = {"credentials": CREDENTIALS, "region": "eu-north-1"}
    return presign_post_for_s3("", "my-bucket", filename=filename, **(arguments | changes))
