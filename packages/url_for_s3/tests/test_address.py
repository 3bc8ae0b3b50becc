from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

from url_for_s3 import ArgumentError, ArgumentTypeError, S3Bucket
from url_for_s3._address import Address


def find(bucket_name: str = "my-bucket", **changes: Any) -> Address:
    return S3Bucket(bucket_name, **changes)._shown


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


def test_scheme_of_an_endpoint() -> None:
    """A scheme that is given wins over that of the endpoint, which wins over the default."""
    assert base(endpoint_url="http://s3.test").startswith("http://")
    assert base(endpoint_url="http://s3.test", scheme="https").startswith("https://")
    assert base(endpoint_url="http://s3.test", scheme="").startswith("//")


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
        "bucket\n",
    ],
)
def test_bad_bucket_name(name: str) -> None:
    """A name that Amazon's rules exclude is refused, with the rule."""
    with pytest.raises(
        ArgumentError, match=r"bucket_name must be 3 to 63 lowercase letters, digits"
    ):
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
    with pytest.raises(ArgumentError, match=r"bucket_name must be 3 to 255 letters"):
        find(name, endpoint_url="http://s3.test")


def test_no_bucket_name() -> None:
    """No bucket name is an error, as it was in url-for-s3 0.1."""
    with pytest.raises(ArgumentError, match="bucket_name must be 3 to 63 .*, got ''"):
        find("")


@pytest.mark.parametrize(
    "argument", ["bucket_name", "bucket_domain", "cdn_domain", "region", "endpoint_url"]
)
@pytest.mark.parametrize("value", [5, b"my-bucket"])
def test_wrong_types(argument: str, value: Any) -> None:
    """What is no text is refused by the argument's name."""
    with pytest.raises(ArgumentTypeError, match=f"{argument} must be a str .*, got {value!r}"):
        find(**{argument: value})


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"url_style": "virtual"}, "'host' or 'path'"),
        ({"url_style": ["host"]}, "'host' or 'path'"),
        ({"url_style": None}, "'host' or 'path'"),
        ({"scheme": "ftp"}, "'https', 'http', or ''"),
        ({"scheme": "https:"}, "'https', 'http', or ''"),
        ({"scheme": "javascript"}, "'https', 'http', or ''"),
        ({"region": "EU-NORTH-1"}, "lowercase letters"),
        ({"region": "evil.example/"}, "lowercase letters"),
        ({"region": "eu-north-1\n"}, "lowercase letters"),
        ({"cdn_domain": "https://cdn.example.com"}, "without a scheme"),
        ({"cdn_domain": "cdn.example.com/static"}, "or a path"),
        ({"cdn_domain": "cdn.example.com\n"}, "a host name"),
        ({"cdn_domain": "cdn..example.com"}, "a host name"),
        ({"cdn_domain": "."}, "a host name"),
        ({"cdn_domain": "cdn.example.com:"}, "a host name"),
        ({"cdn_domain": "cdn.example.com:http"}, "a host name"),
        ({"cdn_domain": "cdn.example.com:0443"}, "a host name"),
        ({"cdn_domain": "cdn.example.com:70000"}, "a host name"),
        ({"cdn_domain": "127.1"}, "a host name"),
        ({"cdn_domain": "127.0.0.01"}, "a host name"),
        ({"cdn_domain": "0x7f.0.0.0x1"}, "a host name"),
        ({"cdn_domain": "[::1"}, "a host name"),
        ({"cdn_domain": "[0:0::1]"}, "a host name"),
        ({"endpoint_url": "s3.example.com"}, "'http://' or 'https://', a host"),
        ({"endpoint_url": "minio:9000"}, "'http://' or 'https://', a host"),
        ({"endpoint_url": "ftp://s3.test"}, "'http://' or 'https://', a host"),
        ({"endpoint_url": "http://"}, "'http://' or 'https://', a host"),
        ({"endpoint_url": "http://s3.test?a=b"}, "'http://' or 'https://', a host"),
        ({"endpoint_url": "http://s3.test#a"}, "'http://' or 'https://', a host"),
        ({"endpoint_url": "http://s3.test:port"}, "'http://' or 'https://', a host"),
        ({"endpoint_url": "http://[::1"}, "'http://' or 'https://', a host"),
        ({"endpoint_url": "http://s3.test\n"}, "without control characters"),
        ({"endpoint_url": "ht\ttp://s3.test"}, "without control characters"),
        ({"endpoint_url": "http://s3.test/a b"}, "of a path that browsers send as it is"),
        ({"endpoint_url": "http://s3.test/{v1}"}, "of a path that browsers send as it is"),
        ({"endpoint_url": "http://s3.test/a/../b"}, "of a path that browsers send as it is"),
        ({"endpoint_url": "http://s3.test/a/%2E%2e/b"}, "of a path that browsers send as it is"),
        ({"public_endpoint_url": "s3.example.com"}, "'http://' or 'https://', a host"),
        ({"bucket_domain": "b.test", "endpoint_url": "http://a.test"}, "left out where endpoint"),
        ({"bucket_domain": "b.test", "public_endpoint_url": "http://a.test"}, "left out where"),
    ],
)
def test_bad_addresses(change: dict[str, Any], rule: str) -> None:
    """A bad style, scheme, region or host is refused, with the argument and its value as data."""
    with pytest.raises(ArgumentError) as caught:
        find(**change)
    argument, value = next(iter(change.items()))
    assert (caught.value.argument, caught.value.value) == (argument, value)
    assert rule in caught.value.rule


