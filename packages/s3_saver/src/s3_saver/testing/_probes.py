"""Streams and assertions for the check of the contract."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

from .._storage import Storage


class SourceError(Exception):
    """What a failing stream raises."""


def pipe(content: bytes, *, fails: bool = False) -> IO[bytes]:
    """Return a stream that cannot seek.

    :param fails: raise :class:`SourceError` near its end.
    """
    return cast("IO[bytes]", _Pipe(content, fails=fails))


class _Pipe(io.RawIOBase):
    """A stream that can't seek, returns less than requested, and may fail near its end."""

    def __init__(self, content: bytes, *, fails: bool) -> None:
        self._rest = content
        self._fails = fails

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        size = min(len(self._rest) if size < 0 else size, 1000 + len(self._rest) // 2)
        if self._fails and len(self._rest) < 2000:
            raise SourceError("the stream broke")
        chunk, self._rest = self._rest[:size], self._rest[size:]
        return chunk


def read(storage: Storage, name: str) -> bytes:
    with storage.open(name) as file:
        return file.read()


def expect(kept: bool, promise: str, *seen: object) -> None:
    """Raise AssertionError with the promise and what was seen unless it is kept."""
    if not kept:
        got = "; got " + ", ".join(map(repr, seen)) if seen else ""
        raise AssertionError(f"the storage breaks a promise: {promise}{got}")


@contextmanager
def raises(error: type[Exception], case: str) -> Iterator[None]:
    """Raise AssertionError unless the block raises that error."""
    try:
        yield
    except error:
        return
    except Exception as other:
        raise AssertionError(
            f"the storage breaks a promise: {case} raises {error.__name__}; got {other!r}"
        ) from other
    raise AssertionError(f"the storage breaks a promise: {case} raises {error.__name__}")
