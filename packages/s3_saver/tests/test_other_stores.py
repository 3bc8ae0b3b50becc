"""Stores that are not quite S3, imitated by a proxy."""

import io
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config
from fault_proxy import Fault, FaultProxy, cut_answer, forward, refuse
from other_stores import (
    answer,
    endless_lists,
    leaving_out,
    listing_without,
    lists_without_prefix,
    refusing_part_copies,
    send,
    start_after_lists,
    taking_part_copies_for_parts,
    version_1_lists,
    without_conditions,
)

from s3_saver import (
    AccessDeniedError,
    S3SaverError,
    S3Storage,
    StorageUnavailableError,
    copy_files,
)
from s3_saver.testing import MemoryStorage, S3Server, check_storage
from s3_saver.testing._moto import moto_server

MIB = 1024**2


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    """moto, whatever server the other tests have: it does not check signatures."""
    with moto_server() as endpoint_url:
        yield S3Server(endpoint_url, "testkey", "testsecret")


@pytest.fixture
def s3(server: S3Server) -> Iterator[S3Storage]:
    """A bucket, without a proxy."""
    with server.temporary_bucket() as bucket:
        yield server.storage(bucket)


@pytest.fixture
def proxy(server: S3Server) -> Iterator[FaultProxy]:
    """A proxy that a test turns into another store."""
    with FaultProxy(server.endpoint_url) as running:
        yield running


@pytest.fixture
def other(server: S3Server, s3: S3Storage, proxy: FaultProxy) -> S3Storage:
    """The same bucket on the other store."""
    once = Config(retries={"mode": "standard", "total_max_attempts": 1})
    return server.storage(s3.bucket_name, endpoint_url=proxy.endpoint_url, config=once)


def fill(storage: S3Storage, *names: str) -> None:
    for name in names:
        storage.save(name, io.BytesIO(name.encode()))


def names_in(storage: S3Storage) -> list[str]:
    return sorted(info.name for info in storage.find())


def read(storage: S3Storage, name: str) -> bytes:
    with storage.open(name) as file:
        return file.read()


@pytest.mark.parametrize("store", [version_1_lists(2), start_after_lists(2)])
def test_a_listing_without_tokens_is_continued(
    s3: S3Storage, other: S3Storage, proxy: FaultProxy, store: Fault
) -> None:
    """A page that says there is more, without a token, is not taken for the whole listing."""
    fill(s3, "a b", "a+b", "a/1", "a/2", "é", "🙂", "z")
    proxy.always = store
    assert names_in(other) == sorted(["a b", "a+b", "a/1", "a/2", "é", "🙂", "z"])
    assert names_in(other.derive(prefix="a")) == ["1", "2"]
    report = copy_files(other, MemoryStorage())
    assert report.copied == 7


def test_a_listing_that_cannot_be_continued_is_an_error(
    s3: S3Storage, other: S3Storage, proxy: FaultProxy
) -> None:
    """A store that always answers the first page: an error, no endless loop, nothing deleted."""
    fill(s3, *"abcde")
    proxy.always = endless_lists(2)
    with pytest.raises(S3SaverError, match="truncated its listing of .* after 'b'") as caught:
        list(other.find())
    assert caught.value.name is None, "it is so for every file: a copy stops"
    with pytest.raises(S3SaverError, match="truncated its listing"):
        copy_files(other, MemoryStorage())


def test_a_token_that_repeats_is_an_error(
    s3: S3Storage, other: S3Storage, proxy: FaultProxy
) -> None:
    """A store that returns the same token for ever does not make a listing endless."""
    fill(s3, "a")
    page = (
        "<ListBucketResult><IsTruncated>true</IsTruncated>"
        "<ContinuationToken>t</ContinuationToken><NextContinuationToken>t</NextContinuationToken>"
        "</ListBucketResult>"
    )
    proxy.always = answer(200, page.encode())
    with pytest.raises(S3SaverError, match="truncated its listing"):
        list(other.find())


def test_new_tokens_for_the_same_page_are_an_error(
    s3: S3Storage, other: S3Storage, proxy: FaultProxy
) -> None:
    """A store that returns another token each time, and obeys none, makes no listing endless."""
    fill(s3, *"abcde")
    proxy.always = endless_lists(2, with_tokens=True)
    with pytest.raises(S3SaverError, match="truncated its listing of .* after 'b'"):
        list(other.find())


def test_a_store_that_ignores_the_prefix_lists_no_other_files(
    s3: S3Storage, other: S3Storage, proxy: FaultProxy
) -> None:
    """Files of a folder are deleted by what is listed of it."""
    fill(s3, "a/1", "a/2", "b/1")
    proxy.only = lambda method, path: method == "GET"
    proxy.always = lists_without_prefix
    assert names_in(other.derive(prefix="a")) == ["1", "2"]
    other.delete(*other.find("a/"))
    proxy.always = None
    assert names_in(other) == ["b/1"]


