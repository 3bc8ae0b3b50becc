"""Addresses of S3, and those that no storage can be made of."""

from typing import Any

import pytest
from botocore.config import Config

from s3_saver import ArgumentError, S3Storage

KEYS: Any = {"access_key_id": "k", "access_key_secret": "s"}


@pytest.mark.parametrize(
    ("endpoint_url", "fixed"),
    [
        ("https://my-bucket.nyc3.example.org", "https://nyc3.example.org"),
        ("https://MY-BUCKET.nyc3.example.org", None),
        ("http://my-bucket.localhost:9000/", "http://localhost:9000/"),
        ("https://nyc3.example.org/my-bucket", "https://nyc3.example.org"),
        ("https://nyc3.example.org/store/my-bucket/", "https://nyc3.example.org/store"),
        (
            "https://my-bucket.s3.eu-west-1.amazonaws.com",
            "https://s3.eu-west-1.amazonaws.com",
        ),
    ],
)
def test_an_endpoint_that_holds_the_bucket_is_refused(
    endpoint_url: str, fixed: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As DigitalOcean shows it: the bucket would stand in each address twice. The fix is shown."""
    with pytest.raises(ArgumentError, match="without the bucket 'my-bucket'") as caught:
        S3Storage("my-bucket", endpoint_url=endpoint_url)
    assert caught.value.argument == "endpoint_url"
    if fixed:
        assert caught.value.hint == f": pass {fixed!r}"
        S3Storage("my-bucket", endpoint_url=fixed)
    for variable in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        with monkeypatch.context() as environment:
            environment.setenv(variable, endpoint_url)
            with pytest.raises(ArgumentError, match="without the bucket"):
                S3Storage("my-bucket")


def test_an_endpoint_that_the_sdk_ignores_is_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS_IGNORE_CONFIGURED_ENDPOINT_URLS makes the SDK ignore endpoints of the environment."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://my-bucket.nyc3.example.org")
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    assert S3Storage("my-bucket", region="eu-north-1", **KEYS).endpoint_url is None


@pytest.mark.parametrize(
    ("endpoint_url", "rule"),
    [
        ("https://s3-accelerate.amazonaws.com", "takes every call"),
        ("https://s3-accelerate.dualstack.amazonaws.com", "takes every call"),
        ("https://my-bucket.s3-accelerate.amazonaws.com", "without the bucket"),
        ("https://user:hidden@s3.example.org", "without a user and a password"),
        ("https://s3.example.org?bucket=a", "of scheme and host"),
        ("https://", "of scheme and host"),
        ("https://s3.example.org:port", "a URL such as"),
        ("https://[::1", "a URL such as"),
        ("http://my_minio:9000", "letters, digits, hyphens and dots"),
        ("http://local host:9000", "letters, digits, hyphens and dots"),
        ("http://-minio:9000", "letters, digits, hyphens and dots"),
        ("http://minio..example:9000", "letters, digits, hyphens and dots"),
        ("http://localhost:9000\n", "without spaces around it"),
        ("http://localhost:9000/ ", "without spaces around it"),
        ("https://größe.example", "beginning with xn--"),
    ],
)
def test_an_endpoint_that_cannot_work_is_refused(endpoint_url: str, rule: str) -> None:
    """At the start, in words, without a password in them."""
    with pytest.raises(ArgumentError, match=f"endpoint_url must be .*{rule}") as caught:
        S3Storage("my-bucket", endpoint_url=endpoint_url)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    "endpoint_url",
    [
        "https://bucket.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com",
        "https://s3.dualstack.eu-west-1.amazonaws.com",
        "https://s3-fips.us-east-1.amazonaws.com",
        "http://s3.eu-west-1.amazonaws.com",
        "https://s3-eu-west-1.amazonaws.com",
        "https://minio.example.org/store",
    ],
)
@pytest.mark.parametrize("bucket", ["bucket", "my-bucket"])
def test_an_endpoint_that_is_set_is_used_as_it_is(endpoint_url: str, bucket: str) -> None:
    """Whoever has chosen one for a private network, IPv6 or FIPS gets URLs of it."""
    storage = S3Storage(bucket, endpoint_url=endpoint_url, region="eu-west-1", **KEYS)
    assert storage.endpoint_url == endpoint_url


@pytest.mark.parametrize(
    ("options", "endpoint_url"),
    [
        ({"use_dualstack_endpoint": True}, "https://s3.dualstack.eu-west-1.amazonaws.com"),
        ({"use_fips_endpoint": True}, "https://s3-fips.eu-west-1.amazonaws.com"),
        ({}, None),
    ],
)
def test_an_endpoint_of_the_sdk_s_own_options_is_told(
    options: dict[str, Any], endpoint_url: str | None
) -> None:
    """Dualstack and FIPS may also be asked for by the SDK's configuration."""
    storage = S3Storage("bucket", region="eu-west-1", config=Config(**options), **KEYS)
    assert storage.endpoint_url == endpoint_url


@pytest.mark.parametrize(
    "bucket",
    [
        "arn:aws:s3:eu-north-1:123456789012:accesspoint/media",
        "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap",
    ],
)
def test_an_arn_is_refused(bucket: str) -> None:
    """No URL can be made of an access point's ARN; its alias is a bucket's name."""
    with pytest.raises(ArgumentError, match="bucket_name must be .* no ARN, .*pass the alias"):
        S3Storage(bucket)


@pytest.mark.parametrize(
    "region", ["eu north", "eu-north-1 ", "eu-north-1\n", "-eu", "eu-", "12", "é", "x/y", "e" * 64]
)
def test_a_region_that_makes_no_host_is_refused_at_the_start(region: str) -> None:
    """And not with the first file, when the SDK makes a client."""
    with pytest.raises(ArgumentError, match="region must be a region such as 'eu-north-1'"):
        S3Storage("bucket", region=region)


@pytest.mark.parametrize(
    "endpoint_url",
    ["http://[::1]:9000", "HTTP://LOCALHOST:9000", "http://127.0.0.1", "http://minio.example./"],
)
def test_the_sdk_makes_a_client_of_what_is_accepted(endpoint_url: str) -> None:
    """The two do not disagree."""
    storage = S3Storage("bucket", endpoint_url=endpoint_url, region="eu-west-1", **KEYS)
    assert storage.client.meta.endpoint_url == endpoint_url
