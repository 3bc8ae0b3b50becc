"""Do two storages hold the same bytes? Told by as few reads as can be."""

import re

from ._storage import FileInfo, Storage
from ._streams import read_chunks

# How S3 makes ETags of plain uploads, and of multipart ones: MD5 of the parts' MD5s, a dash, the
# number of parts. With KMS encryption they look alike but are not, so equal proves the content,
# unequal proves nothing. ("Common Response Headers" in the S3 API reference.)
_CONTENT_ETAG = re.compile(r"[0-9a-f]{32}(-\d+)?").fullmatch
_USUAL_PART_SIZE = 8 * 1024 * 1024  # bytes: of s3_saver, boto3 and the AWS CLI


def same_content(source: Storage, target: Storage, mine: FileInfo, theirs: FileInfo) -> bool:
    """Return whether two files hold the same bytes.

    If an ETag on one side was made from the content, only the other side is read; else both are.

    :param mine: what *source* says of the file.
    :param theirs: what *target* says of its own.
    """
    if mine.size != theirs.size:
        return False
    if _CONTENT_ETAG(mine.etag) and mine.etag == theirs.etag:
        return True
    if _CONTENT_ETAG(theirs.etag) and _etag_of(source, mine, like=theirs.etag) == theirs.etag:
        return True
    if _CONTENT_ETAG(mine.etag) and _etag_of(target, theirs, like=mine.etag) == mine.etag:
        return True
    return _digest(source, mine, "sha256") == _digest(target, theirs, "sha256")


def _etag_of(storage: Storage, info: FileInfo, *, like: str) -> str | None:
    """Return the ETag that S3 would make of a file, had it been uploaded as *like* was."""
    if _CONTENT_ETAG(info.etag):
        return info.etag if ("-" in info.etag) == ("-" in like) else None
    if "-" not in like:
        return _digest(storage, info, "md5").hex()
    parts = -(-info.size // _USUAL_PART_SIZE)
    if int(like.partition("-")[2]) != parts:
        return None
    return _digest_of_parts(storage, info).hex() + f"-{parts}"


def _digest(storage: Storage, info: FileInfo, algorithm: str) -> bytes:
    import hashlib

    digest = hashlib.new(algorithm, usedforsecurity=False)
    with storage.open(info.name) as file:
        for chunk in read_chunks(file):
            digest.update(chunk)
    return digest.digest()


def _digest_of_parts(storage: Storage, info: FileInfo) -> bytes:
    from hashlib import md5

    with storage.open(info.name) as file:
        parts = read_chunks(file, _USUAL_PART_SIZE)
        digests = b"".join(md5(part, usedforsecurity=False).digest() for part in parts)
    return md5(digests, usedforsecurity=False).digest()
