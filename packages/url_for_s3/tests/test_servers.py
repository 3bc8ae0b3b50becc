"""Against a server that checks signatures and policies: see the fixture ``server``."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from signing_server import SigningServer

from url_for_s3 import (
    PUT_CHANGING_HEADERS,
    PresignedPost,
    object_headers,
    presign_post_for_s3,
    presign_url_for_s3,
    url_for_s3,
)

pytestmark = pytest.mark.servers

KEYS = [
    "static/pics/logo.png",
    "a+b#c%d?e&f(g) h.txt",
    "%41/%2F%25",
    "日本/ключ/ü😀.webp",
    "~tilde-_.'!*();:@=$,[]\"<>^`{|}",
    "a" * 255 + "/" + "b" * 255,
]

# The names that s3_saver takes: no empty or dot segments, backslashes or control characters.
segments = st.text(
    st.one_of(
        st.sampled_from("+#%?&()= ~'\"<>."),
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\"),
    ),
    min_size=1,
    max_size=40,
).filter(lambda segment: segment not in {".", ".."})
legal_keys = st.lists(segments, min_size=1, max_size=4).map("/".join)


def fetch(url: str, data: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    """The status and body of what a plain HTTP client gets, and PUTs if there is data."""
    method = "GET" if data is None else "PUT"
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return send(Request(url, data=data, headers=headers, method=method))


def send(request: Request) -> tuple[int, bytes]:
    try:
        with urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        with error:
            return error.code, error.read()


def submit(post: PresignedPost, data: bytes, **changes: str) -> tuple[int, bytes]:
    """What a browser gets that submits the form, with fields changed behind the server's back."""
    boundary = "boundary-of-the-form"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (post.fields | changes).items()
    ]
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="mine.png"\r\n\r\n'
    )
    body = "".join(parts).encode() + data + f"\r\n--{boundary}--\r\n".encode()
    content_type = f"multipart/form-data; boundary={boundary}"
    return send(Request(post.url, data=body, headers={"Content-Type": content_type}))


def address(server: SigningServer, key: str) -> dict[str, Any]:
    return {
        "endpoint": "",
        "bucket_name": server.bucket_name,
        "filename": key,
        "endpoint_url": server.endpoint_url,
        "url_style": "path",
    }


def presign(server: SigningServer, key: str, **options: Any) -> str:
    return presign_url_for_s3(**address(server, key), credentials=server.credentials, **options)


def presign_post(server: SigningServer, key: str, **options: Any) -> PresignedPost:
    return presign_post_for_s3(**address(server, key), credentials=server.credentials, **options)


@pytest.fixture
def stored(server: SigningServer) -> str:
    server.client.put_object(Bucket=server.bucket_name, Key="stored.txt", Body=b"stored")
    return "stored.txt"


@pytest.mark.parametrize("key", KEYS)
def test_get(server: SigningServer, key: str) -> None:
    """Bytes saved under keys with + # % ? & ( ), spaces and non-ASCII come back through the
    presigned URL.
    """
    server.client.put_object(Bucket=server.bucket_name, Key=key, Body=key.encode())
    assert fetch(presign(server, key)) == (200, key.encode())


@given(key=legal_keys)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_get_any(server: SigningServer, key: str) -> None:
    """Bytes saved under any legal key come back through the presigned URL."""
    server.client.put_object(Bucket=server.bucket_name, Key=key, Body=key.encode())
    assert fetch(presign(server, key)) == (200, key.encode())


def test_unsigned_is_refused(server: SigningServer, stored: str) -> None:
    """The same private object is refused without a signature."""
    status, _ = fetch(url_for_s3(**address(server, stored)))
    assert status == 403


def test_public(server: SigningServer) -> None:
    """The unsigned URL gives an object that the public may read, under any key."""
    for key in KEYS:
        server.client.put_object(
            Bucket=server.bucket_name, Key=key, Body=key.encode(), ACL="public-read"
        )
        assert fetch(url_for_s3(**address(server, key))) == (200, key.encode())


def one_character_changed(url: str) -> Iterator[str]:
    for name in parse_qs(urlsplit(url).query):
        if name != "X-Amz-SignedHeaders":
            start, sign, rest = url.partition(f"{name}=")
            yield start + sign + ("1" if rest[0] != "1" else "2") + rest[1:]
    yield url.replace("stored.txt", "stored.txu")


def test_changed_is_refused(server: SigningServer, stored: str) -> None:
    """The same URL with one character changed, in any part of it, is refused."""
    url = presign(server, stored, response_content_type="text/plain")
    assert fetch(url)[0] == 200
    changed = list(one_character_changed(url))
    assert len(changed) == 7
    for other in changed:
        assert fetch(other)[0] in {400, 403}, other
    assert fetch(url[:-1] + ("0" if url[-1] != "0" else "1"))[0] == 403


def test_expired_is_refused(server: SigningServer, stored: str) -> None:
    """A URL works until it expires, and is refused after that."""
    url = presign(server, stored, expires=2)
    assert fetch(url)[0] == 200
    time.sleep(3.5)
    assert fetch(url)[0] == 403


