"""What callers hand in as files: checked, rewound, measured, read in chunks."""

import io
from collections.abc import Iterator
from typing import IO, Any

CHUNK_SIZE = 1024 * 1024  # bytes


def rewind(file: Any) -> bool:
    """Go to the start of a stream if it can; tell whether it could.

    :raises TypeError: it is not a readable binary stream.
    :raises ValueError: it is closed.
    """
    if isinstance(file, io.TextIOBase):
        raise TypeError(
            f"file must be a binary stream, got the text stream {file!r}: open it with mode 'rb'"
        )
    if not hasattr(file, "read"):
        shown = f"{len(file)} bytes" if isinstance(file, bytes) else repr(file)
        fix = "wrap it in io.BytesIO" if isinstance(file, bytes) else "open it with mode 'rb'"
        raise TypeError(f"file must be a readable binary stream, got {shown}: {fix}")
    try:
        file.seek(0)
    except (AttributeError, io.UnsupportedOperation, OSError):
        return False  # a pipe or a socket
    except ValueError as error:
        if getattr(file, "closed", False):
            raise ValueError(f"file {file!r} is closed: hand it in while it is open") from error
        raise
    return True


def measure(file: IO[bytes]) -> int:
    """Give the size in bytes of a stream that can be rewound, and rewind it."""
    file.seek(0, io.SEEK_END)
    size = file.tell()
    file.seek(0)
    return size


def read_chunks(file: IO[bytes], size: int = CHUNK_SIZE) -> Iterator[bytes]:
    """Give the stream's bytes in chunks of *size*; only the last may be shorter.

    :raises TypeError: it gives text.
    """
    while chunk := _read_fully(file, size):
        yield chunk


def _read_fully(file: IO[bytes], size: int) -> bytes:
    # A pipe or socket may give less than it was asked for, long before its end.
    chunk = _read(file, size)
    if not chunk or len(chunk) == size:
        return chunk
    parts = [chunk]
    missing = size - len(chunk)
    while missing and (chunk := _read(file, missing)):
        parts.append(chunk)
        missing -= len(chunk)
    return b"".join(parts)


def _read(file: IO[bytes], size: int) -> bytes:
    try:
        chunk = file.read(size)
    except io.UnsupportedOperation as error:
        raise TypeError(f"file {file!r} cannot be read: open it with mode 'rb'") from error
    if chunk is None:
        raise BlockingIOError(f"file {file!r} has nothing to read yet: hand in a blocking stream")
    if not isinstance(chunk, bytes):
        raise TypeError(f"file must be a binary stream, {file!r} gives {type(chunk).__name__}")
    return chunk
