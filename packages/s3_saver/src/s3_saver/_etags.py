"""ETags that S3 makes of the content of objects."""

import re
from collections.abc import Iterable
from typing import IO

from ._digests import md5
from ._streams import read_chunks

#: Bytes of a part; boto3 and the AWS CLI use the same, so that ETags agree.
PART_SIZE = 8 * 1024 * 1024

# ETags of objects encrypted with a KMS key look the same but are not made of the content. So equal
# ETags prove equal content, and different ones prove nothing. ("Common Response Headers" in the S3
# API reference.)
_OF_CONTENT = re.compile(r"[0-9a-f]{32}(-\d+)?").fullmatch


def content_etag(file: IO[bytes], *, in_parts: bool) -> str:
    """Return the ETag that S3 makes of a file's content, unless it encrypts it with a KMS key.

    :param file: a readable binary stream, at its start.
    :param in_parts: whether it is uploaded in parts of 8 MiB: :class:`S3Storage`, boto3 and the AWS
        CLI do this with files that are bigger than one part.
    """
    if in_parts:
        return multipart_etag(md5(part).digest() for part in read_chunks(file, PART_SIZE))
    digest = md5()
    for chunk in read_chunks(file):
        digest.update(chunk)
    return digest.hexdigest()


def multipart_etag(digests: Iterable[bytes]) -> str:
    """Return the ETag of an object that was put together from parts.

    :param digests: the MD5 digests of the parts, in their order.
    """
    parts = list(digests)
    return f"{md5(b''.join(parts)).hexdigest()}-{len(parts)}"


def is_of_content(etag: str) -> bool:
    """Report whether an ETag looks as S3 makes it of the content."""
    return _OF_CONTENT(etag) is not None
