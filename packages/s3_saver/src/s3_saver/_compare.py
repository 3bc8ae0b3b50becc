"""Whether two storages hold the same bytes, by as few reads as possible."""

from ._digests import sha256
from ._etags import PART_SIZE, content_etag, is_of_content
from ._storage import FileInfo, Storage
from ._streams import read_chunks


def same_content(source: Storage, target: Storage, mine: FileInfo, theirs: FileInfo) -> bool:
    """Return whether two files hold the same bytes.

    If an ETag on one side was made from the content, only the other side is read; else both are.

    :param mine: what *source* says of the file.
    :param theirs: what *target* says of its own.
    """
    if mine.size != theirs.size:
        return False
    if is_of_content(mine.etag) and mine.etag == theirs.etag:
        return True
    if is_of_content(theirs.etag) and _etag_of(source, mine, like=theirs.etag) == theirs.etag:
        return True
    if is_of_content(mine.etag) and _etag_of(target, theirs, like=mine.etag) == mine.etag:
        return True
    return _digest(source, mine) == _digest(target, theirs)


def _etag_of(storage: Storage, info: FileInfo, *, like: str) -> str | None:
    """Return the ETag that S3 would make of a file, had it been uploaded as *like* was."""
    _, in_parts, parts = like.partition("-")
    if is_of_content(info.etag):
        return info.etag if ("-" in info.etag) == bool(in_parts) else None
    if in_parts and int(parts) != -(-info.size // PART_SIZE):
        return None  # its parts have another size
    with storage.open(info.name) as file:
        return content_etag(file, in_parts=bool(in_parts))


def _digest(storage: Storage, info: FileInfo) -> bytes:
    digest = sha256()
    with storage.open(info.name) as file:
        for chunk in read_chunks(file):
            digest.update(chunk)
    return digest.digest()
