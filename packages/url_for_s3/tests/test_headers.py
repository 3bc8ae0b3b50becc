from typing import Any

import pytest

from url_for_s3 import ArgumentError, object_headers
from url_for_s3._download import write_attachment


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("report.pdf", 'attachment; filename="report.pdf"'),
        ("a b;c=d.txt", 'attachment; filename="a b;c=d.txt"'),
        (
            "größe.txt",
            "attachment; filename=\"gro_e.txt\"; filename*=UTF-8''gr%C3%B6%C3%9Fe.txt",
        ),
        ("日本.txt", "attachment; filename=\"__.txt\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.txt"),
        ('a"b\\c.txt', "attachment; filename=\"a_b_c.txt\"; filename*=UTF-8''a%22b_c.txt"),
        ("100%25.txt", "attachment; filename=\"100_25.txt\"; filename*=UTF-8''100%2525.txt"),
        ("../etc/passwd", 'attachment; filename=".._etc_passwd"'),
        (
            "\u200d\u200c.txt",
            "attachment; filename=\"__.txt\"; filename*=UTF-8''%E2%80%8D%E2%80%8C.txt",
        ),
    ],
)
def test_attachment(name: str, header: str) -> None:
    """A name is written in ASCII, and where that does not hold it, in UTF-8 too (RFC 6266)."""
    assert write_attachment(name) == header


@pytest.mark.parametrize(
    "name", ["a\r\nSet-Cookie: b", "a\0", "a\x7f", "a\x85", "a\u2028b", "\ud800", "", " ", 5, b"a"]
)
def test_bad_attachment(name: Any) -> None:
    """A name that would break the header, is empty, or is no text, is refused by name."""
    with pytest.raises(ArgumentError, match="download_as must be") as caught:
        write_attachment(name)
    assert (caught.value.argument, caught.value.value) == ("download_as", name)


def test_object_headers() -> None:
    """How an object is kept is written as S3's headers; what is not asked for is left out."""
    assert object_headers() == {}
    assert object_headers(
        cache_control="no-cache",
        server_side_encryption="aws:kms:dsse",
        kms_key_id="key",
        storage_class="GLACIER_IR",
        tags={"a b": "c&d", "e": ""},
        metadata={"user": "42"},
    ) == {
        "Cache-Control": "no-cache",
        "x-amz-server-side-encryption": "aws:kms:dsse",
        "x-amz-server-side-encryption-aws-kms-key-id": "key",
        "x-amz-storage-class": "GLACIER_IR",
        "x-amz-tagging": "a%20b=c%26d&e=",
        "x-amz-meta-user": "42",
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cache_control": "a\r\nb: c"}, "cache_control must be without line breaks"),
        ({"cache_control": "ü"}, "cache_control must be in ASCII"),
        ({"cache_control": ""}, "cache_control must be a value such as"),
        ({"storage_class": 5}, "storage_class must be a str"),
        ({"acl": "public\n"}, "acl must be without line breaks"),
        ({"kms_key_id": "key"}, "server_side_encryption must be 'aws:kms' where kms_key_id"),
        ({"kms_key_id": "key", "server_side_encryption": "AES256"}, "'aws:kms' where kms_key_id"),
        ({"tags": {str(n): "" for n in range(11)}}, "tags must be 10 tags or less, got '11 tags'"),
        ({"tags": {"": "a"}}, "a name of 1 to 128"),
        ({"tags": {"a": "b" * 257}}, "a value of 256 characters"),
        ({"tags": {"a": 1}}, r"tags\['a'\] must be a str"),
        ({"tags": {"a": "\ud800"}}, r"tags\['a'\] must be text that has a UTF-8 form"),
        ({"tags": ["a"]}, "tags must be a dict"),
        ({"metadata": {"a": "ü"}}, r"metadata\['a'\] must be in ASCII.*encode it"),
        ({"metadata": {"a b": "c"}}, "metadata must be of names of letters"),
        ({"metadata": {"a": "b" * 2048}}, "metadata must be 2,048 bytes or less"),
    ],
)
def test_bad_object_headers(change: dict[str, Any], message: str) -> None:
    """A value that no header can have, or that S3 would not take, is refused by name."""
    with pytest.raises(ArgumentError, match=message):
        object_headers(**change)
