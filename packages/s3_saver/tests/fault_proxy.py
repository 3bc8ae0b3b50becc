"""A proxy on loopback that does to S3 requests what networks and servers do."""

import http.client
import socket
import threading
from collections import deque
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

_STALL = 30  # seconds at most, however long the client would wait


class FaultProxy:
    """Forwards requests to an S3 server, but meets each with the next of its faults first.

    ``proxy.faults.append(refuse(503, "SlowDown"))`` spoils one request; ``proxy.always = cut_body``
    spoils all. ``proxy.only`` limits both to requests whose method and path it accepts.
    """

    def __init__(self, upstream: str) -> None:
        self.upstream = urlsplit(upstream)
        self.faults: deque[Fault] = deque()
        self.always: Fault | None = None
        self.only: Callable[[str, str], bool] = lambda method, path: True
        self.requests: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.proxy = self  # type: ignore[attr-defined]
        self.endpoint_url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def next_fault(self, method: str, path: str) -> "Fault":
        if not self.only(method, path):
            return forward
        if self.faults:
            return self.faults.popleft()
        return self.always or forward


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _STALL

    def handle_any(self) -> None:
        proxy: FaultProxy = self.server.proxy  # type: ignore[attr-defined]
        proxy.requests.append((self.command, self.path))
        proxy.headers.append(dict(self.headers))
        proxy.next_fault(self.command, self.path)(self)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_any  # noqa: N815

    def read_body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def ask_upstream(
        self, *, path: str = "", without: tuple[str, ...] = (), body: bytes | None = None
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Ask the real server, for another path, without some headers or with another body."""
        proxy: FaultProxy = self.server.proxy  # type: ignore[attr-defined]
        connection = http.client.HTTPConnection(proxy.upstream.netloc, timeout=_STALL)
        left_out = {"expect", *map(str.lower, without)}
        headers = {key: value for key, value in self.headers.items() if key.lower() not in left_out}
        sent = self.read_body()
        if body is not None:
            sent = body
            headers["Content-Length"] = str(len(body))
        connection.request(self.command, path or self.path, sent, headers)
        answer = connection.getresponse()
        received = answer.read()
        connection.close()
        return answer.status, answer.getheaders(), received

    def send_head(self, status: int, headers: list[tuple[str, str]], size: int) -> None:
        self.send_response_only(status)
        lengths = [value for key, value in headers if key.lower() == "content-length"]
        for key, value in headers:
            if key.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(key, value)
        is_head = self.command == "HEAD" and lengths
        self.send_header("Content-Length", lengths[0] if is_head else str(size))
        self.end_headers()

    def hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *args: Any) -> None:
        pass


Fault = Callable[[_Handler], None]


def forward(handler: _Handler) -> None:
    """No fault at all."""
    status, headers, body = handler.ask_upstream()
    handler.send_head(status, headers, len(body))
    handler.wfile.write(body)


def refuse(status: int, code: str, message: str = "as the test wants it") -> Fault:
    """The server answers with an error of S3, and does nothing."""
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()

    def fault(handler: _Handler) -> None:
        handler.read_body()
        handler.send_head(status, [("Content-Type", "application/xml")], len(body))
        if handler.command != "HEAD":
            handler.wfile.write(body)

    return fault


def cut_request(handler: _Handler) -> None:
    """The connection breaks in the middle of what the client sends."""
    handler.rfile.read(int(handler.headers.get("Content-Length", 0)) // 2)
    handler.hang_up()


def lose_answer(handler: _Handler) -> None:
    """The server does what it was asked, but the connection breaks before it can say so."""
    handler.ask_upstream()
    handler.hang_up()


def cut_answer(handler: _Handler) -> None:
    """The connection breaks in the middle of what the server sends."""
    status, headers, body = handler.ask_upstream()
    handler.send_head(status, headers, len(body))
    handler.wfile.write(body[: len(body) // 2])
    handler.wfile.flush()
    handler.hang_up()


def stall(handler: _Handler) -> None:
    """Nothing comes, for longer than anyone should wait."""
    handler.server.proxy.closing.wait(_STALL)  # type: ignore[attr-defined]
    handler.hang_up()
