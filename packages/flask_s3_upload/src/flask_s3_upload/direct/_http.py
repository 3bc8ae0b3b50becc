"""Requests of our own, as anybody could send them: what answers a stranger, or a browser."""

import os
import ssl
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import Any, NamedTuple
from urllib.error import URLError
from urllib.request import HTTPErrorProcessor, HTTPSHandler, OpenerDirector, Request, build_opener

from s3_saver import StorageUnavailableError

_TIMEOUT = 15  # seconds
_MOST = 64 * 1024  # bytes of an answer that are looked at


class Answer(NamedTuple):
    """What a server answered: the body's start, and headers by any case of their names."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300


class _AsItIs(HTTPErrorProcessor):
    """Returns every answer: one that is not 200 is no error, and redirects are not followed."""

    def http_response(self, request: Request, response: HTTPResponse) -> Any:  # noqa: ARG002
        return response

    https_response = http_response


def send(
    url: str, method: str = "GET", headers: dict[str, str] | None = None, body: bytes | None = None
) -> Answer:
    """Send a request without credentials, and return the answer.

    :raises StorageUnavailableError: there is none.
    """
    sent = {"User-Agent": "flask-s3-upload", **(headers or {})}
    if body is not None:
        sent.setdefault("Content-Type", "application/octet-stream")
    request = Request(url, body, sent, method=method)  # noqa: S310 - of our own settings
    try:
        with _opener().open(request, timeout=_TIMEOUT) as answer:
            return Answer(answer.status, answer.headers, answer.read(_MOST))
    except (OSError, URLError, HTTPException) as error:
        where = url.partition("?")[0]
        raise StorageUnavailableError(f"no answer to {method} {where}: {error}") from error


def _opener() -> OpenerDirector:
    # The SDK reads this variable, too.
    context = ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE") or None)
    return build_opener(_AsItIs, HTTPSHandler(context=context))
