"""Fixtures: a clean environment, an S3 server, a place on each storage, an admin to post to.

S3 is moto's server, or the one that S3_TEST_ENDPOINT, S3_TEST_KEY and S3_TEST_SECRET name.
"""

import logging
import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from admin_site import AdminSite
from botocore.config import Config
from jinja2 import FileSystemBytecodeCache
from moto.server import ThreadedMotoServer
from places import DiskPlace, Place, S3Place

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MakeSite = Callable[..., AdminSite]


@dataclass(frozen=True)
class Server:
    """An S3 server and who may use it."""

    endpoint_url: str
    access_key_id: str
    access_key_secret: str

    def client(self) -> "S3Client":
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint_url,
            region_name="us-east-1",
            aws_access_key_id=self.access_key_id,
            aws_secret_access_key=self.access_key_secret,
            config=Config(
                s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(autouse=True)
def _only_where_checked(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("servers") and "S3_TEST_ENDPOINT" not in os.environ:
        pytest.skip(
            "S3_TEST_ENDPOINT is not set: needs an S3 server that checks signatures;"
            " 'nox -s servers' starts Ceph's gateway (Debian: radosgw ceph-mon ceph-osd"
            " ceph-common)"
        )


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    if endpoint_url := os.environ.get("S3_TEST_ENDPOINT"):
        yield Server(endpoint_url, os.environ["S3_TEST_KEY"], os.environ["S3_TEST_SECRET"])
        return
    logging.getLogger("werkzeug").disabled = True
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield Server(f"http://{host}:{port}", "testkey", "testsecret")
    moto.stop()


@pytest.fixture(scope="session")
def s3_client(server: Server) -> Iterator["S3Client"]:
    client = server.client()
    yield client
    client.close()


@pytest.fixture
def make_bucket(s3_client: "S3Client") -> Iterator[Callable[[], str]]:
    made = []

    def make() -> str:
        name = f"admin-{uuid.uuid4()}"
        s3_client.create_bucket(Bucket=name)
        made.append(name)
        return name

    yield make
    for name in made:
        for page in s3_client.get_paginator("list_objects_v2").paginate(Bucket=name):
            for found in page.get("Contents", []):
                s3_client.delete_object(Bucket=name, Key=found["Key"])
        s3_client.delete_bucket(Bucket=name)


@pytest.fixture
def disk(tmp_path: Path) -> DiskPlace:
    return DiskPlace(tmp_path / "static" / "uploads")


@pytest.fixture
def s3(
    server: Server, s3_client: "S3Client", make_bucket: Callable[[], str], tmp_path: Path
) -> S3Place:
    return S3Place(
        s3_client,
        server.endpoint_url,
        server.access_key_id,
        server.access_key_secret,
        make_bucket(),
        tmp_path / "static" / "uploads",
    )


@pytest.fixture(params=["disk", "s3"])
def place(request: pytest.FixtureRequest) -> Place:
    """Somewhere to save to: every test that takes this runs on disk and on S3."""
    found: Place = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Compiled templates, which all apps share: else most of the time would go to compiling."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def make_site(tmp_path: Path, templates: FileSystemBytecodeCache) -> Iterator[MakeSite]:
    """Makes an app with an admin, on a database of its own."""
    made: list[AdminSite] = []

    def make(field_class: Any, options: dict[str, Any], **settings: Any) -> AdminSite:
        database = tmp_path / f"{len(made)}.db"
        site = AdminSite.make(tmp_path, database, field_class, options, **settings)
        site.app.jinja_env.bytecode_cache = templates
        made.append(site)
        return site

    yield make
    for site in made:
        site.close()