def test_stable_for(server: SigningServer, stored: str) -> None:
    """A URL signed at the start of its window is accepted within it."""
    url = presign(server, stored, expires=60, stable_for=24 * 60 * 60)
    assert fetch(url) == (200, b"stored")


def test_response_headers(server: SigningServer, stored: str) -> None:
    """The answer has the content type and disposition that the URL asks for."""
    disposition = 'attachment; filename="a b+c.txt"'
    url = presign(
        server,
        stored,
        response_content_type="application/x-test",
        response_content_disposition=disposition,
    )
    with urlopen(url, timeout=30) as answer:
        assert answer.headers["Content-Type"] == "application/x-test"
        assert answer.headers["Content-Disposition"] == disposition


@pytest.mark.parametrize("key", KEYS)
def test_put(server: SigningServer, key: str) -> None:
    """A presigned PUT stores the body under the key."""
    assert fetch(presign(server, key, method="PUT"), data=b"put")[0] == 200
    with server.client.get_object(Bucket=server.bucket_name, Key=key)["Body"] as body:
        assert body.read() == b"put"


def test_put_content_type(server: SigningServer) -> None:
    """A presigned PUT with a content type takes that one and refuses another."""
    url = presign(server, "put.png", method="PUT", content_type="image/png")
    assert fetch(url, data=b"put", Content_Type="text/html")[0] == 403
    assert fetch(url, data=b"put", Content_Type="image/png")[0] == 200
    found = server.client.head_object(Bucket=server.bucket_name, Key="put.png")
    assert found["ContentType"] == "image/png"


def test_put_content_length(server: SigningServer) -> None:
    """A presigned PUT with a content length takes that one and refuses another."""
    url = presign(server, "put.bin", method="PUT", content_length=3)
    assert fetch(url, data=b"four")[0] == 403
    assert fetch(url, data=b"no")[0] == 403
    assert fetch(url, data=b"put")[0] == 200


def test_methods_are_signed(server: SigningServer, stored: str) -> None:
    """A URL for reading cannot write."""
    assert fetch(presign(server, stored), data=b"changed")[0] == 403


def test_parts(server: SigningServer) -> None:
    """The parts of a multipart upload go through URLs that sign partNumber and uploadId."""
    place: dict[str, Any] = {"Bucket": server.bucket_name, "Key": "parts.bin"}
    upload = server.client.create_multipart_upload(**place)["UploadId"]
    bodies = [b"a" * 5 * 1024**2, b"b"]
    for number, body in enumerate(bodies, start=1):
        url = presign(server, "parts.bin", method="PUT", partNumber=number, uploadId=upload)
        assert fetch(url, data=body)[0] == 200
    parts = server.client.list_parts(**place, UploadId=upload)["Parts"]
    server.client.complete_multipart_upload(
        **place,
        UploadId=upload,
        MultipartUpload={
            "Parts": [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in parts]
        },
    )
    assert fetch(presign(server, "parts.bin")) == (200, b"".join(bodies))


# What Ceph's gateway obeys on a PUT of which it is not signed, and what each would do.
CHANGES = {
    "x-amz-acl": "public-read",
    "x-amz-copy-source": "/{bucket}/secret.txt",
    "x-amz-copy-source-range": "bytes=0-5",
    "x-amz-storage-class": "STANDARD",
    "x-amz-tagging": "a=b",
    "x-amz-website-redirect-location": "/elsewhere",
    "x-amz-grant-read": 'uri="http://acs.amazonaws.com/groups/global/AllUsers"',
}


@pytest.mark.parametrize("part", [False, True], ids=["object", "part"])
def test_forbidden_headers(server: SigningServer, part: bool) -> None:
    """A presigned PUT of an object or a part that forbids headers takes the upload without them,
    and with any of them neither copies another object nor opens the new one.
    """
    place: dict[str, Any] = {"Bucket": server.bucket_name, "Key": "held.txt"}
    server.client.put_object(Bucket=server.bucket_name, Key="secret.txt", Body=b"secret")
    query: dict[str, Any] = {}
    if part:
        upload = server.client.create_multipart_upload(**place)["UploadId"]
        query = {"partNumber": 1, "uploadId": upload}
    url = presign(
        server, "held.txt", method="PUT", content_length=6, forbid=PUT_CHANGING_HEADERS, query=query
    )
    assert fetch(url, data=b"upload")[0] == 200
    for name in PUT_CHANGING_HEADERS:
        value = CHANGES.get(name, "1").format(bucket=server.bucket_name)
        assert fetch(url, data=b"upload", **{name: value})[0] == 403, name
        # With a copy's source the body may be left out: then the length is another, too.
        assert fetch(url, data=b"", **{name: value})[0] == 403, name
    if part:
        server.client.abort_multipart_upload(**place, UploadId=upload)
    else:
        assert fetch(presign(server, "held.txt"))[1] == b"upload"


