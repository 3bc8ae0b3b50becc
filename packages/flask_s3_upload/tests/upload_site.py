"""An app with uploads, and its visitor."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask, session
from flask.testing import FlaskClient
from web import fetch, path_of, post_form
from werkzeug.test import TestResponse

from flask_s3_upload import StoredFile, Uploads
from s3_saver import LocalStorage, S3Storage
from untrusted_files import Rules

PICTURES = Rules(max_bytes=20_000_000, types=("image/*",))

#: For tests that take long and have nothing to do with where in the bucket files are.
without_prefix = pytest.mark.parametrize("make_site", ["disk", "s3"], indirect=True)


@dataclass
class Site:
    """An app with uploads, and its visitor."""

    app: Flask
    uploads: Uploads
    storage: LocalStorage | S3Storage
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    @property
    def on_s3(self) -> bool:
        return isinstance(self.storage, S3Storage)

    def read(self, name: str) -> bytes:
        with self.storage.open(name) as file:
            return file.read()

    def names(self, prefix: str = "") -> list[str]:
        return [info.name for info in self.storage.find(prefix)]

    def get(self, url: str, **headers: str) -> TestResponse:
        """Fetch a URL of the app, whole."""
        return self.client.get(path_of(url), headers=headers, buffered=True)

    def ask(self, question: str, **body: Any) -> Any:
        """Ask one of the direct upload's questions; the answer must be good."""
        response = self.client.post(f"/uploads/-/{question}", json=body)
        assert response.status_code == 200, response.text
        return response.get_json()

    def sign(self, data: bytes, filename: str = "cat.png", **body: Any) -> Any:
        return self.ask("sign", filename=filename, size=len(data), **{"type": "image/png", **body})

    def send(self, way: Any, data: bytes, **headers: str) -> int:
        """Do what the browser does with an answer; return the status."""
        headers = {**way["headers"], **headers}
        if not way["url"].startswith("http"):
            # The client sends none where there is no body.
            length = {"CONTENT_LENGTH": str(len(data))}
            answer = self.client.put(
                way["url"], data=data, headers=headers, environ_overrides=length
            )
            return answer.status_code
        if way["method"] == "PUT":
            return fetch(way["url"], "PUT", data, headers).status
        return post_form(way["url"], way["fields"], data)

    def upload(self, data: bytes, filename: str = "cat.png", **body: Any) -> str:
        """Send a file directly; return the token."""
        answer = self.sign(data, filename, **body)
        assert self.send(answer, data) in (200, 204)
        token: str = answer["token"]
        return token

    @contextmanager
    def visit(self) -> Iterator[None]:
        """Be in a request of the same visitor, as a view is."""
        with self.client.session_transaction() as current:
            visitor = dict(current)
        with self.app.test_request_context():
            session.update(visitor)
            yield

    def claim(self, token: str, to: str = "", **options: Any) -> StoredFile:
        with self.visit():
            return self.uploads.claim(token, to, **options)

    def claim_all(self, tokens: list[str], to: str = "") -> list[StoredFile]:
        with self.visit():
            return self.uploads.claim_all(tokens, to)


#: Makes a site: its Uploads, if not a new one, and settings.
MakeSite = Callable[..., Site]
