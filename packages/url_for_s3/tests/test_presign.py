import json
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.config import Config

from url_for_s3 import (
    PresignedPost,
    S3Credentials,
    presign_post_for_s3,
    presign_url_for_s3,
    url_for_s3,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    AtTheSameSecond = Callable[[Callable[[], object], Callable[[], object]], tuple[Any, Any]]

CREDENTIALS = S3Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
TOKEN = "FwoGZXIvYXdzE+/=="
TEMPORARY = S3Credentials(CREDENTIALS.access_key_id, CREDENTIALS.secret_access_key, TOKEN)

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
def client(
    region: str, url_style: str, endpoint_url: str | None, credentials: S3Credentials
) -> "S3Client":
    if url_style == "path" and not endpoint_url:
        # In path style botocore presigns for the global host, unless told the regional one.
        suffix = ".cn" if region.startswith("cn-") else ""
        endpoint_url = f"https://s3.{region}.amazonaws.com{suffix}"
    return boto3.client(
        "s3",
        region_name=region,
        endpoint_url=endpoint_url,
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
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


def query(url: str) -> dict[str, str]:
    return {name: value for name, [value] in parse_qs(urlsplit(url).query).items()}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("credentials", [CREDENTIALS, TEMPORARY], ids=["lasting", "temporary"])
@pytest.mark.parametrize("url_style", ["host", "path"])
@pytest.mark.parametrize("region", REGIONS)
def test_equals_botocore(
    region: str,
    url_style: str,
    credentials: S3Credentials,
    key: str,
    at_the_same_second: "AtTheSameSecond",
) -> None:
    """A presigned URL is byte for byte botocore's: for every region, style, token and key."""
    s3 = client(region, url_style, None, credentials)
    ours, theirs = at_the_same_second(
        lambda: presign(key, region=region, url_style=url_style, credentials=credentials),
        lambda: s3.generate_presigned_url("get_object", {"Bucket": "my-bucket", "Key": key}),
    )
    assert ours == theirs


@pytest.mark.parametrize("url_style", ["host", "path"])
@pytest.mark.parametrize("endpoint_url", ENDPOINTS[1:])
def test_equals_botocore_at_endpoints(
    endpoint_url: str, url_style: str, at_the_same_second: "AtTheSameSecond"
) -> None:
    """At custom endpoints a presigned URL has botocore's signature, and but for a port that goes
    without saying all of botocore's bytes.
    """
    s3 = client("us-east-1", url_style, endpoint_url, CREDENTIALS)
    ours, theirs = at_the_same_second(
        lambda: presign(KEYS[1], region=None, url_style=url_style, endpoint_url=endpoint_url),
        lambda: s3.generate_presigned_url("get_object", {"Bucket": "my-bucket", "Key": KEYS[1]}),
    )
    assert ours == theirs.replace(":443/", "/")


@pytest.mark.parametrize(
    ("operation", "ours_too", "parameters"),
    [
        (
            "get_object",
            {
                "response_content_type": "text/plain; charset=utf-8",
                "response_content_disposition": 'attachment; filename="ü & +.txt"',
                "versionId": "3/L4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY",
                "expires": 604_800,
            },
            {
                "ResponseContentType": "text/plain; charset=utf-8",
                "ResponseContentDisposition": 'attachment; filename="ü & +.txt"',
                "VersionId": "3/L4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY",
            },
        ),
        ("put_object", {"method": "PUT"}, {}),
        (
            "put_object",
            {"method": "PUT", "content_type": "text/plain;   charset=utf-8"},
            {"ContentType": "text/plain;   charset=utf-8"},
        ),
        ("put_object", {"method": "PUT", "content_length": 0}, {"ContentLength": 0}),
        (
            "put_object",
            {"method": "PUT", "content_type": "image/png", "content_length": 5 * 1024**3},
            {"ContentType": "image/png", "ContentLength": 5 * 1024**3},
        ),
        (
            "upload_part",
            {"method": "PUT", "uploadId": "id", "partNumber": 1, "content_length": 8_388_608},
            {"UploadId": "id", "PartNumber": 1, "ContentLength": 8_388_608},
        ),
        (
            "upload_part",
            {"method": "PUT", "uploadId": "VXBsb2FkIElE.-_~+/", "partNumber": 7},
            {"UploadId": "VXBsb2FkIElE.-_~+/", "PartNumber": 7},
        ),
    ],
)
def test_options_equal_botocore(
    operation: str,
    ours_too: dict[str, Any],
    parameters: dict[str, Any],
    at_the_same_second: "AtTheSameSecond",
) -> None:
    """Answers' headers, uploads with and without a content type or a length, and parts are signed
    as botocore signs them.
    """
    s3 = client("eu-north-1", "host", None, TEMPORARY)
    ours, theirs = at_the_same_second(
        lambda: presign("a.txt", credentials=TEMPORARY, **ours_too),
        lambda: s3.generate_presigned_url(
            operation,
            {"Bucket": "my-bucket", "Key": "a.txt", **parameters},
            ExpiresIn=ours_too.get("expires", 3600),
        ),
    )
    assert ours == theirs


@pytest.mark.parametrize("endpoint_url", ENDPOINTS)
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("credentials", [CREDENTIALS, TEMPORARY], ids=["lasting", "temporary"])
@pytest.mark.parametrize("url_style", ["host", "path"])
def test_post_equals_botocore(
    url_style: str,
    credentials: S3Credentials,
    key: str,
    endpoint_url: str | None,
    at_the_same_second: "AtTheSameSecond",
) -> None:
    """A presigned form is botocore's: address, policy, signature, and the order of its fields."""
    s3 = client("eu-north-1", url_style, endpoint_url, credentials)
    fields = {
        "Content-Type": "image/png",
        "x-amz-meta-user": "ü 1",
        "success_action_status": "201",
    }
    ours, theirs = at_the_same_second(
        lambda: presign_post(
            key,
            credentials=credentials,
            url_style=url_style,
            endpoint_url=endpoint_url,
            expires=60,
            content_length_range=(1, 10_000_000),
            content_type="image/png",
            metadata={"user": "ü 1"},
            success_action_status=201,
        ),
        lambda: s3.generate_presigned_post(
            "my-bucket",
            key,
            Fields=fields,
            Conditions=[
                ["content-length-range", 1, 10_000_000],
                *({name: value} for name, value in fields.items()),
            ],
            ExpiresIn=60,
        ),
    )
    assert ours.url == theirs["url"].replace(":443", "")
    assert list(ours.fields.items()) == list(theirs["fields"].items())


@pytest.mark.parametrize("region", REGIONS)
def test_regional_host(region: str) -> None:
    """A presigned URL goes to the bucket's own host in its region and is signed for that region,
    so that S3 neither redirects (307) nor finds another signature, in opt-in regions and China
    too.
    """
    url = presign(region=region)
    suffix = ".cn" if region.startswith("cn-") else ""
    assert urlsplit(url).netloc == f"my-bucket.s3.{region}.amazonaws.com{suffix}"
    assert query(url)["X-Amz-Credential"].split("/")[2] == region


@pytest.mark.parametrize("sign", [presign, presign_post])
@pytest.mark.parametrize(
    "address", [{}, {"url_style": "path"}, {"bucket_domain": "s3-accelerate.amazonaws.com"}]
)
def test_region_is_required(sign: Callable[..., object], address: dict[str, str]) -> None:
    """To sign for Amazon without a region is an error: a guess would be a URL that fails."""
    with pytest.raises(ValueError, match="region is required to sign for Amazon"):
        sign(region=None, **address)


def test_region_elsewhere() -> None:
    """On other servers the region is us-east-1, unless given."""
    url = presign(region=None, endpoint_url="http://127.0.0.1:9000")
    assert "/us-east-1/" in query(url)["X-Amz-Credential"]
    url = presign(region="auto", endpoint_url="https://account.r2.cloudflarestorage.com")
    assert "/auto/" in query(url)["X-Amz-Credential"]


@pytest.mark.parametrize("sign", [presign, presign_post])
def test_cdn_domain(sign: Callable[..., object]) -> None:
    """A custom domain never drops the signature silently: signing for one is an error that names
    CloudFront's signatures.
    """
    with pytest.raises(ValueError, match=r"cdn_domain='cdn\.test'.*sign_url_for_cloudfront"):
        sign(cdn_domain="cdn.test")


@pytest.mark.parametrize("sign", [presign, presign_post])
def test_credentials_are_required(sign: Callable[..., object]) -> None:
    """Asked for a signature without credentials, it raises, and never gives an unsigned URL."""
    with pytest.raises(ValueError, match="credentials is None"):
        sign(credentials=None)


def test_same_addressing() -> None:
    """But for the signature, a presigned URL is the one that url_for_s3 gives."""
    arguments: dict[str, Any] = {
        "scheme": "http",
        "url_style": "path",
        "filename": "a b.txt",
        "region": "eu-north-1",
        "_anchor": "page=2",
        "_external": True,
    }
    signed = presign_url_for_s3("e", "my.bucket", credentials=CREDENTIALS, **arguments)
    start, anchor = url_for_s3("e", "my.bucket", **arguments).split("#")
    assert signed.startswith(f"{start}?X-Amz-Algorithm=")
    assert signed.endswith(f"#{anchor}")


def test_flask_arguments() -> None:
    """_scheme and _method win over scheme and method, and are no part of the query."""
    url = presign(_scheme="http", _method="PUT", _external=False, method="GET")
    assert url.startswith("http://")
    assert {name for name in query(url) if not name.startswith("X-Amz-")} == set()
    assert query(url)["X-Amz-Signature"] not in presign(method="GET")


def test_stable_for(at_the_same_second: "AtTheSameSecond") -> None:
    """Signed URLs that would change at every render stay the same within a stable window, and
    never live shorter than asked.
    """
    day = 24 * 60 * 60
    windowed, plain = at_the_same_second(lambda: presign(expires=60, stable_for=day), presign)
    assert query(windowed)["X-Amz-Expires"] == str(60 + day)
    assert query(windowed)["X-Amz-Date"] == query(plain)["X-Amz-Date"][:8] + "T000000Z"


def test_temporary_credentials() -> None:
    """Temporary credentials end before the URL may: the docstring says so, and the session token
    is signed in, in URLs and forms.
    """
    assert "With temporary credentials" in (presign_url_for_s3.__doc__ or "")
    assert query(presign(credentials=TEMPORARY))["X-Amz-Security-Token"] == TOKEN
    post = presign_post(credentials=TEMPORARY)
    assert post.fields["x-amz-security-token"] == TOKEN


@pytest.mark.parametrize("seconds", [1, 604_800])
def test_expires(seconds: int) -> None:
    """A URL lives from one second to seven days."""
    assert query(presign(expires=seconds))["X-Amz-Expires"] == str(seconds)


@pytest.mark.parametrize("sign", [presign, presign_post])
@pytest.mark.parametrize("seconds", [0, -1, 604_801, 1.5, "60", None])
def test_bad_expires(sign: Callable[..., object], seconds: object) -> None:
    """An expiry out of S3's range is refused."""
    with pytest.raises(ValueError, match="expires="):
        sign(expires=seconds)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "DELETE"}, r"method='DELETE': 'GET' or 'PUT'"),
        ({"method": "get"}, r"method='get'"),
        ({"_method": "POST"}, r"method='POST'"),
        ({"content_type": "text/plain"}, r"content_type is for method='PUT'"),
        ({"method": "PUT", "response_content_type": "a/b"}, r"are for 'GET'"),
        ({"method": "PUT", "response_content_disposition": "inline"}, r"are for 'GET'"),
        ({"method": "PUT", "content_type": "a\nb: c"}, r"content_type='a.*: a media type"),
        ({"method": "PUT", "content_type": ""}, r"content_type='': a media type"),
        ({"content_length": 1}, r"content_length is for method='PUT'"),
        ({"method": "PUT", "content_length": -1}, r"content_length=-1: a whole number of bytes"),
        ({"method": "PUT", "content_length": True}, r"content_length=True: a whole number"),
        ({"method": "PUT", "content_length": "1"}, r"content_length='1': a whole number"),
        ({"method": "PUT", "content_length": 5 * 1024**3 + 1}, r"from 0 to 5,368,709,120"),
        ({"expires": 604_800, "stable_for": 1}, r"together at most 604,800 seconds"),
        ({"filename": "a/../b"}, r"filename='a/\.\./b'"),
        ({"filename": ""}, r"filename is required"),
        ({"X-Amz-Expires": 9}, r"X-Amz-Expires=9"),
    ],
)
def test_bad_options(change: dict[str, Any], message: str) -> None:
    """An option that S3 would not take is refused."""
    with pytest.raises(ValueError, match=message):
        presign(**change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"content_length_range": (2, 1)}, r"content_length_range=\(2, 1\): the smallest"),
        ({"content_length_range": (-1, 1)}, r"content_length_range="),
        ({"content_length_range": (0, 5 * 1024**3 + 1)}, r"from 0 to 5,368,709,120"),
        ({"content_type": " "}, r"content_type=' ': a media type"),
        ({"metadata": {"a b": "c"}}, r"metadata: the name 'a b'"),
        ({"metadata": {"": "c"}}, r"metadata: the name ''"),
        ({"metadata": {"a": "b\r\nc"}}, r"metadata\['a'\]=.*control characters"),
        ({"success_action_status": 302}, r"success_action_status=302: 200, 201 or 204"),
        ({"filename": "a/${filename}"}, r"puts the client's own file name"),
    ],
)
def test_bad_post_options(change: dict[str, Any], message: str) -> None:
    """An option that S3 would not take in a form is refused."""
    with pytest.raises(ValueError, match=message):
        presign_post(**change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"content_length_range": 5}, r"content_length_range=5: the smallest and the largest"),
        ({"content_length_range": ("1", "2")}, r"content_length_range=\('1', '2'\)"),
        ({"content_length_range": (1, 2, 3)}, r"content_length_range=\(1, 2, 3\)"),
        ({"metadata": ["a"]}, r"metadata=\['a'\]: a dict"),
        ({"metadata": {"a": 1}}, r"metadata\['a'\]=1: a str"),
        ({"metadata": {1: "a"}}, r"metadata\[1\]='a': a str"),
        ({"content_type": 5}, r"content_type=5: a str"),
        ({"credentials": 5}, r"credentials is of type int: S3Credentials"),
    ],
)
def test_wrong_types(change: dict[str, Any], message: str) -> None:
    """A value of a wrong type is refused by the argument's name."""
    with pytest.raises(TypeError, match=message):
        presign_post(**change)


def test_post_is_ready_for_json() -> None:
    """The form's attributes make JSON as they are; its repr doesn't show the signature."""
    post = presign_post()
    assert json.loads(json.dumps(vars(post))) == {"url": post.url, "fields": post.fields}
    assert repr(post) == f"PresignedPost({post.url!r}, fields=...)"
