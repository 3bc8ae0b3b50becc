"""Fixtures: a clean environment, an S3 server, buckets and storages.

S3 is moto's server, or the one that S3_TEST_ENDPOINT, S3_TEST_KEY and S3_TEST_SECRET name.
"""

import io
import logging
import os
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fault_proxy import FaultProxy
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from s3_saver import LocalStorage, S3Storage, Storage
from s3_saver.testing import MemoryStorage

MakeStorage = Callable[..., S3Storage]


@dataclass(frozen=True)
class Server:
    """An S3 server and who may use it."""

    endpoint_url: str
    access_key_id: str
    access_key_secret: str


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: Any) -> None:
    """Hide the machine's own AWS settings."""
    for name in os.environ:
        if name.startswith("AWS_"):
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
    moto = make_server("127.0.0.1", 0, _moto_one_request_at_a_time(), threaded=True)
    thread = threading.Thread(target=moto.serve_forever)
    thread.start()
    yield Server(f"http://127.0.0.1:{moto.port}", "testkey", "testsecret")
    moto.shutdown()
    thread.join()
    moto.server_close()


def _moto_one_request_at_a_time() -> Any:
    # moto looks for If-None-Match first and stores later: of two threads both would win.
    moto, lock = DomainDispatcherApplication(create_backend_app), threading.Lock()

    def application(environ: Any, start_response: Any) -> Any:
        # Who sends it may be reading it from this server: it must be here before the lock is taken.
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        with lock:
            return moto(environ, start_response)

    return application


@pytest.fixture(autouse=True)
def _only_where_checked(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("servers") and not _server_from_environment():
        pytest.skip("needs an S3 server that checks signatures: run `nox -s servers`")


@pytest.fixture
def make_s3(server: Server) -> MakeStorage:
    """Makes an S3Storage on the server; options override."""

    def make(bucket: str, **options: Any) -> S3Storage:
        credentials = {
            "access_key_id": server.access_key_id,
            "access_key_secret": server.access_key_secret,
        }
        place = {"endpoint_url": server.endpoint_url, "region_name": "us-east-1"}
        return S3Storage(bucket, **{**credentials, **place, **options})

    return make


@pytest.fixture
def bucket(make_s3: MakeStorage) -> Iterator[str]:
    """The name of an empty bucket."""
    name = f"bucket-{uuid.uuid4().hex[:12]}"
    storage = make_s3(name)
    storage.client.create_bucket(Bucket=name)
    yield name
    storage.delete(*[info.name for info in storage.find()])
    storage.client.delete_bucket(Bucket=name)


@pytest.fixture
def s3(bucket: str, make_s3: MakeStorage) -> S3Storage:
    """A storage in an empty bucket."""
    return make_s3(bucket)


@pytest.fixture
def local(tmp_path: Any) -> LocalStorage:
    """A storage in an empty folder."""
    return LocalStorage(tmp_path / "files")


@pytest.fixture(params=["local", "memory", "s3", "s3 with prefix"])
def storage(request: pytest.FixtureRequest) -> Storage:
    """Each kind of storage in turn."""
    if request.param == "memory":
        return MemoryStorage()
    if request.param == "local":
        made: Storage = request.getfixturevalue("local")
        return made
    make: MakeStorage = request.getfixturevalue("make_s3")
    prefix = "some/folder" if "prefix" in request.param else ""
    return make(request.getfixturevalue("bucket"), prefix=prefix)


@pytest.fixture
def proxy(server: Server) -> Iterator[FaultProxy]:
    """A proxy in front of the server, which does what a bad network does."""
    with FaultProxy(server.endpoint_url) as running:
        yield running
