"""Fixtures: a clean environment, an S3 server with a bucket, and one app per kind of storage.

S3 is moto's server, or the one that S3_TEST_ENDPOINT, S3_TEST_KEY and S3_TEST_SECRET name.
"""

import io
import logging
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from moto.server import ThreadedMotoServer
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from flask_s3_upload import Rules, StoredFile, Uploads
from s3_saver import LocalStorage, S3Storage

PICTURES = Rules(max_bytes=2_000_000, types=("image/*",))


@dataclass(frozen=True)
class Server:
    """An S3 server and who may use it."""

    endpoint_url: str
    access_key_id: str
    access_key_secret: str


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
        """Do what the browser does with an answer; give the status."""
        headers = {**way["headers"], **headers}
        if not way["url"].startswith("http"):
            told = {"CONTENT_LENGTH": str(len(data))}  # by the test client only if there is a body
            answer = self.client.put(way["url"], data=data, headers=headers, environ_overrides=told)
            return answer.status_code
        if way["method"] == "PUT":
            return fetch(way["url"], "PUT", data, headers).status
        return post_form(way["url"], way["fields"], data)

    def upload(self, data: bytes, filename: str = "cat.png", **body: Any) -> str:
        """Send a file directly; give the token."""
        answer = self.sign(data, filename, **body)
        assert self.send(answer, data) in (200, 204)
        token: str = answer["token"]
        return token

    @contextmanager
    def visit(self) -> Iterator[None]:
        """Be in a request of the same visitor, as a view is."""
        with self.client.session_transaction() as session:
            visitor = dict(session)
        with self.app.test_request_context():
            from flask import session as current

            current.update(visitor)
            yield

    def claim(self, token: str, to: str = "", **options: Any) -> StoredFile:
        with self.visit():
            return self.uploads.claim(token, to, **options)

    def claim_all(self, tokens: list[str], to: str = "") -> list[StoredFile]:
        with self.visit():
            return self.uploads.claim_all(tokens, to)


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
    """Send a form as a browser does; give the status."""
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


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, kind)
    return file.getvalue()


def posted(data: bytes, filename: str = "cat.png") -> FileStorage:
    """A file as ``request.files`` has it."""
    return FileStorage(io.BytesIO(data), filename)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: Any) -> None:
    """Hide the machine's own settings."""
    for name in os.environ:
        if name.startswith("AWS_") or name == "BUCKET_NAME":
            monkeypatch.delenv(name)
    nowhere = tmp_path_factory.getbasetemp() / "nowhere"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(nowhere))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(nowhere))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def _server_from_environment() -> Server | None:
    if endpoint := os.environ.get("S3_TEST_ENDPOINT"):
        return Server(endpoint, os.environ["S3_TEST_KEY"], os.environ["S3_TEST_SECRET"])
    return None


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The S3 server of this run."""
    if real := _server_from_environment():
        yield real
        return
    logging.getLogger("werkzeug").disabled = True
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield Server(f"http://{host}:{port}", "testkey", "testsecret")
    moto.stop()


@pytest.fixture(autouse=True)
def _only_where_checked(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("servers") and not _server_from_environment():
        pytest.skip("needs an S3 server that checks signatures: run `nox -s servers`")


@pytest.fixture
def bucket(server: Server) -> Iterator[str]:
    """The name of an empty bucket."""
    storage = S3Storage(
        f"bucket-{uuid.uuid4().hex[:12]}",
        endpoint_url=server.endpoint_url,
        access_key_id=server.access_key_id,
        access_key_secret=server.access_key_secret,
        region_name="us-east-1",
    )
    storage.client.create_bucket(Bucket=storage.bucket)
    yield storage.bucket
    storage.delete(*[info.name for info in storage.find()])
    uploads = storage.client.list_multipart_uploads(Bucket=storage.bucket).get("Uploads", [])
    for upload in uploads:
        storage.client.abort_multipart_upload(
            Bucket=storage.bucket, Key=upload["Key"], UploadId=upload["UploadId"]
        )
    storage.client.delete_bucket(Bucket=storage.bucket)


@pytest.fixture
def on_s3(server: Server, bucket: str) -> dict[str, Any]:
    """The settings of an app that stores on S3."""
    return {
        "UPLOADS_S3_BUCKET_NAME": bucket,
        "UPLOADS_S3_REGION": "us-east-1",
        "UPLOADS_S3_ENDPOINT_URL": server.endpoint_url,
        "UPLOADS_S3_ACCESS_KEY_ID": server.access_key_id,
        "UPLOADS_S3_ACCESS_KEY_SECRET": server.access_key_secret,
    }


MakeSite = Callable[..., Site]


@pytest.fixture
def make_local(tmp_path: Path) -> MakeSite:
    """Makes a site that stores on disk; settings and options of Uploads override."""

    def make(uploads: Uploads | None = None, **settings: Any) -> Site:
        app = Flask(__name__, instance_path=str(tmp_path))
        app.config.update(SECRET_KEY="not a secret", UPLOADS_FOLDER=tmp_path / "files")
        app.config.update(settings)
        uploads = uploads or Uploads()
        uploads.init_app(app)
        uploads.allow_direct(rules=PICTURES, authorize=lambda upload: True)
        with app.app_context():
            from flask_s3_upload._state import current_state

            storage = current_state().places.storage
        assert isinstance(storage, LocalStorage | S3Storage)
        return Site(app, uploads, storage)

    return make


@pytest.fixture
def make_s3(make_local: MakeSite, on_s3: dict[str, Any]) -> MakeSite:
    """Makes a site that stores on S3."""

    def make(uploads: Uploads | None = None, **settings: Any) -> Site:
        return make_local(uploads, **{**on_s3, **settings})

    return make


@pytest.fixture(params=["disk", "s3", "s3 with prefix"])
def make_site(request: pytest.FixtureRequest) -> MakeSite:
    """Makes a site of each kind in turn."""
    if request.param == "disk":
        made: MakeSite = request.getfixturevalue("make_local")
        return made
    make: MakeSite = request.getfixturevalue("make_s3")
    if request.param == "s3":
        return make
    return lambda uploads=None, **settings: make(
        uploads, **{"UPLOADS_S3_PREFIX": "some/folder", **settings}
    )


#: For tests that take long and have nothing to do with where in the bucket files are.
without_prefix = pytest.mark.parametrize("make_site", ["disk", "s3"], indirect=True)


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    """A site of each kind in turn, as it is without further settings."""
    return make_site()


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")
