"""The CDN of an app, in front of its own bucket, for private thumbnails too."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask import Flask

from flask_thumbnails_s3 import ConfigError
from flask_thumbnails_s3._settings import Settings
from flask_thumbnails_s3.storing._urls import Urls
from s3_saver import S3Storage


@pytest.fixture(scope="module")
def pem() -> str:
    """A key as CloudFront takes it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def find(bucket_name: str, **config: Any) -> str:
    """The URL of a thumbnail in a bucket."""
    app = Flask("site", instance_path="/srv/instance")
    app.config.update(
        MEDIA_FOLDER="uploads",
        S3_BUCKET_NAME="my-bucket",
        S3_REGION="eu-north-1",
        S3_CDN_DOMAIN="cdn.example.com",
        **config,
    )
    storage = S3Storage(
        bucket_name, region="eu-north-1", access_key_id="id", access_key_secret="secret"
    )
    return Urls(Settings.from_app(app)).on_s3(storage, bucket_name, "thumbnails", "a.jpg")


def test_private(pem: str) -> None:
    """With CloudFront's key the CDN serves private thumbnails, by a URL that stays for a while."""
    keys = {"S3_CLOUDFRONT_KEY_ID": "K123", "S3_CLOUDFRONT_PRIVATE_KEY": pem}
    url = find("my-bucket", **keys)
    assert url.startswith("https://cdn.example.com/thumbnails/a.jpg?Expires=")
    assert "&Key-Pair-Id=K123&" in url
    own = find("my-bucket", THUMBNAIL_S3_CDN_DOMAIN="own.example.com", **keys)
    assert own.startswith("https://own.example.com/")
    assert "X-Amz-Signature=" in find("my-bucket")


def test_other_bucket(pem: str) -> None:
    """What is in another bucket than the CDN's has that bucket's own URL."""
    keys = {"S3_CLOUDFRONT_KEY_ID": "K123", "S3_CLOUDFRONT_PRIVATE_KEY": pem}
    start = "https://older.s3.eu-north-1.amazonaws.com/thumbnails/a.jpg"
    assert find("older", **keys).startswith(f"{start}?X-Amz-")
    assert find("older", S3_PRIVATE=False) == start
    assert find("my-bucket", S3_PRIVATE=False) == "https://cdn.example.com/thumbnails/a.jpg"


def test_wrong_key(pem: str) -> None:
    """A key that cannot sign is refused when the app is made, and is not shown."""
    with pytest.raises(ConfigError, match="S3_CLOUDFRONT_PRIVATE_KEY must be") as raised:
        find("my-bucket", S3_CLOUDFRONT_KEY_ID="K123", S3_CLOUDFRONT_PRIVATE_KEY="hush")
    assert "hush" not in str(raised.value)
    with pytest.raises(ConfigError, match="S3_CLOUDFRONT_KEY_ID must be"):
        find("my-bucket", S3_CLOUDFRONT_KEY_ID="K 1", S3_CLOUDFRONT_PRIVATE_KEY=pem)