@pytest.mark.parametrize(
    ("argument", "value"),
    [("cdn_domain", "bücher.example"), ("endpoint_url", "https://bücher.example:9000")],
)
def test_a_host_that_is_not_in_ascii(argument: str, value: str) -> None:
    """A host in another script is refused with the form to write it in."""
    with pytest.raises(ArgumentError, match="host.*: write it in ASCII, .* beginning with xn--"):
        find(**{argument: value})
    assert find(cdn_domain="xn--bcher-kva.example").base == "https://xn--bcher-kva.example/"


def test_bad_endpoint_beside_a_cdn() -> None:
    """An endpoint that stands in no URL, since a CDN or a public one does, is checked all the
    same.
    """
    for other in ({"cdn_domain": "cdn.test"}, {"public_endpoint_url": "http://s3.test"}):
        with pytest.raises(ArgumentError, match="endpoint_url"):
            find(endpoint_url="minio:9000", **other)


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"endpoint_url": "https://ann:hush@s3.test"}, "...@s3.test"),
        ({"endpoint_url": "ann:hush@s3.test"}, "...@s3.test"),
        ({"endpoint_url": "https://ann:hu@sh@s3.test"}, "...@s3.test"),
        ({"public_endpoint_url": "https://ann:hush@s3.test"}, "...@s3.test"),
        ({"bucket_domain": "ann:hush@s3.test"}, "...@s3.test"),
        ({"cdn_domain": "ann:hush@s3.test"}, "...@s3.test"),
        ({"bucket_domain": "b.test", "endpoint_url": "https://ann:hush@s3.test"}, "b.test"),
        ({"bucket_domain": "ann:hush@s3.test", "endpoint_url": "http://a.test"}, "...@s3.test"),
    ],
)
def test_no_password_is_shown(change: dict[str, str], shown: str) -> None:
    """A user and password in an address are refused, and come into no log by the error."""
    with pytest.raises(ArgumentError) as caught:
        find(**change)
    assert caught.value.value == shown
    assert "hu" not in repr(caught.value) + str(caught.value)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"endpoint_url": "https://my-bucket.nyc3.digitaloceanspaces.com"}, "my-bucket."),
        ({"endpoint_url": "https://MY-BUCKET.s3.test:9000/"}, "my-bucket."),
        ({"endpoint_url": "https://nyc3.digitaloceanspaces.com/my-bucket"}, "/my-bucket"),
        ({"endpoint_url": "http://127.0.0.1:9000/v1/my-bucket/"}, "/my-bucket"),
        ({"public_endpoint_url": "https://my-bucket.s3.test"}, "my-bucket."),
        ({"bucket_domain": "my-bucket.s3.amazonaws.com"}, "my-bucket."),
    ],
)
@pytest.mark.parametrize("url_style", ["host", "path"])
def test_endpoint_with_the_bucket(change: dict[str, str], part: str, url_style: str) -> None:
    """An endpoint that holds the bucket's name, which would be in each URL twice, is refused."""
    with pytest.raises(ArgumentError, match=f"without the bucket's name.*leave out '{part}'") as e:
        find(url_style=url_style, **change)
    assert e.value.argument == next(iter(change))


