"""Fixtures: a bucket on an S3 server that checks signatures. The server is s3_saver.testing's."""

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from signing_server import SigningServer

from s3_saver.testing import S3Server

pytest_plugins = ["s3_saver.testing.pytest_plugin"]

T = TypeVar("T")
U = TypeVar("U")


@pytest.fixture(scope="session")
def at_the_same_second() -> Callable[[Callable[[], T], Callable[[], U]], tuple[T, U]]:
    """Call two functions that read the clock until both have seen the same second."""

    def call(ours: Callable[[], T], theirs: Callable[[], U]) -> tuple[T, U]:
        while True:
            second = int(time.time())
            both = ours(), theirs()
            if int(time.time()) == second:
                return both

    return call


@pytest.fixture(scope="session")
def server(s3_server: S3Server) -> Iterator[SigningServer]:
    """One bucket for all tests, as each has keys of its own."""
    with s3_server.temporary_bucket() as bucket_name:
        yield SigningServer(s3_server, bucket_name)
