"""The gateway checks what moto does not; that is why it is here."""

from io import BytesIO
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
from botocore.exceptions import ClientError

from s3_saver import S3Storage
from servers.ceph import S3Server, ceph_gateway
from url_for_s3 import url_for_s3

pytestmark = pytest.mark.servers


def test_a_wrong_secret_is_refused(storage: S3Storage, server: S3Server) -> None:
    """A request that another secret signed is answered by SignatureDoesNotMatch."""
    stranger = S3Storage(
        storage.bucket,
        endpoint_url=server.endpoint,
        access_key_id=server.access_key_id,
        access_key_secret=server.secret_access_key + "x",
        region_name="us-east-1",
    )
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        stranger.client.list_objects_v2(Bucket=storage.bucket)


def test_a_private_object_is_refused(storage: S3Storage, server: S3Server) -> None:
    """An object saved without an ACL is not given to a request without a signature."""
    storage.save("secret.txt", BytesIO(b"secret"))
    url = url_for_s3("", storage.bucket, filename="secret.txt", endpoint_url=server.endpoint)
    with pytest.raises(HTTPError, match="403") as refused:
        urlopen(url)
    refused.value.close()


def test_each_gateway_is_alone(server: S3Server) -> None:
    """A second one starts beside the first, and its end leaves the first one running."""
    with ceph_gateway() as second:
        assert second.endpoint != server.endpoint
        assert urlopen(second.endpoint).status == 200
    with pytest.raises(URLError, match="refused"):
        urlopen(second.endpoint)
    assert urlopen(server.endpoint).status == 200
