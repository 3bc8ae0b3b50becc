"""A proxy on loopback before an S3 server, which fails on demand and recovers on demand::

with fault_proxy("http://127.0.0.1:7480") as proxy:
    proxy.fault = refuse(503, "SlowDown")
    ...
    proxy.fault = None
"""

import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

_PATIENCE = 60  # seconds, for a client or the server


class FaultProxy(ThreadingHTTPServer):
    """Hands on each request, unless there is a fault.

    ``fault`` can be set and taken away at any time; ``only`` says for which requests, by method and
    path with query, it is. ``met`` has those that met it.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.upstream = urlsplit(upstream).netloc
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.fault: Fault | None = None
        self.only: Callable[[str, str], bool] = lambda method, path: True
        self.met: list[tuple[str, str]] = []
        self.ended = threading.Event()

    def handle_error(self, *_: object) -> None:
        """Say nothing: that clients and servers hang up is what this is for."""


@contextmanager
def fault_proxy(upstream: str) -> Iterator[FaultProxy]:
    with FaultProxy(upstream) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield proxy
        finally:
            proxy.ended.set()
            proxy.shutdown()
            thread.join()


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _PATIENCE
    server: FaultProxy

    def handle_any(self) -> None:
        fault = self.server.fault
        if fault and self.server.only(self.command, self.path):
            self.server.met.append((self.command, self.path))
            fault(self)
        else:
            self.hand_on()

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_any  # noqa: N815

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def hand_on(self, *, answer: bool = True) -> None:
        """Ask the server, and return its answer."""
        upstream = http.client.HTTPConnection(self.server.upstream, timeout=_PATIENCE)
        headers = {key: value for key, value in self.headers.items() if key != "Expect"}
        try:
            upstream.request(self.command, self.path, self.body(), headers)
            response = upstream.getresponse()
            content = response.read()
        finally:
            upstream.close()
        if answer:
            self.answer(response.status, response.getheaders(), content)

    def answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self.send_response_only(status)
        for key, value in headers:
            if key.lower() not in {"transfer-encoding", "connection", "content-length"}:
                self.send_header(key, value)
        length = dict(headers).get("Content-Length") if self.command == "HEAD" else None
        self.send_header("Content-Length", length or str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


Fault = Callable[[_Request], None]


def refuse(status: int, code: str) -> Fault:
    """S3 says no, with that error."""
    content = f"<Error><Code>{code}</Code><Message>On demand</Message></Error>".encode()

    def fault(request: _Request) -> None:
        request.body()
        request.answer(status, [("Content-Type", "application/xml")], content)

    return fault


def slow(seconds: float) -> Fault:
    """S3 thinks for so long before it does what it is asked."""

    def fault(request: _Request) -> None:
        request.server.ended.wait(seconds)
        request.hand_on()

    return fault


def cut(request: _Request) -> None:
    """The connection breaks in the middle of the request."""
    request.rfile.read(int(request.headers.get("Content-Length", 0)) // 2)
    request.hang_up()


def lose_answer(request: _Request) -> None:
    """S3 does what it is asked, and the connection breaks before it can say so."""
    request.hand_on(answer=False)
    request.hang_up()