def test_names_that_only_look_like_it() -> None:
    """A CDN may have the bucket's name, as that of DigitalOcean has; so may a part of a host's
    first label, and Amazon's private links begin with "bucket", whatever the bucket's name.
    """
    assert base(cdn_domain="my-bucket.nyc3.cdn.digitaloceanspaces.com").count("my-bucket") == 1
    assert base("media", endpoint_url="https://media-store.test") == (
        "https://media.media-store.test/"
    )
    assert base(
        "bucket", endpoint_url="https://bucket.vpce-1a.s3.eu-west-1.vpce.amazonaws.com"
    ) == ("https://bucket.bucket.vpce-1a.s3.eu-west-1.vpce.amazonaws.com/")


@pytest.mark.parametrize(
    "endpoint_url",
    [
        "https://s3.dualstack.eu-west-1.amazonaws.com",
        "https://s3-fips.us-east-1.amazonaws.com",
        "https://bucket.vpce-1a2b-5e6f.s3.us-east-1.vpce.amazonaws.com",
    ],
)
def test_amazons_other_endpoints(endpoint_url: str) -> None:
    """Amazon's endpoints for IPv6, FIPS and private networks are used in URLs as they are."""
    host = endpoint_url.removeprefix("https://")
    assert base(endpoint_url=endpoint_url, region="eu-west-1") == f"https://my-bucket.{host}/"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("arn:aws:s3:eu-north-1:123456789012:accesspoint/mine", "alias, which ends in -s3alias"),
        ("arn:aws:s3:::my-bucket", "the bucket's own name"),
        ("my-bucket--usw2-az1--x-s3", "directory buckets"),
        ("mfzwi23gnjvgw.mrap", "multi-Region access points"),
    ],
)
def test_no_buckets(name: str, words: str) -> None:
    """ARNs, directory buckets and multi-Region access points are refused in words of their own."""
    with pytest.raises(ArgumentError, match=words) as caught:
        find(name, region="eu-north-1")
    assert caught.value.argument == "bucket_name"


def test_arn_elsewhere() -> None:
    """An ARN is refused at other servers, and with a CDN, just so."""
    for other in ({"endpoint_url": "http://s3.test"}, {"cdn_domain": "cdn.test"}):
        with pytest.raises(ArgumentError, match="no ARN"):
            find("arn:aws:s3:::my-bucket", **other)


def test_access_point_alias() -> None:
    """The alias of an access point is as good as a bucket's name."""
    alias = "my-point-hrzrlukc5m36ft7okagglf3gmwluquse1b-s3alias"
    assert base(alias, region="eu-north-1") == f"https://{alias}.s3.eu-north-1.amazonaws.com/"


@pytest.mark.parametrize(
    ("bucket_name", "url_style", "argument"),
    [("my-bucket", "path", "url_style"), ("my.bucket", "host", "bucket_name")],
)
@pytest.mark.parametrize(
    "where",
    [
        {"endpoint_url": "https://s3-accelerate.amazonaws.com"},
        {"bucket_domain": "s3-accelerate.dualstack.amazonaws.com"},
    ],
)
def test_acceleration_has_no_path_style(
    bucket_name: str, url_style: str, argument: str, where: dict[str, str]
) -> None:
    """Accelerated transfers take the host style only: what needs the path style is refused."""
    with pytest.raises(ArgumentError, match="accelerate") as caught:
        find(bucket_name, url_style=url_style, **where)
    assert caught.value.argument == argument
