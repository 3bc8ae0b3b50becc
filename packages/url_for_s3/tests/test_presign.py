from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.session import Session
from signing import (
    CREDENTIALS,
    ENDPOINTS,
    KEYS,
    REGIONS,
    TEMPORARY,
    TOKEN,
    botocore_client,
    presign,
    presign_post,
)

from url_for_s3 import (
    PUT_CHANGING_HEADERS,
    ArgumentError,
    ArgumentTypeError,
    S3Bucket,
    S3Credentials,
    object_headers,
    presign_url_for_s3,
    url_for_s3,
)

if TYPE_CHECKING:
    AtTheSameSecond = Callable[[Callable[[], object], Callable[[], object]], tuple[Any, Any]]


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
    s3 = botocore_client(region, url_style, None, credentials)
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
    s3 = botocore_client("us-east-1", url_style, endpoint_url, CREDENTIALS)
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
                "response_content_disposition": 'attachment; filename="a & +.txt"',
                "versionId": "3/L4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY",
                "expires": 604_800,
            },
            {
                "ResponseContentType": "text/plain; charset=utf-8",
                "ResponseContentDisposition": 'attachment; filename="a & +.txt"',
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
            "get_object",
            {"download_as": "größe 1.txt"},
            {
                "ResponseContentDisposition": (
                    "attachment; filename=\"gro_e 1.txt\"; filename*=UTF-8''gr%C3%B6%C3%9Fe%201.txt"
                )
            },
        ),
        (
            "get_object",
            {"query": {"versionId": "id"}},
            {"VersionId": "id"},
        ),
        (
            "put_object",
            {
                "method": "PUT",
                "content_type": "image/png",
                "headers": object_headers(
                    cache_control="public,  max-age=60",
                    content_disposition="attachment",
                    content_encoding="gzip",
                    server_side_encryption="aws:kms",
                    kms_key_id="arn:aws:kms:eu-north-1:123456789012:key/1",
                    storage_class="STANDARD_IA",
                    tags={"project": "a b", "ü": "&="},
                    acl="private",
                    metadata={"user": "42"},
                ),
            },
            {
                "ContentType": "image/png",
                "CacheControl": "public,  max-age=60",
                "ContentDisposition": "attachment",
                "ContentEncoding": "gzip",
                "ServerSideEncryption": "aws:kms",
                "SSEKMSKeyId": "arn:aws:kms:eu-north-1:123456789012:key/1",
                "StorageClass": "STANDARD_IA",
                "Tagging": "project=a%20b&%C3%BC=%26%3D",
                "ACL": "private",
                "Metadata": {"user": "42"},
            },
        ),
        (
            "upload_part",
            {
                "method": "PUT",
                "query": {"uploadId": "id", "partNumber": 1},
                "headers": {"x-amz-request-payer": "requester"},
            },
            {"UploadId": "id", "PartNumber": 1, "RequestPayer": "requester"},
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
    """Answers' headers, uploads with and without a content type, a length or how the object is
    kept, and parts are signed as botocore signs them.
    """
    s3 = botocore_client("eu-north-1", "host", None, TEMPORARY)
    ours, theirs = at_the_same_second(
        lambda: presign("a.txt", credentials=TEMPORARY, **ours_too),
        lambda: s3.generate_presigned_url(
            operation,
            {"Bucket": "my-bucket", "Key": "a.txt", **parameters},
            ExpiresIn=ours_too.get("expires", 3600),
        ),
    )
    assert ours == theirs


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
    with pytest.raises(ArgumentError, match="region must be .* to sign for Amazon, got None"):
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
    with pytest.raises(ArgumentError, match=r"cdn_domain must be .* 'cdn\.test': .*CloudFront"):
        sign(cdn_domain="cdn.test")


@pytest.mark.parametrize("sign", [presign, presign_post])
def test_credentials_are_required(sign: Callable[..., object]) -> None:
    """Asked for a signature without credentials, it raises, and never gives an unsigned URL."""
    with pytest.raises(ArgumentError, match="credentials must be S3Credentials.*, got None"):
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
    assert "With temporary credentials" in (S3Bucket.presign.__doc__ or "")
    assert query(presign(credentials=TEMPORARY))["X-Amz-Security-Token"] == TOKEN
    post = presign_post(credentials=TEMPORARY)
    assert post.fields["x-amz-security-token"] == TOKEN


@pytest.mark.parametrize("seconds", [1, 604_800])
def test_expires(seconds: int) -> None:
    """A URL lives from one second to seven days."""
    assert query(presign(expires=seconds))["X-Amz-Expires"] == str(seconds)


@pytest.mark.parametrize("sign", [presign, presign_post])
@pytest.mark.parametrize("seconds", [0, -1, 604_801, timedelta(days=7, seconds=1)])
def test_bad_expires(sign: Callable[..., object], seconds: object) -> None:
    """An expiry out of S3's range is refused."""
    with pytest.raises(ArgumentError) as caught:
        sign(expires=seconds)
    assert str(caught.value) == f"expires must be 1 to 604,800 seconds, got {seconds!r}"
    assert (caught.value.argument, caught.value.value) == ("expires", seconds)
    assert caught.value.rule == "1 to 604,800 seconds"


@pytest.mark.parametrize("sign", [presign, presign_post])
@pytest.mark.parametrize("seconds", [1.5, "60", None, True, timedelta(milliseconds=1500)])
def test_no_seconds(sign: Callable[..., object], seconds: object) -> None:
    """An expiry that is no whole number of seconds is refused."""
    with pytest.raises(ArgumentTypeError, match="expires must be a whole number of seconds"):
        sign(expires=seconds)


def test_timedelta(at_the_same_second: "AtTheSameSecond") -> None:
    """Seconds may be given as a timedelta."""
    ours, plain = at_the_same_second(
        lambda: presign(expires=timedelta(minutes=5), stable_for=timedelta(hours=1)),
        lambda: presign(expires=300, stable_for=3600),
    )
    assert ours == plain


def test_window_is_cut() -> None:
    """A window that would reach beyond S3's longest lifetime is cut to it."""
    for expires in (302_401, 604_799, 604_800):
        url = presign(expires=expires, stable_for=expires)
        assert query(url)["X-Amz-Expires"] == "604800"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "DELETE"}, r"method must be 'GET' or 'PUT', got 'DELETE'"),
        ({"method": "get"}, r"method must be 'GET' or 'PUT', got 'get'"),
        ({"method": ["GET"]}, r"method must be 'GET' or 'PUT', got \['GET'\]"),
        ({"_method": "POST"}, r"method must be 'GET' or 'PUT', got 'POST'"),
        ({"content_type": "text/plain"}, r"content_type must be left out unless method is 'PUT'"),
        ({"method": "PUT", "response_content_type": "a/b"}, r"left out unless method is 'GET'"),
        ({"method": "PUT", "response_content_disposition": "inline"}, r"left out unless"),
        ({"method": "PUT", "download_as": "a.txt"}, r"download_as must be left out unless"),
        ({"method": "PUT", "content_type": "a\nb: c"}, r"content_type must be without line breaks"),
        ({"method": "PUT", "content_type": ""}, r"content_type must be a value such as"),
        ({"method": "PUT", "content_type": "/"}, r"content_type must be a media type"),
        ({"method": "PUT", "content_type": "text"}, r"content_type must be a media type"),
        ({"method": "PUT", "content_type": "a/b c"}, r"content_type must be a media type"),
        ({"method": "PUT", "content_type": "text/日"}, r"content_type must be in ASCII"),
        ({"content_length": 1}, r"content_length must be left out unless method is 'PUT'"),
        ({"method": "PUT", "content_length": -1}, r"must be 0 to 5,368,709,120 bytes, got -1"),
        ({"method": "PUT", "content_length": True}, r"a whole number of bytes, got True"),
        ({"method": "PUT", "content_length": "1"}, r"a whole number of bytes, got '1'"),
        ({"method": "PUT", "content_length": 5 * 1024**3 + 1}, r"0 to 5,368,709,120 bytes"),
        ({"stable_for": -1}, r"stable_for must be 0 seconds or more, got -1"),
        ({"filename": "a/../b"}, r"filename must be .*, got 'a/\.\./b'"),
        ({"filename": ""}, r"filename must be the object's key"),
        ({"X-Amz-Expires": 9}, r"without what the signature sets itself, got 'X-Amz-Expires'"),
        ({"query": {"x-amz-date": 9}}, r"without what the signature sets itself"),
        ({"query": "v=1"}, r"query must be a dict .*, got 'v=1'"),
        ({"query": {1: "v"}}, r"query must be of names that are str, got 1"),
        ({"response_content_disposition": "a\r\nb: c"}, r"disposition must be without line breaks"),
        ({"response_content_disposition": "ü"}, r"in ASCII.*download_as takes names of any"),
        ({"response_content_type": "a/b\r\nc: d"}, r"response_content_type must be without line"),
        ({"query": {"response-cache-control": "a\nb"}}, r"must be without line breaks"),
        ({"query": {"response-expires": "ü"}}, r"query\['response-expires'\] must be in ASCII"),
        (
            {"download_as": "a.txt", "response_content_disposition": "attachment"},
            r"download_as must be left out where response_content_disposition is set",
        ),
        (
            {"download_as": "a.txt", "query": {"response-content-disposition": "inline"}},
            r"query must be without what another argument says already",
        ),
        ({"forbid": ["x-amz-acl"]}, r"forbid must be left out unless method is 'PUT'"),
        ({"method": "PUT", "forbid": "x-amz-acl"}, r"forbid must be names of headers"),
        ({"method": "PUT", "forbid": 5}, r"forbid must be names of headers"),
        ({"method": "PUT", "forbid": [5]}, r"forbid must be of names such as"),
        ({"method": "PUT", "forbid": ["a b"]}, r"forbid must be of names such as"),
        ({"method": "PUT", "forbid": ["Host"]}, r"forbid must be without what is signed anyway"),
        ({"headers": [("a", "b")]}, r"headers must be a dict"),
        ({"headers": {"a": 5}}, r"headers\['a'\] must be a str"),
        ({"headers": {"a": "b\nc"}}, r"headers\['a'\] must be without line breaks"),
        ({"headers": {"a": "ü"}}, r"headers\['a'\] must be in ASCII"),
        ({"headers": {"a:": "b"}}, r"headers must be of names such as 'Cache-Control', got 'a:'"),
        ({"headers": {"a": "b", "A": "c"}}, r"headers must be of different names"),
        ({"headers": {"Content-Type": "a/b"}}, r"got 'Content-Type': pass content_type"),
        ({"headers": {"Host": "a"}}, r"headers must be without what is signed anyway, got 'Host'"),
        ({"headers": {"X-Amz-Date": "a"}}, r"headers must be without what is signed anyway"),
    ],
)
def test_bad_options(change: dict[str, Any], message: str) -> None:
    """An option that S3 would not take is refused."""
    with pytest.raises(ArgumentError, match=message):
        presign(**change)


