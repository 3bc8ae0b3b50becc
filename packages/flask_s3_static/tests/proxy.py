"""A proxy on loopback that counts requests to S3, and can spoil some."""

import http.client
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit


class Proxy:
    """Forwards requests to an S3 server.

    ``proxy.spoil`` is asked for each request's method and path. A number is answered as a status of
    an error, ``'cut'`` breaks the connection in the middle of the request, ``'lose'`` breaks it
    after the server has done its work; ``None`` lets the request through. Headers of answers that
    are in ``proxy.hidden`` are left out, and ``proxy.prefix`` stands before each path.
    """

    def __init__(self, upstream: str, tls: ssl.SSLContext | None = None) -> None:
        self.upstream = urlsplit(upstream).netloc
        self.prefix = ""
        self.agents: list[str] = []
        self.requests: list[tuple[str, str]] = []
        self.spoil: Callable[[str, str], int | str | None] = lambda method, path: None
        self.hidden: set[str] = set()
        self.lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
            self.url = f"https://localhost:{self._server.server_address[1]}"

    def count(self, method: str) -> int:
        return sum(1 for done, _ in self.requests if done == method)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    proxy: Proxy

    def handle_error(self, *args: Any) -> None:
        pass  # a client that goes away is what some tests are about


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    server: _Server

    def answer(self) -> None:
        proxy = self.server.proxy
        with proxy.lock:
            proxy.requests.append((self.command, self.path))
            proxy.agents.append(self.headers.get("User-Agent", ""))
            spoiled = proxy.spoil(self.command, self.path)
        length = int(self.headers.get("Content-Length", 0))
        if spoiled == "cut":
            self.rfile.read(length // 2)
            return self.hang_up()
        if self.headers.get("Expect"):
            self.send_response_only(100)
            self.end_headers()
        body = self.rfile.read(length)
        if isinstance(spoiled, int):
            return self.give(spoiled, [], b"<Error><Code>Spoiled</Code></Error>")
        headers = {name: value for name, value in self.headers.items() if name != "Expect"}
        with closing(http.client.HTTPConnection(proxy.upstream, timeout=30)) as connection:
            connection.request(self.command, proxy.prefix + self.path, body, headers)
            response = connection.getresponse()
            data = response.read()
        if spoiled == "lose":
            return self.hang_up()
        return self.give(response.status, response.getheaders(), data)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = answer  # noqa: N815

    def give(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        skipped = {"connection", "transfer-encoding", "content-length", *self.server.proxy.hidden}
        for name, value in headers:
            if name.lower() not in skipped:
                self.send_header(name, value)
        lengths = [value for name, value in headers if name.lower() == "content-length"]
        size = lengths[0] if self.command == "HEAD" and lengths else str(len(body))
        self.send_header("Content-Length", size)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *args: Any) -> None:
        pass
