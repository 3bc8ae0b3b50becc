from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

from url_for_s3._address import Address, find_address


def find(bucket_name: str = "my-bucket", **changes: Any) -> Address:
    arguments: dict[str, Any] = {
        "bucket_domain": None,
        "scheme": "https",
        "url_style": "host",
        "cdn_domain": None,
        "region": None,
        "endpoint_url": None,
        "scheme_override": None,
    }
    return find_address(bucket_name, *(arguments | changes).values())


def base(bucket_name: str = "my-bucket", **changes: Any) -> str:
    return find(bucket_name, **changes).base


def test_global_host() -> None:
    """Without a region, the bucket answers at Amazon's global host."""
    assert base() == "https://my-bucket.s3.amazonaws.com/"


def test_path_style() -> None:
    """In path style, the bucket is the first segment of the path."""
    assert base(url_style="path") == "https://s3.amazonaws.com/my-bucket/"


def botocore_host(region: str) -> str:
    client = boto3.client(
        "s3",
        region_name=region,
        aws_access_key_id="id",
        aws_secret_access_key="secret",
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
        ),
    )
    url = client.generate_presigned_url("get_object", {"Bucket": "my-bucket", "Key": "a"})
    client.close()
    return urlsplit(url).netloc


def test_regional_hosts() -> None:
    """In every region that botocore knows, the host is the one that botocore would ask."""
    session = boto3.Session()
    regions = [
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("s3", partition)
    ]
    assert {"us-east-1", "eu-north-1", "af-south-1", "me-south-1", "cn-north-1"} <= set(regions)
    assert {region: find(region=region).host for region in regions} == {
        region: botocore_host(region) for region in regions
    }


def test_china() -> None:
    """China's regions have a suffix of their own."""
    assert base(region="cn-north-1") == "https://my-bucket.s3.cn-north-1.amazonaws.com.cn/"


@pytest.mark.parametrize("scheme", ["https", ""])
def test_dotted_bucket(scheme: str) -> None:
    """A dotted bucket would break TLS in host style, whose wildcard certificate covers one label:
    it gets the path style.
    """
    found = find("my.dotted.bucket", scheme=scheme, region="eu-north-1")
    assert found.base.endswith("//s3.eu-north-1.amazonaws.com/my.dotted.bucket/")


def test_dotted_bucket_over_http() -> None:
    """Without TLS a dotted bucket keeps the host style."""
    assert base("my.bucket", scheme="http") == "http://my.bucket.s3.amazonaws.com/"


def test_http() -> None:
    """The scheme may be http."""
    assert base(scheme="http") == "http://my-bucket.s3.amazonaws.com/"


def test_no_scheme() -> None:
    """The empty scheme gives a URL that takes the scheme of the page it stands in."""
    assert base(scheme="") == "//my-bucket.s3.amazonaws.com/"


def test_bucket_domain() -> None:
    """bucket_domain stands in for Amazon's host."""
    assert base(bucket_domain="s3-accelerate.amazonaws.com") == (
        "https://my-bucket.s3-accelerate.amazonaws.com/"
    )


@pytest.mark.parametrize(("url_style", "endpoint_url"), [("host", None), ("path", "http://minio")])
def test_cdn_domain(url_style: str, endpoint_url: str | None) -> None:
    """A CDN stands in for the host of the bucket, and the bucket is not in the URL."""
    found = base(cdn_domain="cdn.example.com", url_style=url_style, endpoint_url=endpoint_url)
    assert found == "https://cdn.example.com/"


@pytest.mark.parametrize(
    ("endpoint_url", "url_style", "expected"),
    [
        ("https://s3.example.com", "host", "https://my-bucket.s3.example.com/"),
        ("https://s3.example.com/", "path", "https://s3.example.com/my-bucket/"),
        ("https://s3.example.com:8443", "host", "https://my-bucket.s3.example.com:8443/"),
        ("http://example.com/s3/v1/", "path", "http://example.com/s3/v1/my-bucket/"),
        ("http://example.com/s3/v1", "host", "http://my-bucket.example.com/s3/v1/"),
        ("HTTP://Example.COM", "path", "http://example.com/my-bucket/"),
    ],
)
def test_endpoint_url(endpoint_url: str, url_style: str, expected: str) -> None:
    """A custom endpoint keeps its scheme, port and path; the style says where the bucket goes."""
    assert base(endpoint_url=endpoint_url, url_style=url_style) == expected


@pytest.mark.parametrize(
    "host", ["127.0.0.1:9000", "127.0.0.1", "[::1]:9000", "[::1]", "localhost:9000", "minio:9000"]
)
def test_hosts_without_subdomains(host: str) -> None:
    """An IP address and a single label have no subdomains: they get the path style."""
    assert base(endpoint_url=f"http://{host}") == f"http://{host}/my-bucket/"


@pytest.mark.parametrize(
    ("endpoint_url", "host"),
    [
        ("https://s3.test:443", "s3.test"),
        ("http://s3.test:80", "s3.test"),
        ("http://[::1]:80", "[::1]"),
    ],
)
def test_default_port(endpoint_url: str, host: str) -> None:
    """The scheme's own port is left out, as HTTP clients leave it out of the Host header."""
    assert find(endpoint_url=endpoint_url, url_style="path").host == host


