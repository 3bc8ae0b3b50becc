import os
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import boto3
import pytest
from botocore.config import Config

from url_for_s3 import S3Credentials

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")
U = TypeVar("U")


@pytest.fixture(scope="session", autouse=True)
def no_aws_environment() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("AWS_"):
                patch.delenv(name)
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


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


@dataclass
class Server:
    endpoint_url: str
    credentials: S3Credentials
    client: "S3Client"
    bucket_name: str


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    try:
        endpoint_url = os.environ["S3_TEST_ENDPOINT"]
        key, secret = os.environ["S3_TEST_KEY"], os.environ["S3_TEST_SECRET"]
    except KeyError as error:
        pytest.skip(
            f"{error} is not set: needs an S3 server that checks signatures and policies;"
            " 'nox -s servers' starts Ceph's gateway (Debian: radosgw ceph-mon ceph-osd"
            " ceph-common)"
        )
    client = boto3.client(
        "s3",
        region_name="us-east-1",
        endpoint_url=endpoint_url,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
    bucket_name = f"url-for-s3-{uuid.uuid4()}"
    client.create_bucket(Bucket=bucket_name)
    yield Server(endpoint_url, S3Credentials(key, secret), client, bucket_name)
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket_name):
        for found in page.get("Contents", []):
            client.delete_object(Bucket=bucket_name, Key=found["Key"])
    client.delete_bucket(Bucket=bucket_name)
    client.close()