def signed_headers(url: str) -> list[str]:
    return query(url)["X-Amz-SignedHeaders"].split(";")


def test_forbid() -> None:
    """Forbidden headers are declared among those that are signed, of objects and of parts; one that
    must be sent is signed with its value instead.
    """
    part = {"partNumber": 1, "uploadId": "id"}
    for more in ({}, part):
        url = presign(method="PUT", forbid=PUT_CHANGING_HEADERS, query=more)
        assert signed_headers(url) == sorted({"host", *PUT_CHANGING_HEADERS})
    storage_class = {"X-Amz-Storage-Class": "STANDARD_IA"}
    url = presign(method="PUT", forbid=["X-Amz-Acl", "x-amz-storage-class"], headers=storage_class)
    assert signed_headers(url) == ["host", "x-amz-acl", "x-amz-storage-class"]
    plain = presign(method="PUT", forbid=["x-amz-acl"], headers=storage_class)
    assert query(plain)["X-Amz-SignedHeaders"] == query(url)["X-Amz-SignedHeaders"]


def test_changing_headers() -> None:
    """Among the headers that change what a PUT does are those that copy, open and keep otherwise:
    all that botocore knows for PUTs, but for checks of the request.
    """
    model = Session().get_service_model("s3")
    known = set()
    for operation in ("PutObject", "CopyObject", "UploadPart", "UploadPartCopy"):
        shape = model.operation_model(operation).input_shape
        assert shape
        known |= {
            member.serialization["name"].lower()
            for member in shape.members.values()
            if member.serialization.get("location") == "header"
        }
    checks = ("x-amz-checksum-", "x-amz-sdk-checksum-", "x-amz-expected-", "x-amz-source-expected-")
    changing = {name for name in known if name.startswith("x-amz-") and not name.startswith(checks)}
    changing -= {"x-amz-request-payer"}
    assert changing <= set(PUT_CHANGING_HEADERS)
    assert list(PUT_CHANGING_HEADERS) == [name.lower() for name in PUT_CHANGING_HEADERS]
    assert len(set(PUT_CHANGING_HEADERS)) == len(PUT_CHANGING_HEADERS)
