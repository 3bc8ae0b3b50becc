"""The gateway checks what moto does not; that is why it is here."""

from io import BytesIO
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
from botocore.exceptions import ClientError

from s3_saver import S3Storage
from s3_saver.testing import S3Server
from servers.ceph import ceph_gateway
from url_for_s3 import url_for_s3

pytestmark = pytest.mark.servers


def test_a_wrong_secret_is_refused(storage: S3Storage, s3_server: S3Server) -> None:
    """A request that another secret signed is answered by SignatureDoesNotMatch."""
    secret = s3_server.access_key_secret + "x"
    stranger = s3_server.storage(storage.bucket_name, access_key_secret=secret)
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        stranger.client.list_objects_v2(Bucket=storage.bucket_name)


def test_a_private_object_is_refused(storage: S3Storage, s3_server: S3Server) -> None:
    """An object saved without an ACL is not returned to a request without a signature."""
    storage.save("secret.txt", BytesIO(b"secret"))
    url = url_for_s3(
        "", storage.bucket_name, filename="secret.txt", endpoint_url=s3_server.endpoint_url
    )
    with pytest.raises(HTTPError, match="403") as refused:
        urlopen(url)
    refused.value.close()


def test_each_gateway_is_alone(s3_server: S3Server) -> None:
    """A second one starts next to the first, and its end leaves the first one running."""
    with ceph_gateway() as variables:
        second = variables["S3_TEST_ENDPOINT"]
        assert second != s3_server.endpoint_url
        assert urlopen(second).status == 200
    with pytest.raises(URLError, match="refused"):
        urlopen(second)
    assert urlopen(s3_server.endpoint_url).status == 200
