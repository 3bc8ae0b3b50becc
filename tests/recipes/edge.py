"""A CDN in front of a bucket, which lets in what CloudFront's manual says, over TLS."""

import importlib.util
import socket
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from http.cookies import SimpleCookie
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote

from layout import home

from recipes.web import Server, http, serving
from s3_saver import NotFoundError, Storage, guess_content_type


def load_verifier() -> ModuleType:
    """The module of url_for_s3's tests that verifies signatures."""
    path = home("url_for_s3") / "tests" / "cloudfront_edge.py"
    spec = importlib.util.spec_from_file_location("cloudfront_edge", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


verifier = load_verifier()


class Cdn:
    """A distribution that requires signatures.

    :param keys: public keys of its key group, by their ids.
    :param origin: what it may read; keys of the bucket are its names.
    """

    def __init__(self, keys: dict[str, Any], origin: Callable[[], Storage]) -> None:
        self._edge = verifier.Edge(keys)
        self._origin = origin
        self.domain = ""

    def serving(self, certificate: Path) -> AbstractContextManager[Server]:
        return serving(self.answer, tls=certificate)

    def answer(self, connection: socket.socket, path: str, head: str) -> None:
        lines = [line for line in head.split("\r\n") if line.lower().startswith("cookie:")]
        sent = SimpleCookie("; ".join(line.partition(":")[2].strip() for line in lines))
        cookies = {name: one.value for name, one in sent.items()}
        try:
            self._edge.check(f"https://{self.domain}{path}", cookies, now=time.time())
        except verifier.RefusedError as error:
            connection.sendall(http(str(error).encode(), "403 Forbidden"))
            return
        key = unquote(path.partition("?")[0]).lstrip("/")
        try:
            with self._origin().open(key) as file:
                body = http(file.read(), **{"Content-Type": guess_content_type(key)})
        except NotFoundError:
            body = http(status="404 Not Found")
        connection.sendall(body)
