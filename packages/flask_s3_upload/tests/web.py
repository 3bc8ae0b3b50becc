"""Requests as browsers and other clients send them, and a server for them."""

import threading
import uuid
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.serving import make_server


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    headers: Message
    body: bytes


def fetch(
    url: str, method: str = "GET", data: bytes | None = None, headers: dict[str, str] | None = None
) -> Answer:
    headers = dict(headers or {})
    if data is not None:
        headers.setdefault("Content-Type", "application/octet-stream")
    parts = urlsplit(url)
    with closing(HTTPConnection(parts.netloc)) as connection:
        # A server that refuses by the head alone need not read the rest.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request(method, path_of(url), data, headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())


def post_form(url: str, fields: dict[str, str], data: bytes) -> int:
    """Send a form as a browser does; return the status."""
    mark = uuid.uuid4().hex
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = (
        f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="blob"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = b"".join(parts) + head.encode() + data + f"\r\n--{mark}--\r\n".encode()
    return fetch(
        url, "POST", body, {"Content-Type": f"multipart/form-data; boundary={mark}"}
    ).status


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def send_in_chunks(url: str, chunks: Iterable[bytes], headers: dict[str, str]) -> int:
    """Send a PUT whose length only its end says; return the status."""
    with closing(HTTPConnection(urlsplit(url).netloc)) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request("PUT", path_of(url), iter(chunks), headers, encode_chunked=True)
        return connection.getresponse().status


@contextmanager
def running(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
