"""A stranger's file: read within a budget, and passed to decoders without unneeded parts."""

import io
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import IO, Any

from .._streams import measure
from ._refusals import broken, too_large

_WINDOW = 1 << 16
# Bytes that the smallest read counts as: many tiny reads spend the budget, too.
_LEAST = 8

#: New bytes, or start and length of bytes of the file.
Piece = bytes | tuple[int, int]


class Source:
    """A file whose header is read within a budget.

    :param file: seekable; it is never closed.
    :param max_header_bytes: that may be read by :meth:`read`.
    :raises ArgumentError: *file* is no open binary stream that can be rewound.
    :ivar failure: the exception that reading the file raised, which is not the picture's fault.
    """

    def __init__(self, file: IO[bytes], max_header_bytes: int) -> None:
        self._file = file
        self._maximum = max_header_bytes
        self._spent = 0
        self._window = b""
        self._start = 0
        self.failure: Exception | None = None
        self.size = measure(file)
        self.position = 0

    def read(self, size: int) -> bytes:
        """Return the next *size* bytes of the header.

        :raises BrokenPictureError: the file ends before.
        :raises PictureTooLargeError: the budget is spent.
        """
        if size > self.size - self.position:
            raise broken("the file ends too early")
        self._spent += max(size, _LEAST)
        if self._spent > self._maximum:
            what = f"{self._spent} bytes before the pixels"
            raise too_large("max_header_bytes", self._spent, self._maximum, what)
        data = self.peek(size)
        self.position += len(data)
        return data

    def peek(self, size: int) -> bytes:
        """Return the next *size* bytes, or fewer at the end, without moving or spending."""
        offset = self.position - self._start
        if not 0 <= offset <= len(self._window) - size:
            self._window = self.copy(self.position, max(size, _WINDOW))
            self._start, offset = self.position, 0
        return self._window[offset : offset + size]

    def read_at(self, position: int, size: int) -> bytes:
        """Move to a position in the file and read there."""
        self.position = position
        return self.read(size)

    def copy(self, position: int, size: int) -> bytes:
        """Return a part of the file, up to its end, without spending."""
        parts = []
        while size > 0 and (part := self.read_file(position, size)):
            parts.append(part)
            position += len(part)
            size -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def read_file(self, position: int, size: int) -> bytes:
        """Read once; raw streams may return less than asked for, and some a bytearray."""
        try:
            self._file.seek(position)
            return bytes(self._file.read(size))
        except Exception as error:
            self.failure = error
            raise

    def spliced(self, pieces: Sequence[Piece]) -> io.BufferedReader:
        """Return a file of these pieces."""
        return io.BufferedReader(_Splice(self, _joined(pieces)), _WINDOW)


class _Splice(io.RawIOBase):
    """A file put together from pieces. Closing it does not close what it reads from."""

    def __init__(self, source: Source, pieces: Sequence[Piece]) -> None:
        super().__init__()
        self._source = source
        self._pieces = [piece for piece in pieces if _length(piece)]
        self._ends = list(accumulate(map(_length, self._pieces)))
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        size = self._ends[-1] if self._ends else 0
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: Any, /) -> int:
        number = bisect_right(self._ends, self._position)
        if number == len(self._pieces):
            return 0
        piece = self._pieces[number]
        left = self._ends[number] - self._position
        inside = _length(piece) - left
        size = min(left, len(buffer))
        if isinstance(piece, bytes):
            data = piece[inside : inside + size]
        else:
            data = self._source.read_file(piece[0] + inside, size)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Join parts that follow each other in the file."""
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else b""
        if isinstance(piece, tuple) and isinstance(last, tuple) and sum(last) == piece[0]:
            joined[-1] = last[0], last[1] + piece[1]
        else:
            joined.append(piece)
    return joined


def _length(piece: Piece) -> int:
    return len(piece) if isinstance(piece, bytes) else piece[1]