def test_signed_headers(server: SigningServer) -> None:
    """A presigned PUT that says how the object is kept takes these headers, keeps the object so,
    and refuses it without them or otherwise.
    """
    headers = object_headers(
        cache_control="no-cache",
        storage_class="STANDARD",
        tags={"a": "b c"},
        metadata={"user": "1"},
    )
    url = presign(server, "kept.txt", method="PUT", headers=headers, forbid=PUT_CHANGING_HEADERS)
    assert fetch(url, data=b"put")[0] == 403
    assert fetch(url, data=b"put", **{**headers, "Cache-Control": "public"})[0] == 403
    assert fetch(url, data=b"put", **headers)[0] == 200
    found = server.client.head_object(Bucket=server.bucket_name, Key="kept.txt")
    assert (found["CacheControl"], found["Metadata"]) == ("no-cache", {"user": "1"})
    tags = server.client.get_object_tagging(Bucket=server.bucket_name, Key="kept.txt")["TagSet"]
    assert tags == [{"Key": "a", "Value": "b c"}]


def test_download_as(server: SigningServer, stored: str) -> None:
    """The answer has the name of any script that the URL asks for."""
    url = presign(server, stored, download_as="größe.txt")
    with urlopen(url, timeout=30) as answer:
        disposition = answer.headers["Content-Disposition"]
    assert disposition.endswith("; filename*=UTF-8''gr%C3%B6%C3%9Fe.txt")


# Ceph 16 reads the two JSON escapes of a character beyond U+FFFF, in which botocore writes it too,
# as two characters, and finds another key.
@pytest.mark.parametrize("key", [key.replace("😀", "") for key in KEYS])
def test_post(server: SigningServer, key: str) -> None:
    """A presigned form stores the file under the key."""
    assert submit(presign_post(server, key), b"posted")[0] == 204
    with server.client.get_object(Bucket=server.bucket_name, Key=key)["Body"] as body:
        assert body.read() == b"posted"


def test_post_options(server: SigningServer) -> None:
    """A presigned form sets the content type, the metadata and the status of the answer."""
    post = presign_post(
        server,
        "post.png",
        content_type="image/png",
        content_length_range=(1, 10),
        metadata={"user": "42"},
        success_action_status=201,
    )
    assert submit(post, b"posted")[0] == 201
    found = server.client.head_object(Bucket=server.bucket_name, Key="post.png")
    assert (found["ContentType"], found["Metadata"]) == ("image/png", {"user": "42"})


def test_post_headers(server: SigningServer) -> None:
    """A presigned form that says how the object is kept holds a sender to it, and S3 keeps it so
    (Ceph 16 but for what is not about S3's own headers, such as Cache-Control).
    """
    headers = object_headers(
        cache_control="no-cache", storage_class="STANDARD", tags={"a&": "<b>"}, acl="public-read"
    )
    post = presign_post(server, "kept.png", headers=headers)
    for name in ("Cache-Control", "acl", "tagging"):
        assert submit(post, b"posted", **{name: "private"})[0] == 403, name
    assert submit(post, b"posted")[0] == 204
    tags = server.client.get_object_tagging(Bucket=server.bucket_name, Key="kept.png")["TagSet"]
    assert tags == [{"Key": "a&", "Value": "<b>"}]
    assert fetch(url_for_s3(**address(server, "kept.png"))) == (200, b"posted")


@pytest.mark.parametrize(
    ("changes", "data", "statuses"),
    [
        pytest.param({"key": "other.png"}, b"posted", {403}, id="key"),
        pytest.param({"Content-Type": "text/html"}, b"posted", {403}, id="type"),
        pytest.param({"x-amz-meta-user": "43"}, b"posted", {403}, id="metadata"),
        pytest.param({"success_action_status": "200"}, b"posted", {403}, id="status"),
        pytest.param({"acl": "public-read"}, b"posted", {403}, id="acl"),
        pytest.param({"x-amz-signature": "0" * 64}, b"posted", {403}, id="signature"),
        pytest.param({}, b"posted too much", {400}, id="too much"),
        pytest.param({}, b"", {400}, id="nothing"),
    ],
)
def test_post_is_held_to_its_policy(
    server: SigningServer, changes: dict[str, str], data: bytes, statuses: set[int]
) -> None:
    """A form with another key, type, metadata, status or ACL, a wrong signature, or a file out of
    range is refused, and nothing is stored.
    """
    post = presign_post(
        server,
        "held.png",
        content_type="image/png",
        content_length_range=(1, 10),
        metadata={"user": "42"},
        success_action_status=201,
    )
    status = submit(post, data, **changes)[0]
    listed = server.client.list_objects_v2(Bucket=server.bucket_name)
    keys = {stored["Key"] for stored in listed.get("Contents", [])}
    server.client.delete_object(Bucket=server.bucket_name, Key="held.png")
    assert status in statuses
    assert {"held.png", "other.png"}.isdisjoint(keys)


def test_expired_post_is_refused(server: SigningServer) -> None:
    """A form is refused after it expires."""
    post = presign_post(server, "late.png", expires=1)
    time.sleep(2.5)
    assert submit(post, b"posted")[0] == 403
