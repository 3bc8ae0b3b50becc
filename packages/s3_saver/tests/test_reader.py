"""Reading from S3: streamed, seekable, patient."""

import io
import os
from typing import Any

import pytest
from botocore.config import Config
from fault_proxy import FaultProxy, cut_answer, cut_request, forward, refuse, stall
from makers import MakeStorage

from s3_saver import ReplacedError, S3File, S3Storage, StorageUnavailableError
from s3_saver.exceptions import S3SaverError

TWO_ATTEMPTS: Any = {"mode": "standard", "total_max_attempts": 2}
CONTENT = os.urandom(1_000_000)


@pytest.fixture
def shaky(s3: S3Storage, make_s3: MakeStorage, proxy: FaultProxy) -> S3Storage:
    """A bucket with one file, through the proxy."""
    s3.save("a", io.BytesIO(CONTENT))
    config = Config(retries=TWO_ATTEMPTS)
    return make_s3(s3.bucket_name, endpoint_url=proxy.endpoint_url, config=config)


def test_reading_goes_on_where_the_connection_broke(shaky: S3Storage, proxy: FaultProxy) -> None:
    """After a cut in the middle, only the rest is asked for, of the same version."""
    proxy.faults.extend([cut_answer, cut_answer])
    with shaky.open("a") as file:
        assert file.read() == CONTENT
    ranges = [headers.get("Range") for headers in proxy.headers]
    assert ranges[0] is None
    assert all(asked and asked.startswith("bytes=") for asked in ranges[1:])
    assert all(headers["If-Match"] for headers in proxy.headers[1:])


def test_reading_a_broken_server_is_an_error(shaky: S3Storage, proxy: FaultProxy) -> None:
    """Half a file is never taken for a whole one."""
    proxy.faults.append(cut_answer)
    proxy.always = refuse(503, "SlowDown")
    with shaky.open("a") as file, pytest.raises(StorageUnavailableError, match="SlowDown"):
        file.read()


def test_reading_gives_up_when_the_sdk_does(shaky: S3Storage, proxy: FaultProxy) -> None:
    """A server that is gone in the middle is asked as often as any other call asks, not squared."""
    proxy.faults.append(cut_answer)
    proxy.always = cut_request
    with shaky.open("a") as file, pytest.raises(StorageUnavailableError):
        file.read()
    assert len(proxy.requests) == 1 + 2


def test_reading_a_silent_server_is_an_error(
    s3: S3Storage, make_s3: MakeStorage, proxy: FaultProxy
) -> None:
    """A stalled open fails within the timeouts."""
    proxy.always = stall
    config = Config(read_timeout=1, retries=TWO_ATTEMPTS)
    hasty = make_s3(s3.bucket_name, endpoint_url=proxy.endpoint_url, config=config)
    with pytest.raises(StorageUnavailableError, match="timeout"):
        hasty.open("a")


def test_two_versions_are_never_mixed(s3: S3Storage, shaky: S3Storage, proxy: FaultProxy) -> None:
    """If the file is replaced between a cut and the rest, reading fails rather than mixes."""
    proxy.faults.append(cut_answer)
    with shaky.open("a") as file:
        file.read(10)
        s3.save("a", io.BytesIO(bytes(1_000_000)))
        with pytest.raises(ReplacedError, match="replaced while it was being read"):
            file.read()


def test_a_file_knows_the_version_that_it_reads(s3: S3Storage) -> None:
    """An open file has the etag of what it reads, whatever is under its name by then."""
    old = s3.save("a", io.BytesIO(b"old"))
    with s3.open("a") as file:
        s3.save("a", io.BytesIO(b"new"))
        assert isinstance(file, S3File)
        assert (file.etag, file.read()) == (old.etag, b"old")
    assert not s3.is_amazons


def test_a_store_without_ranges_is_reported(shaky: S3Storage, proxy: FaultProxy) -> None:
    """A store that answers a range with the whole file causes an error, not wrong bytes."""

    def ignore_range(handler: Any) -> None:
        handler.send_head(200, [("ETag", handler.headers["If-Match"])], len(CONTENT))
        handler.wfile.write(CONTENT)

    with shaky.open("a") as file:
        file.seek(500_000)
        proxy.faults.append(ignore_range)
        with pytest.raises(S3SaverError, match="header Range"):
            file.read(10)


def test_seeking_costs_nothing_until_the_next_read(shaky: S3Storage, proxy: FaultProxy) -> None:
    """As image libraries do: seek around, then read; only what is read is asked for."""
    with shaky.open("a") as file:
        assert file.seekable()
        file.seek(0, io.SEEK_END)
        assert file.tell() == len(CONTENT)
        assert file.read() == b""
        file.seek(0)
        assert len(proxy.requests) == 1
        file.seek(900_000)
        assert file.read(5) == CONTENT[900_000:900_005]
        assert len(proxy.requests) == 2
        file.seek(-100_000, io.SEEK_CUR)
        assert file.read(10) == CONTENT[800_005:800_015]
        with pytest.raises((ValueError, OSError)):
            file.seek(-1)
    with pytest.raises(ValueError, match="closed"):
        file.read()


def test_reading_in_small_pieces_asks_once(shaky: S3Storage, proxy: FaultProxy) -> None:
    """A stream is one request, however it is read."""
    proxy.faults.append(forward)
    with shaky.open("a") as file:
        pieces = iter(lambda: file.read(7_777), b"")
        assert b"".join(pieces) == CONTENT
    assert len(proxy.requests) == 1


def test_connections_are_given_back(shaky: S3Storage) -> None:
    """A hundred files opened and closed unread leave nothing open."""
    for _ in range(100):
        shaky.open("a").close()
    with shaky.open("a") as file:
        assert file.read(1) == CONTENT[:1]


def test_a_rest_that_is_cut_without_a_length_is_read_on(
    shaky: S3Storage, proxy: FaultProxy
) -> None:
    """A proxy that cuts an answer which has no Content-Length makes no file shorter."""

    def cut_without_length(handler: Any, size: int = 1000) -> None:
        status, headers, body = handler.ask_upstream()
        handler.send_response_only(status)
        for key, value in headers:
            if key.lower() not in ("content-length", "transfer-encoding", "connection"):
                handler.send_header(key, value)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(body[:size])
        handler.close_connection = True

    with shaky.open("a") as file:
        file.seek(500_000)
        proxy.faults.append(cut_without_length)
        assert file.read() == CONTENT[500_000:]
    with shaky.open("a") as file:
        file.seek(500_000)
        proxy.always = lambda handler: cut_without_length(handler, 0)
        with pytest.raises(StorageUnavailableError, match="no full answer"):
            file.read()
