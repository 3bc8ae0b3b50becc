"""Apps that keep pictures on disk and on S3.

The S3 server is moto's, or the one that S3_TEST_ENDPOINT, S3_TEST_KEY and S3_TEST_SECRET name.
"""

import json
import os
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from wsgiref.types import WSGIApplication

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from moto.server import ThreadedMotoServer
from sqlalchemy import Engine, event
from werkzeug.serving import BaseWSGIServer

from example_app import create_app
from example_app.__main__ import listen
from example_app.check import make_jpeg
from example_app.models import db
from example_app.tests.support import PASSWORD, MakeApp, Serve, Settings
from s3_saver import S3Storage

# Read before the environment is emptied for each test.
_ENDPOINT = os.environ.get("S3_TEST_ENDPOINT")
_KEY = os.environ.get("S3_TEST_KEY")
_SECRET = os.environ.get("S3_TEST_SECRET")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without the developer's own settings and credentials."""
    for name in [*os.environ]:
        if name.startswith(("AWS_", "S3_", "THUMBNAIL_")):
            monkeypatch.delenv(name)
    names = ("USE_S3", "STATIC_ON_S3", "DATA_FOLDER", "DATABASE_URL", "REDIS_URL", "SECRET_KEY")
    for name in (*names, "ADMIN_EMAIL", "ADMIN_PASSWORD", "BEHIND_HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return monkeypatch


@event.listens_for(Engine, "connect")
def _hurry(connection: Any, _: Any) -> None:
    """Let SQLite not wait until the disk has what it writes: no test cuts the power."""
    connection.execute("PRAGMA synchronous = OFF")


@pytest.fixture(scope="session")
def s3_server() -> Iterator[Settings]:
    """The settings for a running S3 server."""
    if _ENDPOINT:
        yield _server_settings(_ENDPOINT, _KEY, _SECRET)
        return
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield _server_settings(f"http://{host}:{port}", "key", "secret")
    server.stop()


def _server_settings(endpoint: str, key: str | None, secret: str | None) -> Settings:
    return {
        "S3_ENDPOINT_URL": endpoint,
        "S3_ACCESS_KEY_ID": key,
        "S3_ACCESS_KEY_SECRET": secret,
        "S3_REGION": "us-east-1",
    }


@pytest.fixture
def checking_server() -> None:
    """Skips the test where the S3 server checks neither signatures nor permissions."""
    if not _ENDPOINT:
        pytest.skip("moto checks no signatures: run `nox -s servers`, which starts Ceph's gateway")


@pytest.fixture
def on_s3(s3_server: Settings) -> Settings:
    """Settings that keep pictures in a private bucket, which is empty."""
    settings = {
        **s3_server,
        "USE_S3": True,
        "S3_BUCKET_NAME": f"example-app-{secrets.token_hex(6)}",
    }
    _bucket(settings).client.create_bucket(Bucket=settings["S3_BUCKET_NAME"])
    return settings


@pytest.fixture
def on_public_s3(on_s3: Settings) -> Settings:
    """Settings that keep pictures in a bucket that anyone may read, which is empty."""
    bucket = on_s3["S3_BUCKET_NAME"]
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    _bucket(on_s3).client.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    return {**on_s3, "S3_PRIVATE": False}


def _bucket(settings: Settings) -> S3Storage:
    return S3Storage(
        settings["S3_BUCKET_NAME"],
        region_name=settings["S3_REGION"],
        endpoint_url=settings["S3_ENDPOINT_URL"],
        access_key_id=settings["S3_ACCESS_KEY_ID"],
        access_key_secret=settings["S3_ACCESS_KEY_SECRET"],
    )


@pytest.fixture
def on_disk() -> Settings:
    """Settings that keep pictures on disk."""
    return {"USE_S3": False}


@pytest.fixture(params=["on_disk", "on_s3"])
def settings(request: pytest.FixtureRequest) -> Settings:
    """The settings of each storage in turn."""
    settings: Settings = request.getfixturevalue(request.param)
    return settings


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Compiled templates, which all apps share: each would take a second to compile its own."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def make_app(tmp_path: Path, templates: FileSystemBytecodeCache) -> Iterator[MakeApp]:
    """Makes apps with one folder for data, like one app that is started again with new settings."""
    apps: list[Flask] = []

    def make(settings: Settings) -> Flask:
        # Hashing takes time, by design.
        admin = {"ADMIN_PASSWORD": PASSWORD, "SECURITY_PASSWORD_HASH": "plaintext"}
        apps.append(create_app({"DATA_FOLDER": str(tmp_path), **admin, **settings}))
        apps[-1].jinja_env.bytecode_cache = templates
        return apps[-1]

    yield make
    for app in apps:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def app(make_app: MakeApp, settings: Settings) -> Flask:
    """An app on each storage in turn."""
    return make_app(settings)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves apps over HTTP, and gives their URLs."""
    servers: list[BaseWSGIServer] = []

    def start(app: WSGIApplication) -> str:
        servers.append(listen(app, 0))
        # It looks every hundredth of a second, not every half, if it is to end.
        Thread(target=servers[-1].serve_forever, args=(0.01,)).start()
        return f"http://127.0.0.1:{servers[-1].port}/"

    yield start
    for server in servers:
        server.shutdown()


@pytest.fixture(scope="session")
def jpeg() -> bytes:
    return make_jpeg()


@pytest.fixture(scope="session")
def other_jpeg() -> bytes:
    return make_jpeg()


@pytest.fixture
def closed_endpoint() -> str:
    """The URL of a port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
