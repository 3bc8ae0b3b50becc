"""Fixtures for pytest: see :mod:`s3_saver.testing`."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from ._server import S3Server
from ._server import s3_server as running_s3_server

_MARKER = "servers: needs an S3 server that checks what moto does not (signatures, policies)"
_NAMED = pytest.StashKey[S3Server | None]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _MARKER)
    # Now, as tests may hide the variables before the first of them asks for the server.
    try:
        config.stash[_NAMED] = S3Server.from_environment()
    except ValueError as error:
        raise pytest.UsageError(str(error)) from error


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.stash[_NAMED]:
        return
    skip = pytest.mark.skip(
        reason="S3_TEST_ENDPOINT is not set: needs an S3 server that checks signatures and policies"
    )
    for item in items:
        if item.get_closest_marker("servers"):
            item.add_marker(skip)


@pytest.fixture(scope="session", autouse=True)
def hidden_aws_environment() -> Iterator[None]:
    """Hide the developer's own ``AWS_*`` variables and files of the SDK."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("AWS_"):
                patch.delenv(name)
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@pytest.fixture(scope="session")
def s3_server(pytestconfig: pytest.Config) -> Iterator[S3Server]:
    """The S3 server of this run."""
    if named := pytestconfig.stash[_NAMED]:
        yield named
        return
    with running_s3_server() as server:
        yield server


@pytest.fixture
def make_s3_bucket(s3_server: S3Server) -> Iterator[Callable[[], str]]:
    """Makes empty buckets, which are removed after the test, and returns their names."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(s3_server.temporary_bucket())


@pytest.fixture
def s3_bucket(make_s3_bucket: Callable[[], str]) -> str:
    """The name of an empty bucket, which is removed after the test."""
    return make_s3_bucket()
