"""Fixtures: a clean environment, an S3 server and a bucket on it.

The server is moto's, or the one that S3_TEST_ENDPOINT, S3_TEST_KEY and S3_TEST_SECRET name.
"""

import logging
import os
import uuid
from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer
from servers.ceph import S3Server

from s3_saver import S3Storage


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def _server_from_environment() -> S3Server | None:
    if endpoint := os.environ.get("S3_TEST_ENDPOINT"):
        return S3Server(endpoint, os.environ["S3_TEST_KEY"], os.environ["S3_TEST_SECRET"])
    return None


@pytest.fixture(autouse=True)
def _only_where_checked(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("servers") and not _server_from_environment():
        pytest.skip("needs an S3 server that checks signatures: run `nox -s servers`")


@pytest.fixture(scope="session")
def server() -> Iterator[S3Server]:
    if real := _server_from_environment():
        yield real
        return
    logging.getLogger("werkzeug").disabled = True
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield S3Server(f"http://{host}:{port}")
    moto.stop()


@pytest.fixture
def storage(server: S3Server) -> Iterator[S3Storage]:
    """A storage in a bucket of its own."""
    storage = S3Storage(
        f"bucket-{uuid.uuid4().hex}",
        endpoint_url=server.endpoint,
        access_key_id=server.access_key_id,
        access_key_secret=server.secret_access_key,
        region_name="us-east-1",
    )
    storage.client.create_bucket(Bucket=storage.bucket)
    yield storage
    storage.delete(*[found.name for found in storage.find()])
    storage.client.delete_bucket(Bucket=storage.bucket)
