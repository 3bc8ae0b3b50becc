"""Fixtures: apps that keep pictures on disk and on S3. The S3 server is s3_saver.testing's."""

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from wsgiref.types import WSGIApplication

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, event
from werkzeug.serving import BaseWSGIServer

from example_app import create_app
from example_app.__main__ import listen
from example_app.check import make_jpeg
from example_app.models import db
from example_app.tests.support import PASSWORD, MakeApp, Serve, Settings
from s3_saver.testing import S3Server

pytest_plugins = ["s3_saver.testing.pytest_plugin"]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without the developer's own settings of the app."""
    for name in [*os.environ]:
        if name.startswith(("S3_", "THUMBNAIL_")):
            monkeypatch.delenv(name)
    names = ("USE_S3", "STATIC_ON_S3", "DATA_FOLDER", "DATABASE_URL", "REDIS_URL", "SECRET_KEY")
    for name in (*names, "ADMIN_EMAIL", "ADMIN_PASSWORD", "BEHIND_HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return monkeypatch


@event.listens_for(Engine, "connect")
def _hurry(connection: Any, _: Any) -> None:
    """Let SQLite not wait until the disk has what it writes: no test cuts the power."""
    connection.execute("PRAGMA synchronous = OFF")


@pytest.fixture
def on_s3(s3_server: S3Server, s3_bucket: str) -> Settings:
    """Settings that keep pictures in a private bucket, which is empty."""
    return {
        "S3_ENDPOINT_URL": s3_server.endpoint_url,
        "S3_ACCESS_KEY_ID": s3_server.access_key_id,
        "S3_ACCESS_KEY_SECRET": s3_server.access_key_secret,
        "S3_REGION": s3_server.region,
        "S3_BUCKET_NAME": s3_bucket,
        "USE_S3": True,
    }


@pytest.fixture
def on_public_s3(on_s3: Settings, s3_server: S3Server) -> Settings:
    """Settings that keep pictures in a bucket that anyone may read, which is empty."""
    bucket = on_s3["S3_BUCKET_NAME"]
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    s3_server.client.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    return {**on_s3, "S3_PRIVATE": False}


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
    """Serves apps over HTTP, and returns their URLs."""
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
