"""The CDN of an app, in front of its own bucket, for private files too."""

import json
import time
from base64 import b64decode
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask import Flask, Response

from flask_s3_upload import ConfigError, StoredFile, Uploads


@pytest.fixture(scope="module")
def pem() -> str:
    """A key as CloudFront takes it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def find(bucket_name: str, **config: Any) -> str:
    """The URL of a file in a bucket."""
    app = Flask("site", instance_path="/srv/instance")
    app.config.update(
        S3_BUCKET_NAME="my-bucket",
        S3_ALLOWED_BUCKETS=["older"],
        S3_REGION="eu-north-1",
        S3_ACCESS_KEY_ID="id",
        S3_ACCESS_KEY_SECRET="secret",
        S3_CDN_DOMAIN="cdn.example.com",
        **config,
    )
    uploads = Uploads(app)
    with app.test_request_context():
        file = StoredFile("a.jpg", storage_type="s3", bucket_name=bucket_name)
        return file.bind(uploads.storages).url


def test_private_files(pem: str) -> None:
    """With CloudFront's key the CDN serves private files, by a URL that stays for a while."""
    keys = {"S3_CLOUDFRONT_KEY_ID": "K123", "S3_CLOUDFRONT_PRIVATE_KEY": pem}
    url = find("my-bucket", **keys)
    assert url.startswith("https://cdn.example.com/uploads/a.jpg?Expires=")
    assert "&Key-Pair-Id=K123&" in url
    own = find("my-bucket", UPLOADS_S3_CDN_DOMAIN="own.example.com", **keys)
    assert own.startswith("https://own.example.com/")
    assert "X-Amz-Signature=" in find("my-bucket")


def make_app(**config: Any) -> tuple[Flask, Uploads]:
    app = Flask("site", instance_path="/srv/instance")
    app.config.update(S3_BUCKET_NAME="my-bucket", S3_REGION="eu-north-1", **config)
    return app, Uploads(app)


def test_cookies_for_a_folder(pem: str) -> None:
    """A response sets CloudFront's cookies, for the folder and the domain of both hosts."""
    app, uploads = make_app(
        S3_CDN_DOMAIN="cdn.example.com",
        S3_CLOUDFRONT_KEY_ID="K123",
        S3_CLOUDFRONT_PRIVATE_KEY=pem,
        UPLOADS_URL_EXPIRES=60,
    )

    @app.get("/film")
    def film() -> Response:
        response = Response("film")
        uploads.set_cookies(response, "films/42/", domain="example.com")
        return response

    answer = app.test_client().get("/film", base_url="https://www.example.com")
    cookies = {
        one.partition("=")[0]: one.partition("=")[2] for one in answer.headers.getlist("Set-Cookie")
    }
    assert set(cookies) == {
        "CloudFront-Policy",
        "CloudFront-Signature",
        "CloudFront-Key-Pair-Id",
        "CloudFront-Hash-Algorithm",
    }
    for cookie in cookies.values():
        assert "Domain=example.com; Secure; HttpOnly; Path=/uploads/films/42/" in cookie
    encoded = cookies["CloudFront-Policy"].partition(";")[0].translate(str.maketrans("-_~", "+=/"))
    (statement,) = json.loads(b64decode(encoded))["Statement"]
    assert statement["Resource"] == "https://cdn.example.com/uploads/films/42/*"
    left = statement["Condition"]["DateLessThan"]["AWS:EpochTime"] - time.time()
    assert 0 < left <= 60


def test_cookies_that_no_browser_would_send(pem: str) -> None:
    """A domain is asked for unless the CDN stands in front of the app as well; S3 itself knows no
    cookies."""
    keys = {"S3_CLOUDFRONT_KEY_ID": "K123", "S3_CLOUDFRONT_PRIVATE_KEY": pem}
    app, uploads = make_app(S3_CDN_DOMAIN="cdn.example.com", **keys)
    with app.test_request_context(base_url="https://www.example.com"):
        with pytest.raises(ConfigError, match="set_cookies needs domain="):
            uploads.set_cookies(Response(), "films/")
        with pytest.raises(ValueError, match="domain must be"):
            uploads.set_cookies(Response(), "films/", domain="other.example.org")
    with app.test_request_context(base_url="https://cdn.example.com"):
        uploads.set_cookies(response := Response(), "films/")
    assert "Domain=" not in response.headers["Set-Cookie"]
    app, uploads = make_app()
    with app.test_request_context(), pytest.raises(ConfigError, match="S3_CDN_DOMAIN is missing"):
        uploads.set_cookies(Response(), "films/")
    app, uploads = make_app(S3_PRIVATE=False)
    with app.test_request_context():
        uploads.set_cookies(response := Response(), "films/")
    assert "Set-Cookie" not in response.headers


def test_another_bucket(pem: str) -> None:
    """What is in another bucket than the CDN's has that bucket's own URL."""
    keys = {"S3_CLOUDFRONT_KEY_ID": "K123", "S3_CLOUDFRONT_PRIVATE_KEY": pem}
    start = "https://older.s3.eu-north-1.amazonaws.com/uploads/a.jpg"
    assert find("older", **keys).startswith(f"{start}?X-Amz-")
    assert find("older", S3_PRIVATE=False) == start
    assert find("my-bucket", S3_PRIVATE=False) == "https://cdn.example.com/uploads/a.jpg"


def test_a_wrong_key(pem: str) -> None:
    """A key that cannot sign is refused when the app is made, and is not shown."""
    with pytest.raises(ConfigError, match="S3_CLOUDFRONT_PRIVATE_KEY must be") as raised:
        find("my-bucket", S3_CLOUDFRONT_KEY_ID="K123", S3_CLOUDFRONT_PRIVATE_KEY="hush")
    assert "hush" not in str(raised.value)
    with pytest.raises(ConfigError, match="S3_CLOUDFRONT_KEY_ID must be"):
        find("my-bucket", S3_CLOUDFRONT_KEY_ID="K 1", S3_CLOUDFRONT_PRIVATE_KEY=pem)
