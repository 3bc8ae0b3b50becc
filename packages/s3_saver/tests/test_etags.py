"""ETags that S3 makes of content."""

import io

import pytest

from s3_saver import S3Storage, content_etag
from s3_saver._etags import PART_SIZE, is_of_content


@pytest.mark.parametrize(
    ("size", "in_parts"),
    [(0, False), (5, False), (PART_SIZE, False), (PART_SIZE + 1, True), (2 * PART_SIZE + 7, True)],
)
def test_content_etag_is_that_of_the_saved_object(s3: S3Storage, size: int, in_parts: bool) -> None:
    """The ETag computed here is the one that the store makes of the same file, in one request or
    in parts.
    """
    content = bytes(range(256)) * (size // 256) + bytes(size % 256)
    saved = s3.save("a", io.BytesIO(content))
    assert content_etag(io.BytesIO(content), in_parts=in_parts) == saved.etag
    assert is_of_content(saved.etag)


def test_content_etag_of_a_file_that_one_request_saves(s3: S3Storage) -> None:
    """With overwrite=False a big file goes in one request, and its ETag has no parts."""
    content = b"x" * (PART_SIZE + 1)
    saved = s3.save("a", io.BytesIO(content), overwrite=False)
    assert content_etag(io.BytesIO(content), in_parts=False) == saved.etag


@pytest.mark.parametrize("etag", ["", "1f-2a-3b", "0" * 32 + "-", "G" * 32, "0" * 31])
def test_an_etag_of_another_form_is_not_of_content(etag: str) -> None:
    """A disk's etag, and whatever else is not an MD5 digest, proves nothing about content."""
    assert not is_of_content(etag)
