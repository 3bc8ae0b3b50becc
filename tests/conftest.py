"""Fixtures: a storage on the S3 server of s3_saver.testing."""

import pytest

from s3_saver import S3Storage
from s3_saver.testing import S3Server

pytest_plugins = ["s3_saver.testing.pytest_plugin"]


@pytest.fixture
def storage(s3_server: S3Server, s3_bucket: str) -> S3Storage:
    """A storage in a bucket of its own."""
    return s3_server.storage(s3_bucket)