@pytest.mark.parametrize("time", ["", "garbage", "Sat, 01 Jan 99999 00:00:00 GMT"])
def test_a_time_that_is_none_is_as_good_as_missing(
    s3: S3Storage, other: S3Storage, proxy: FaultProxy, time: str
) -> None:
    """What a HEAD does not say, a listing does; and a file that is stored is reported as stored."""
    fill(s3, "a")

    def fault(handler: Any) -> None:
        status, headers, body = handler.ask_upstream()
        changed = ("last-modified", "date")
        headers = [(key, time if key.lower() in changed else value) for key, value in headers]
        send(handler, status, headers, body)

    proxy.always = fault
    assert other.stat("a").modified == s3.stat("a").modified
    assert other.exists("a")
    assert read(other, "a") == b"a"
    assert other.save("b", io.BytesIO(b"x")).size == 1
    assert other.copy("a", "c").size == 1

    def list_odd_times(handler: Any) -> None:
        status, headers, body = handler.ask_upstream()
        if handler.command == "GET":
            body = re.sub(rb"<LastModified>[^<]*<", f"<LastModified>{time}<".encode(), body)
        send(handler, status, headers, body)

    proxy.always = list_odd_times
    assert {info.name: info.modified for info in other.find("a")} == {"a": s3.stat("a").modified}


@pytest.mark.parametrize(("status", "code"), [(405, "MethodNotAllowed"), (501, "NotImplemented")])
def test_a_store_may_lack_the_call_that_asks_for_a_bucket(
    s3: S3Storage, other: S3Storage, proxy: FaultProxy, status: int, code: str
) -> None:
    """A file that is absent is absent all the same."""
    bucket = f"/{s3.bucket_name}"
    proxy.only = lambda method, path: method == "HEAD" and path.rstrip("/") == bucket
    proxy.always = refuse(status, code)
    assert not other.exists("absent")
    assert any(path.rstrip("/") == bucket for _, path in proxy.requests)


@pytest.mark.parametrize("body", [b"", b"<Error><Code>NotFound</Code></Error>"])
def test_a_store_may_call_the_delete_of_an_absent_file_not_found(
    s3: S3Storage, other: S3Storage, proxy: FaultProxy, body: bytes
) -> None:
    """It is no error, of one file and where batches are refused."""
    fill(s3, "b")
    proxy.only = lambda method, path: method == "DELETE" and path.endswith("/a")
    proxy.always = answer(404, body)
    other.delete("a")
    proxy.faults.append(refuse(501, "NotImplemented"))
    proxy.only = lambda method, path: method == "POST" or path.endswith("/a")
    other.delete("a", "b")
    assert list(s3.find()) == []


@pytest.mark.parametrize(
    "missing",
    [
        ["Content-Length"],
        ["ETag"],
        ["Last-Modified"],
        ["Content-Length", "ETag", "Last-Modified", "Date", "date"],
    ],
    ids="-".join,
)
def test_missing_headers_are_made_up_for(
    s3: S3Storage, other: S3Storage, proxy: FaultProxy, missing: list[str]
) -> None:
    """What an answer leaves out is asked for in another way; no call ends in a KeyError."""
    proxy.always = leaving_out(*missing)
    saved = other.save("a.txt", io.BytesIO(b"content"))
    assert (saved.name, saved.size, saved.etag) == ("a.txt", 7, s3.stat("a.txt").etag)
    assert other.exists("a.txt")
    told, true = other.stat("a.txt"), s3.stat("a.txt")
    assert (told, told.etag, told.modified) == (true, true.etag, true.modified)
    assert [info.etag for info in other.find()] == [true.etag]
    with other.open("a.txt") as file:
        assert file.read(3) == b"con"
        file.seek(-2, io.SEEK_END)
        assert file.read() == b"nt"
    copied = other.copy("a.txt", "b.txt")
    assert (copied, copied.etag) == (s3.stat("b.txt"), true.etag)
    assert copy_files(other, MemoryStorage()).copied == 2
    assert not other.exists("missing")
    other.delete("a.txt", "b.txt")
    assert names_in(s3) == []