def test_scheme_override() -> None:
    """_scheme wins over scheme and over that of endpoint_url."""
    assert base(scheme="https", scheme_override="http").startswith("http://")
    assert base(endpoint_url="http://s3.test", scheme_override="https").startswith("https://")


@pytest.mark.parametrize(
    "name",
    [
        "ab",
        "a" * 64,
        "My-Bucket",
        "my_bucket",
        "-bucket",
        "bucket-",
        ".bucket",
        "bucket.",
        "my..bucket",
        "192.168.5.4",
        "bücket",
        "bucket/../other",
        "bucket?a",
        "arn:aws:s3:::bucket",
    ],
)
def test_bad_bucket_name(name: str) -> None:
    """A name that Amazon's rules exclude is refused, with the rule."""
    with pytest.raises(ValueError, match=r"bucket_name=.*3 to 63 lowercase letters, digits, dots"):
        find(name)


@pytest.mark.parametrize("name", ["abc", "a" * 63, "123", "my.bucket.1", "0-a"])
def test_good_bucket_name(name: str) -> None:
    """A name that Amazon's rules allow is taken."""
    assert name in base(name)


@pytest.mark.parametrize("name", ["My-Bucket", "my_bucket", "a" * 64, "-bucket", "a..b"])
def test_other_servers_bucket_names(name: str) -> None:
    """Names that other servers allow, and Amazon allowed before 2018, are taken at custom hosts,
    in path style where they are no host names.
    """
    assert base(name, endpoint_url="http://s3.test") == f"http://s3.test/{name}/"
    assert base(name, bucket_domain="s3.test") == f"https://s3.test/{name}/"


@pytest.mark.parametrize("name", ["ab", "a" * 256, "a/b", "a?b", "a b", "a:b", "日本国"])
def test_bad_bucket_name_anywhere(name: str) -> None:
    """A name that could change the rest of the URL is refused everywhere."""
    with pytest.raises(ValueError, match=r"bucket_name=.*3 to 255 letters"):
        find(name, endpoint_url="http://s3.test")


def test_no_bucket_name() -> None:
    """No bucket name is an error, as it was in url-for-s3 0.1."""
    with pytest.raises(ValueError, match="bucket_name is required"):
        find("")


@pytest.mark.parametrize(
    "argument", ["bucket_name", "bucket_domain", "cdn_domain", "region", "endpoint_url"]
)
@pytest.mark.parametrize("value", [5, b"my-bucket"])
def test_wrong_types(argument: str, value: Any) -> None:
    """What is no text is refused by the argument's name."""
    with pytest.raises(TypeError, match=f"{argument}={value!r}: a str"):
        find(**{argument: value})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"url_style": "virtual"}, r"url_style='virtual': 'host' or 'path'"),
        ({"scheme": "ftp"}, r"scheme='ftp': 'https', 'http', or ''"),
        ({"scheme": "https:"}, r"scheme='https:'"),
        ({"scheme_override": "javascript"}, r"scheme='javascript'"),
        ({"region": "EU-NORTH-1"}, r"region='EU-NORTH-1': lowercase"),
        ({"region": "evil.example/"}, r"region='evil.example/'"),
        ({"cdn_domain": "https://cdn.example.com"}, r"cdn_domain='https://.*without a scheme"),
        ({"cdn_domain": "cdn.example.com/static"}, r"cdn_domain=.*or a path"),
        ({"bucket_domain": "s3.test@evil.test"}, r"bucket_domain="),
        ({"endpoint_url": "s3.example.com"}, r"endpoint_url='s3.example.com': 'http://'"),
        ({"endpoint_url": "ftp://s3.test"}, r"endpoint_url='ftp://s3.test'"),
        ({"endpoint_url": "http://"}, r"endpoint_url='http://'"),
        ({"endpoint_url": "http://s3.test?a=b"}, r"endpoint_url="),
        ({"endpoint_url": "http://s3.test#a"}, r"endpoint_url="),
        ({"endpoint_url": "http://user:pw@s3.test"}, r"endpoint_url='\.\.\.@s3\.test': "),
        ({"endpoint_url": "http://s3.test:port"}, r"endpoint_url='http://s3.test:port': .*[Pp]ort"),
        ({"endpoint_url": "http://[::1"}, r"endpoint_url='http://\[::1'"),
        ({"endpoint_url": "http://s3.test/a b"}, r"endpoint_url=.*percent-encode its path"),
        ({"endpoint_url": "http://a.test", "bucket_domain": "b.test"}, r"give one of them"),
    ],
)
def test_bad_addresses(change: dict[str, str], message: str) -> None:
    """A bad style, scheme, region or host is refused, naming the argument and the rule."""
    with pytest.raises(ValueError, match=message):
        find(**change)


@pytest.mark.parametrize("endpoint_url", ["https://ann:hush@s3.test", "ann:hush@s3.test"])
@pytest.mark.parametrize("more", [{}, {"bucket_domain": "b.test"}])
def test_no_password_is_told(endpoint_url: str, more: dict[str, str]) -> None:
    """What an endpoint's URL says of a password comes into no log by an error."""
    with pytest.raises(ValueError, match="endpoint_url") as caught:
        find(endpoint_url=endpoint_url, **more)
    assert "hush" not in str(caught.value)
