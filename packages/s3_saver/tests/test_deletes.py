"""Deleting on S3: batched."""

import io

import pytest
from fault_proxy import Fault, FaultProxy, refuse
from makers import MakeStorage

from s3_saver import AccessDeniedError, S3Storage


def test_2500_keys_take_three_calls(s3: S3Storage, make_s3: MakeStorage, proxy: FaultProxy) -> None:
    """Deleting many is batched by the thousand, and names given twice are sent once."""
    s3.save("1200", io.BytesIO(b"x"))
    storage = make_s3(s3.bucket_name, endpoint_url=proxy.endpoint_url)
    names = [f"{number}" for number in range(2500)]
    storage.delete(*names, *names[:100])
    assert [method for method, _ in proxy.requests] == ["POST"] * 3
    assert not s3.exists("1200")


def test_deleting_nothing_asks_nothing(
    s3_bucket: str, make_s3: MakeStorage, proxy: FaultProxy
) -> None:
    """No names, no request."""
    make_s3(s3_bucket, endpoint_url=proxy.endpoint_url).delete()
    assert proxy.requests == []


@pytest.mark.parametrize(
    "fault",
    [refuse(400, "MissingContentMD5"), refuse(501, "NotImplemented"), refuse(400, "InvalidDigest")],
)
def test_a_store_without_batches_gets_single_deletes(
    s3: S3Storage, make_s3: MakeStorage, proxy: FaultProxy, fault: Fault
) -> None:
    """A store may refuse a batch delete with MissingContentMD5: each file is deleted alone."""
    for name in "abc":
        s3.save(name, io.BytesIO(b"x"))
    proxy.only = lambda method, path: method == "POST"
    proxy.always = fault
    make_s3(s3.bucket_name, endpoint_url=proxy.endpoint_url).delete("a", "b")
    assert [info.name for info in s3.find()] == ["c"]


def test_a_store_that_answers_404_is_no_error(
    s3: S3Storage, make_s3: MakeStorage, proxy: FaultProxy
) -> None:
    """S3 answers 204 for a key that is absent, some stores 404: neither is an error."""
    storage = make_s3(s3.bucket_name, endpoint_url=proxy.endpoint_url)
    proxy.faults.append(refuse(404, "NoSuchKey"))
    storage.delete("a")
    s3.save("b", io.BytesIO(b"x"))
    proxy.faults.extend([refuse(501, "NotImplemented"), refuse(404, "NoSuchKey")])
    storage.delete("a", "b")
    assert not s3.exists("b")


def test_a_refusal_inside_a_batch_is_told(
    s3_bucket: str, make_s3: MakeStorage, proxy: FaultProxy
) -> None:
    """S3 answers 200 though some keys are refused: the error names them and the permission."""

    def answer(handler: object) -> None:
        body = (
            b"<DeleteResult><Error><Key>b</Key><Code>AccessDenied</Code>"
            b"<Message>Access Denied</Message></Error></DeleteResult>"
        )
        handler.read_body()  # type: ignore[attr-defined]
        handler.send_head(200, [("Content-Type", "application/xml")], len(body))  # type: ignore[attr-defined]
        handler.wfile.write(body)  # type: ignore[attr-defined]

    proxy.always = answer
    storage = make_s3(s3_bucket, endpoint_url=proxy.endpoint_url)
    with pytest.raises(AccessDeniedError, match=r"for b\).*s3:DeleteObject"):
        storage.delete("a", "b")
