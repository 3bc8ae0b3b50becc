"""An S3 server for tests: moto's, in a thread, or one that the environment names."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from .._s3 import S3Storage
from ..exceptions import BucketNotFoundError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3Server(NamedTuple):
    """An S3 server, and a key pair with all permissions there.

    :param endpoint_url: such as ``'http://127.0.0.1:5000'``. Buckets are below its path.
    :param access_key_id: of the key pair.
    :param access_key_secret: of the key pair.
    :param region: what requests are signed for.
    """

    endpoint_url: str
    access_key_id: str
    access_key_secret: str
    region: str = "us-east-1"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "S3Server | None":
        """Return the server that ``S3_TEST_ENDPOINT``, ``S3_TEST_KEY`` and ``S3_TEST_SECRET`` name.

        :return: None if ``S3_TEST_ENDPOINT`` is not set.
        :raises ValueError: it is set, and one of the others is not.
        """
        endpoint_url = environ.get("S3_TEST_ENDPOINT")
        if not endpoint_url:
            return None
        for name in ("S3_TEST_KEY", "S3_TEST_SECRET"):
            if not environ.get(name):
                raise ValueError(
                    f"{name} must be set where S3_TEST_ENDPOINT is, which is {endpoint_url!r}"
                )
        return cls(endpoint_url, environ["S3_TEST_KEY"], environ["S3_TEST_SECRET"])

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables by which the SDK finds this server and its key pair."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.access_key_secret,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ENDPOINT_URL_S3": self.endpoint_url,
        }

    @property
    def client(self) -> "S3Client":
        """A boto3 client, which all storages of this server share."""
        return self.storage("any").client

    def storage(self, bucket_name: str, **options: Any) -> S3Storage:
        """Return a storage in a bucket of this server.

        :param options: those of :class:`~s3_saver.S3Storage`; they go over what the server says.
        """
        access = {
            "endpoint_url": self.endpoint_url,
            "access_key_id": self.access_key_id,
            "access_key_secret": self.access_key_secret,
            "region": self.region,
        }
        return S3Storage(bucket_name, **{**access, **options})

    def make_bucket(self, bucket_name: str = "") -> str:
        """Make an empty bucket and return its name.

        :param bucket_name: by default, a random one.
        """
        bucket_name = bucket_name or f"bucket-{os.urandom(8).hex()}"
        self.client.create_bucket(Bucket=bucket_name)
        return bucket_name

    def remove_bucket(self, bucket_name: str) -> None:
        """Remove a bucket, its objects and its unfinished uploads; an absent one is no error.

        Uploads are listed only if the server refuses to remove the bucket because of them: some
        servers cannot list them.
        """
        from .._deletes import delete_keys  # which needs the SDK

        storage = self.storage(bucket_name)
        try:
            with storage.translate_errors():
                delete_keys(self.client, bucket_name, self._keys(bucket_name))
                try:
                    self.client.delete_bucket(Bucket=bucket_name)
                except self.client.exceptions.ClientError as error:
                    if error.response.get("Error", {}).get("Code") != "BucketNotEmpty":
                        raise
                    self._abort_uploads(bucket_name)
                    self.client.delete_bucket(Bucket=bucket_name)
        except BucketNotFoundError:
            pass

    @contextmanager
    def temporary_bucket(self, bucket_name: str = "") -> Iterator[str]:
        """Make a bucket as :meth:`make_bucket` does, and remove it when the block ends."""
        bucket_name = self.make_bucket(bucket_name)
        try:
            yield bucket_name
        finally:
            self.remove_bucket(bucket_name)

    def _keys(self, bucket_name: str) -> list[str]:
        """Return all keys, those that a storage does not list too."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket_name)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def _abort_uploads(self, bucket_name: str) -> None:
        pages = self.client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket_name)
        for page in pages:
            for upload in page.get("Uploads", []):
                self.client.abort_multipart_upload(
                    Bucket=bucket_name, Key=upload["Key"], UploadId=upload["UploadId"]
                )


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """Return the S3 server that the environment names, or run moto's until the block ends.

    The variables are ``S3_TEST_ENDPOINT``, ``S3_TEST_KEY`` and ``S3_TEST_SECRET``. moto's server
    listens on a free port of loopback and keeps everything in memory. It takes any key pair, and
    checks neither signatures nor policies.

    :raises ValueError: ``S3_TEST_ENDPOINT`` is set, and one of the others is not.
    :raises ImportError: moto is needed and not installed.
    """
    if named := S3Server.from_environment():
        yield named
        return
    try:
        from ._moto import moto_server
    except ImportError as error:
        raise ImportError(
            f"s3_server needs moto ({error}): install 'moto[s3,server]', or let S3_TEST_ENDPOINT,"
            " S3_TEST_KEY and S3_TEST_SECRET name a server"
        ) from error
    with moto_server() as endpoint_url:
        yield S3Server(endpoint_url, "testkey", "testsecret")
