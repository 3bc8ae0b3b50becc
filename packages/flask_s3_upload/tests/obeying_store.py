"""moto as other stores: a proxy that treats headers which nobody signed in their ways."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

#: 'refuses' what is not signed, as Amazon does; 'holds' to what a URL declares, as Ceph does; or
#: 'obeys' everything and refuses URLs that declare what is absent. One that 'forgets' conditions
#: takes every PUT.
Way = Literal["refuses", "holds", "obeys", "forgets"]

_DANGEROUS = ("x-amz-copy-source", "x-amz-acl")


class Store(ThreadingHTTPServer):
    """The proxy; *requests* are the methods and paths that came."""

    def __init__(self, upstream: str, way: Way) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = urlsplit(upstream).netloc
        self.way = way
        self.requests: list[str] = []

    @property
    def endpoint_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def refuses(self, query: str, headers: dict[str, str]) -> bool:
        declared = parse_qs(query).get("X-Amz-SignedHeaders", [""])[0].split(";")
        if declared == [""]:  # signed in the Authorization header: a request of the SDK
            return False
        present = [name for name in _DANGEROUS if name in headers]
        absent = [name for name in _DANGEROUS if name in declared and name not in headers]
        if self.way == "refuses":
            return any(name not in declared for name in present)
        if self.way == "holds":
            return any(name in declared for name in present)
        return bool(absent)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Store

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append(f"{self.command} {self.path}")
        if self.server.way == "forgets":
            headers.pop("if-none-match", None)
        elif self.server.refuses(urlsplit(self.path).query, headers):
            self._answer(403, [], b"<Error><Code>AccessDenied</Code></Error>")
            return
        connection = HTTPConnection(self.server.upstream)
        connection.request(self.command, self.path, body or None, headers)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        self._answer(answer.status, answer.getheaders(), data)

    def _answer(self, status: int, headers: list[tuple[str, str]], data: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        length = {name.lower(): value for name, value in headers}.get("content-length")
        head = self.command == "HEAD"
        self.send_header("Content-Length", (length or "0") if head else str(len(data)))
        self.end_headers()
        if not head:
            self.wfile.write(data)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._pass_on
        raise AttributeError(name)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def running_store(upstream: str, way: Way) -> Iterator[Store]:
    store = Store(upstream, way)
    thread = threading.Thread(target=store.serve_forever)
    thread.start()
    try:
        yield store
    finally:
        store.shutdown()
        thread.join()
        store.server_close()
