"""The short way into the bucket, and when the long one is taken."""

import contextlib
import socket
import ssl
import threading
from pathlib import Path
from typing import Any, Self

import pytest
import trustme
from proxy import Proxy
from static_site import Site

from flask_s3_static._storage import make_storage
from flask_s3_static.pushing._fast_put import FastPut
from flask_s3_static.serving._state import state_of
from s3_saver import S3Storage
from s3_saver.testing import S3Server


def presigned(proxy: Proxy) -> list[bool]:
    """Whether each PUT of an asset was presigned."""
    return [
        "X-Amz-Signature" in path
        for method, path in proxy.requests
        if method == "PUT" and "/static/" in path
    ]


@pytest.mark.parametrize(
    ("config", "is_direct"),
    [
        ({}, True),
        ({"FLASKS3_HEADERS": {"Cache-Control": "no-cache", "Content-Language": "de"}}, True),
        ({"FLASKS3_HEADERS": {"Expires": "Thu, 15 Apr 2032 20:00:00 +0200"}}, True),
        ({"FLASKS3_GZIP": True}, True),
        ({"FLASKS3_HEADERS": {"Owner": "Mister Foo"}}, False),
        ({"FLASKS3_ACL": "private"}, False),
    ],
)
def test_ways(site: Site, proxy: Proxy, config: dict[str, object], is_direct: bool) -> None:
    """Presigned go files whose headers need no signature; all others by the SDK."""
    site.write("static/a.js", "var a;" * 100)
    assert list(site.push(config=config).sent) == ["static/a.js"]
    assert presigned(proxy) == [is_direct]


@pytest.mark.parametrize("status", [301, 307, 400, 403])
def test_refused_once(site: Site, proxy: Proxy, status: int) -> None:
    """After a presigned request was refused, or sent to another region, no more are made."""
    proxy.spoil = lambda method, path: status if "X-Amz-Signature" in path else None
    site.storage.client.create_bucket(Bucket=site.bucket)
    route = FastPut(make_storage(state_of(site.app()).settings))
    assert [route.put("static/a", b"a", {}) for _ in range(3)] == [False] * 3
    route.close()
    assert presigned(proxy) == [True]


class Answers:
    """A server that gives its answers one after the other, each in pieces, then hangs up."""

    def __init__(self, *answers: bytes) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.connections = 0
        self._answers = iter(answers)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        # Nobody asks any more: what still waits for a connection ends, and the test fails.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        answer = next(self._answers, None)
        while answer is not None:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            # A client that hangs up before it has read all resets the connection.
            with connection, contextlib.suppress(ConnectionError):
                while answer is not None and connection.recv(65536):
                    now, answer = answer, next(self._answers, None)
                    for piece in (now[:9], now[9:-3], now[-3:]):
                        connection.sendall(piece)


def put_each(*answers: bytes) -> tuple[list[bool], int]:
    """Whether each PUT was taken, and the number of connections."""
    with Answers(*answers) as server:
        storage = S3Storage(
            "bucket", endpoint_url=server.url, access_key_id="id", access_key_secret="secret"
        )
        route = FastPut(storage)
        taken = [route.put("static/a", b"a", {}) for _ in answers]
        route.close()
    return taken, server.connections


OK = b"HTTP/1.1 200 OK\r\nETag: x\r\nContent-Length: 0\r\n\r\n"


def test_connection_is_kept() -> None:
    """A thread's PUTs share a connection, however the answers are cut into packets."""
    assert put_each(OK, OK.lower().replace(b"http", b"HTTP"), OK) == ([True] * 3, 1)


def test_connection_is_not_kept() -> None:
    """After an answer that has a body, or an end, the next PUT has a new connection."""
    last = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmore",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nmore",
        b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    ]
    assert put_each(*last, OK) == ([True] * 6, 6)


def test_no_answer() -> None:
    """What is no answer sends the file the long way, and leaves the short one to the next."""
    answers = [b"x" * 70_000, OK, b"HTTP/1.1 abc\r\n\r\n", OK, b"\r\n\r\n", OK]
    assert put_each(*answers) == ([False, True] * 3, 4)


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        ({}, ("https://s3.amazonaws.com", "us-east-1", "host")),
        (
            {"region": "cn-north-1"},
            ("https://s3.cn-north-1.amazonaws.com.cn", "cn-north-1", "host"),
        ),
        (
            {
                "endpoint_url": "https://bucket.vpce-1.s3.eu-west-1.vpce.amazonaws.com",
                "region": "eu-west-1",
            },
            ("https://bucket.vpce-1.s3.eu-west-1.vpce.amazonaws.com", "eu-west-1", "path"),
        ),
        ({"endpoint_url": "http://127.0.0.1:9"}, ("http://127.0.0.1:9", "us-east-1", "path")),
    ],
)
def test_addresses(place: dict[str, Any], wanted: tuple[str, str, str]) -> None:
    """Requests go where the SDK's would go, signed for the same region, in the same style."""
    storage = S3Storage("bucket", access_key_id="id", access_key_secret="secret", **place)
    route = FastPut(storage)
    assert (route._endpoint_url, route._region, route._url_style) == wanted


def test_environment_s_proxy(site: Site, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the environment names a proxy, all goes by the SDK, which knows about these."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    route = FastPut(site.storage)
    assert not route.put("static/a", b"a", {})
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    site.storage.client.create_bucket(Bucket=site.bucket)
    route = FastPut(site.storage)
    assert route.put("static/a", b"a", {})
    route.close()


def test_tls(
    site: Site, s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over https the certificate is checked, by the authorities that the SDK is configured with."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    site.write("static/a.js", "a")
    with Proxy(s3_server.endpoint_url, context) as proxy:
        site.config["FLASKS3_ENDPOINT_URL"] = proxy.url
        with pytest.raises(Exception, match="certificate verify failed"):
            site.push()
        monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "ca.pem"))
        monkeypatch.setitem(site.config, "FLASKS3_REGION", "us-east-1")  # another client
        assert list(site.push().sent) == ["static/a.js"]
        assert presigned(proxy) == [True]
