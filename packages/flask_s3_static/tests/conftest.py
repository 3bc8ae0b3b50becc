"""Fixtures: a clean environment, an S3 server, and a site whose static files go there.

S3 is moto's server, or the one that S3_TEST_ENDPOINT, S3_TEST_KEY and S3_TEST_SECRET name.
"""

import logging
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask
from moto.server import ThreadedMotoServer
from proxy import Proxy

from flask_s3_static import FlaskS3, PushReport, create_all
from s3_saver import BucketNotFoundError, S3Storage


@dataclass(frozen=True)
class Server:
    """An S3 server and who may use it."""

    url: str
    access_key_id: str
    access_key_secret: str


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("AWS_", "FLASK_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def _server_from_environment() -> Server | None:
    if url := os.environ.get("S3_TEST_ENDPOINT"):
        return Server(url, os.environ["S3_TEST_KEY"], os.environ["S3_TEST_SECRET"])
    return None


@pytest.fixture(autouse=True)
def _only_where_checked(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("servers") and not _server_from_environment():
        pytest.skip("needs an S3 server that checks signatures: run `nox -s servers`")


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    if real := _server_from_environment():
        yield real
        return
    logging.getLogger("werkzeug").disabled = True
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield Server(f"http://{host}:{port}", "testkey", "testsecret")
    moto.stop()


@pytest.fixture
def only_on_moto() -> None:
    """For what real S3 servers other than Amazon's don't have."""
    if _server_from_environment():
        pytest.skip("needs a service that only moto's server has")


class Site:
    """An app's folder, and the bucket that its static files go to."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.folder = folder
        self.config: dict[str, Any] = {
            "AWS_ACCESS_KEY_ID": server.access_key_id,
            "AWS_SECRET_ACCESS_KEY": server.access_key_secret,
            "FLASKS3_BUCKET_NAME": f"bucket-{uuid.uuid4().hex[:12]}",
            "FLASKS3_ENDPOINT_URL": server.url,
        }
        self.storage = S3Storage(
            self.config["FLASKS3_BUCKET_NAME"],
            endpoint_url=server.url,
            access_key_id=server.access_key_id,
            access_key_secret=server.access_key_secret,
        )

    @property
    def bucket(self) -> str:
        return self.storage.bucket

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file below the site's folder, such as ``static/app.css``."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def app(self, *blueprints: Blueprint, **config: Any) -> Flask:
        """A new app with these settings over those of the site, as after a restart."""
        app = Flask("site", root_path=str(self.folder), instance_path=str(self.folder / "instance"))
        app.config.update(self.config)
        app.config.update(config)
        for blueprint in blueprints:
            app.register_blueprint(blueprint)
        FlaskS3(app)
        return app

    def blueprint(self, name: str, **options: Any) -> Blueprint:
        options = {"static_folder": "static", "url_prefix": f"/{name}", **options}
        return Blueprint(name, name, root_path=str(self.folder / name), **options)

    def push(self, *, config: dict[str, Any] | None = None, **options: Any) -> PushReport:
        return create_all(self.app(**(config or {})), **options)

    def keys(self) -> list[str]:
        """The keys of all assets in the bucket, without what we keep for ourselves."""
        found = (info.name for info in self.storage.find())
        return [key for key in found if not key.startswith(".flask-s3-static/")]

    def read(self, key: str) -> bytes:
        with self.storage.open(key) as file:
            return file.read()

    def head(self, key: str) -> dict[str, Any]:
        return dict(self.storage.client.head_object(Bucket=self.bucket, Key=key))

    def url(self, app: Flask, filename: str, endpoint: str = "static", **values: Any) -> str:
        with app.test_request_context():
            return app.url_for(endpoint, filename=filename, **values)

    def lose_index(self) -> None:
        self.storage.delete(".flask-s3-static/index.json.gz")

    def remove(self) -> None:
        try:
            self.storage.delete(*[info.name for info in self.storage.find()])
            self.storage.client.delete_bucket(Bucket=self.bucket)
        except BucketNotFoundError:
            pass


@pytest.fixture
def site(tmp_path: Path, server: Server) -> Iterator[Site]:
    """A site without files, and a bucket that does not exist yet."""
    made = Site(tmp_path / "site", server)
    made.folder.mkdir()
    yield made
    made.remove()


@pytest.fixture
def proxy(site: Site, server: Server) -> Iterator[Proxy]:
    """What the site's pushes go through from now on."""
    with Proxy(server.url) as running:
        site.config["FLASKS3_ENDPOINT_URL"] = running.url
        yield running
