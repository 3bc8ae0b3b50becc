"""Requests as browsers send them."""

import uuid
from contextlib import closing, suppress
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection
from urllib.parse import urlsplit


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