def test_a_file_of_unknown_size_that_is_cut_is_an_error(
    s3: S3Storage, other: S3Storage, proxy: FaultProxy
) -> None:
    """Without a Content-Length, half a file is still not taken for the whole."""
    s3.save("a", io.BytesIO(bytes(100_000)))

    def cut(handler: Any) -> None:
        status, _, body = handler.ask_upstream()
        handler.send_response_only(status)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(body[: len(body) // 2])
        handler.close_connection = True

    proxy.only = lambda method, path: path.endswith("/a")
    proxy.always = cut
    with pytest.raises(StorageUnavailableError, match="100000 bytes, but 50000 came"):
        other.open("a")


def test_what_nobody_says_is_an_error(s3: S3Storage, other: S3Storage, proxy: FaultProxy) -> None:
    """If neither the answer nor the listing has an ETag, the error names the header."""
    fill(s3, "a")

    def store(handler: Any) -> None:
        by = listing_without("ETag") if handler.command == "GET" else leaving_out("ETag")
        by(handler)

    proxy.always = store
    with pytest.raises(S3SaverError, match="does not say ETag of"):
        other.stat("a")
    with pytest.raises(S3SaverError, match="does not say ETag of"):
        list(other.find())


@pytest.mark.parametrize("element", ["ETag", "LastModified", "Size"])
def test_a_listing_that_says_little_is_completed(
    s3: S3Storage, other: S3Storage, proxy: FaultProxy, element: str
) -> None:
    """What an entry leaves out is asked for by a HEAD."""
    fill(s3, "a", "b")
    proxy.always = listing_without(element)
    expected = [(info, info.etag, info.modified) for info in s3.find()]
    assert [(info, info.etag, info.modified) for info in other.find()] == expected


def test_parts_without_etags_are_an_error(
    s3: S3Storage, other: S3Storage, proxy: FaultProxy
) -> None:
    """Parts cannot be put together without them; the error says so, and no part stays."""
    proxy.only = lambda method, path: "partNumber" in path
    proxy.always = leaving_out("ETag")
    with pytest.raises(S3SaverError, match="ETag of a part"):
        other.save("a", io.BytesIO(bytes(9 * MIB)))
    assert "Uploads" not in s3.client.list_multipart_uploads(Bucket=s3.bucket_name)


NO_BATCHES = [
    (400, "MissingContentMD5"),
    (400, "InvalidDigest"),
    (400, "MissingArgument"),
    (400, "InvalidArgument"),
    (400, "InvalidRequest"),
    (400, "MalformedXML"),
    (400, "BadRequest"),
    (405, "MethodNotAllowed"),
    (411, "MissingContentLength"),
    (415, "UnsupportedMediaType"),
    (501, "NotImplemented"),
    (501, "NotSupported"),
]


@pytest.mark.parametrize(("status", "code"), NO_BATCHES)
def test_a_store_without_batches_gets_single_deletes(
    s3: S3Storage, other: S3Storage, proxy: FaultProxy, status: int, code: str
) -> None:
    """In whatever words a store says that it takes no batches, each file is deleted alone."""
    fill(s3, *"abc")
    proxy.only = lambda method, path: method == "POST"
    proxy.always = refuse(status, code)
    other.delete("a", "b")
    assert names_in(s3) == ["c"]


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (403, "AccessDenied", AccessDeniedError),
        (401, "Unauthorized", AccessDeniedError),
        (400, "ExpiredToken", AccessDeniedError),
        (503, "SlowDown", StorageUnavailableError),
        (429, "TooManyRequests", StorageUnavailableError),
        (400, "ThrottlingException", StorageUnavailableError),
        (404, "NoSuchBucket", S3SaverError),
    ],
)
def test_a_refusal_is_no_lack_of_batches(
    s3: S3Storage,
    other: S3Storage,
    proxy: FaultProxy,
    status: int,
    code: str,
    kind: type[Exception],
) -> None:
    """Where the store refuses these credentials, or for now, it is not asked file by file."""
    fill(s3, "a", "b")
    proxy.only = lambda method, path: method == "POST"
    proxy.always = refuse(status, code)
    with pytest.raises(kind, match=code):
        other.delete("a", "b")
    assert names_in(s3) == ["a", "b"]
    assert {method for method, _ in proxy.requests} == {"POST"}


def test_one_key_that_cannot_be_deleted_stops_no_other(
    s3: S3Storage, other: S3Storage, proxy: FaultProxy
) -> None:
    """All others are deleted, in batches and one by one, before the error that names it."""
    fill(s3, *"abc")
    proxy.only = lambda method, path: path.endswith("/b") or method == "POST"
    proxy.always = refuse(500, "InternalError")
    proxy.faults.append(refuse(501, "NotImplemented"))
    with pytest.raises(StorageUnavailableError, match=r"InternalError .*\(for b\)"):
        other.delete("a", "b", "c")
    assert names_in(s3) == ["b"]


ODD_KEYS = ["x//b", "./a", "../a", "a/../b", "/a", "back\\slash", "tab\t", "n" * 300, "end/"]


