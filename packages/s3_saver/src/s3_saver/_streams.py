"""Streams that callers pass: checked, rewound, measured, read in chunks."""

import io
from collections.abc import Iterator
from typing import IO, Any

from .exceptions import ArgumentError, ArgumentTypeError

CHUNK_SIZE = 1024 * 1024  # bytes

_WANTED = "a readable binary stream"


def rewind(file: Any) -> bool:
    """Go to the start of a stream if it can; report whether it could.

    :raises ArgumentTypeError: it is not a readable binary stream.
    :raises ArgumentError: it is closed.
    """
    if isinstance(file, io.TextIOBase):
        raise ArgumentTypeError("file", file, "a binary stream", ": open it with mode 'rb'")
    if isinstance(file, bytes | bytearray | memoryview):
        raise ArgumentTypeError("file", type(file), _WANTED, ": wrap it in io.BytesIO")
    if not hasattr(file, "read"):
        hint = ": open it with mode 'rb'"
        if isinstance(file, str):
            hint = ": if it is a path, open it with mode 'rb'; if a text, wrap it in "
            hint += "io.BytesIO(text.encode())"
        raise ArgumentTypeError("file", file, _WANTED, hint)
    try:
        file.seek(0)
    except (AttributeError, io.UnsupportedOperation, OSError):
        return False  # a pipe or a socket
    except ValueError as error:
        if getattr(file, "closed", False):
            raise ArgumentError("file", file, "open", ": pass it before it is closed") from error
        raise
    return True


def measure(file: IO[bytes]) -> int:
    """Return the size in bytes of a stream that can be rewound, and rewind it."""
    file.seek(0, io.SEEK_END)
    size = file.tell()
    file.seek(0)
    return size


def read_chunks(file: IO[bytes], size: int = CHUNK_SIZE) -> Iterator[bytes]:
    """Yield the stream's bytes in chunks of *size*; only the last may be shorter.

    :raises ArgumentTypeError: it returns text.
    """
    while chunk := _read_fully(file, size):
        yield chunk


def _read_fully(file: IO[bytes], size: int) -> bytes:
    # A pipe or socket may return less than requested, long before its end.
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
        raise ArgumentTypeError("file", file, "readable", ": open it with mode 'rb'") from error
    if chunk is None:
        raise BlockingIOError(f"file {file!r} has nothing to read yet: pass a blocking stream")
    if not isinstance(chunk, bytes):
        raise ArgumentTypeError(
            "file", file, "a binary stream", f": it returns {type(chunk).__name__}"
        )
    return chunk
