"""Fixtures: a storage of each kind. The S3 server is s3_saver.testing's."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fault_proxy import FaultProxy
from makers import MakeStorage

from s3_saver import LocalStorage, S3Storage, Storage
from s3_saver.testing import MemoryStorage, S3Server

pytest_plugins = ["s3_saver.testing.pytest_plugin"]


@pytest.fixture
def make_s3(s3_server: S3Server) -> MakeStorage:
    """Makes an S3Storage on the server; options override."""
    return s3_server.storage


@pytest.fixture
def s3(s3_bucket: str, s3_server: S3Server) -> S3Storage:
    """A storage in an empty bucket."""
    return s3_server.storage(s3_bucket)


@pytest.fixture
def local(tmp_path: Path) -> LocalStorage:
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
    server: S3Server = request.getfixturevalue("s3_server")
    prefix = "some/folder" if "prefix" in request.param else ""
    return server.storage(request.getfixturevalue("s3_bucket"), prefix=prefix)


@pytest.fixture
def proxy(s3_server: S3Server) -> Iterator[FaultProxy]:
    """A proxy in front of the server, which does what a bad network does."""
    with FaultProxy(s3_server.endpoint_url) as running:
        yield running