def test_what_find_lists_can_be_deleted(s3: S3Storage) -> None:
    """Keys of other programs, which no save takes, are listed and can be deleted."""
    fill(s3, "plain")
    for key in ODD_KEYS:
        s3.client.put_object(Bucket=s3.bucket_name, Key=key, Body=b"x")
    assert {info.name for info in s3.find()} == {"plain", *ODD_KEYS}
    s3.delete(*[info.name for info in s3.find("x")])
    assert {info.name for info in s3.find()} == {"plain", *ODD_KEYS} - {"x//b"}
    s3.delete(*s3.find())
    assert list(s3.find()) == []


def test_odd_keys_stay_inside_the_prefix(s3: S3Storage) -> None:
    """A key below the prefix that has dots in it leads nowhere else when it is deleted."""
    inner = s3.derive(prefix="inner")
    s3.client.put_object(Bucket=s3.bucket_name, Key="inner/../outer", Body=b"x")
    fill(s3, "outer")
    inner.delete(*inner.find())
    assert names_in(s3) == ["outer"]


def test_one_odd_key_stops_no_copy(s3: S3Storage) -> None:
    """It is reported as failed, and all others are copied."""
    fill(s3, "a", "b")
    s3.client.put_object(Bucket=s3.bucket_name, Key="x//b", Body=b"x")
    report = copy_files(s3, MemoryStorage())
    assert (report.copied, list(report.failed)) == (2, ["x//b"])


def test_two_versions_are_never_mixed_without_conditions(
    s3: S3Storage, other: S3Storage, proxy: FaultProxy
) -> None:
    """Where a store ignores If-Match, the ETag of each answer says that the file was replaced."""
    s3.save("a", io.BytesIO(os.urandom(1_000_000)))
    proxy.always = without_conditions
    proxy.faults.append(cut_answer)
    with other.open("a") as file:
        file.read(10)
        s3.save("a", io.BytesIO(os.urandom(1_000_000)))
        with pytest.raises(S3SaverError, match="was replaced while it was being read"):
            file.read()
    with other.open("a") as file:
        s3.save("a", io.BytesIO(os.urandom(1_000_000)))
        file.seek(500_000)
        with pytest.raises(S3SaverError, match="was replaced while it was being read"):
            file.read()


@pytest.mark.parametrize(
    "store",
    [
        forward,
        taking_part_copies_for_parts,
        refusing_part_copies(501, "NotImplemented"),
        refusing_part_copies(400, "InvalidArgument"),
        refusing_part_copies(405, "MethodNotAllowed"),
    ],
)
def test_big_copies_need_no_part_copies(
    s3: S3Storage,
    other: S3Storage,
    proxy: FaultProxy,
    store: Fault,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """More than 5 GiB is copied in parts; on a store that cannot, the bytes pass through here."""
    monkeypatch.setattr("s3_saver._uploads.MAX_PUT_SIZE", 8 * MIB)
    monkeypatch.setattr("s3_saver._copies.COPY_PART_SIZE", 5 * MIB)
    content = os.urandom(12 * MIB + 1)
    headers: Any = {"Metadata": {"by": "us"}, "ContentDisposition": "attachment"}
    s3.save("a.bin", io.BytesIO(content), content_type="image/png", extra_args=headers)
    proxy.always = store
    info = other.copy("a.bin", "b.bin")
    assert (info, info.etag) == (s3.stat("b.bin"), s3.stat("b.bin").etag)
    assert read(s3, "b.bin") == content
    head = s3.client.head_object(Bucket=s3.bucket_name, Key="b.bin")
    assert (head["ContentType"], head["Metadata"], head["ContentDisposition"]) == (
        "image/png",
        {"by": "us"},
        "attachment",
    )
    assert "Uploads" not in s3.client.list_multipart_uploads(Bucket=s3.bucket_name)


def test_a_copy_that_is_none_is_an_error(
    s3: S3Storage, other: S3Storage, proxy: FaultProxy
) -> None:
    """A store that takes a copy for the saving of an empty file is found out."""
    fill(s3, "a")

    def store(handler: Any) -> None:
        if "x-amz-copy-source" in handler.headers:
            handler.ask_upstream(without=("x-amz-copy-source",))
            handler.send_head(200, [], 0)
        else:
            forward(handler)

    proxy.always = store
    with pytest.raises(S3SaverError, match="does not have CopyObject"):
        other.copy("a", "b")


def test_another_store_keeps_the_contract(other: S3Storage, proxy: FaultProxy) -> None:
    """All promises that a store without tokens, batches and headers can keep are kept."""

    def store(handler: Any) -> None:
        if handler.command == "POST":
            refuse(501, "NotImplemented")(handler)
        elif handler.command == "GET" and "prefix=" in handler.path:
            version_1_lists(3)(handler)
        else:
            leaving_out("Last-Modified")(handler)

    proxy.always = store
    check_storage(other)
