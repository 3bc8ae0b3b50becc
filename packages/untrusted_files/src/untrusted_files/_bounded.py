"""Reads a stranger's file at any offset, within bounds."""

from typing import IO

from ._streams import check_stream, seek_end

HEAD_BYTES = 65_536

_MAX_BYTES = 4 * 1024 * 1024
_MAX_READS = 4_000


class BoundedReader:
    """Bytes of a stream by their offset. Neither the bytes nor the number of reads grow with the
    file: beyond the bounds, or beyond the file's end, fewer bytes are returned than requested.

    :param file: a seekable binary stream; the caller rewinds it.
    :ivar size: of the file, in bytes.
    :ivar head: the first 64 KiB, which are kept in memory.
    :raises ArgumentError: it is no open binary stream that can be rewound.
    """

    def __init__(self, file: IO[bytes]) -> None:
        check_stream(file)
        self._file = file
        self._bytes_left = _MAX_BYTES
        self._reads_left = _MAX_READS
        self.size = seek_end(file)
        self.head = b""
        self.head = self.read(0, HEAD_BYTES)

    def read(self, offset: int, size: int) -> bytes:
        """Return up to *size* bytes from *offset* on; fewer at a bound or the end."""
        size = min(size, self.size - offset)
        if offset < 0 or size <= 0:
            return b""
        if offset + size <= len(self.head):
            return self.head[offset : offset + size]
        size = min(size, self._bytes_left)
        if size <= 0 or self._reads_left <= 0:
            return b""
        self._reads_left -= 1
        self._bytes_left -= size
        self._file.seek(offset)
        return _read_all(self._file, size)


def big(data: bytes, offset: int, size: int = 4) -> int:
    """Return an unsigned number, big endian; missing bytes are ignored."""
    return int.from_bytes(data[offset : offset + size], "big")


def little(data: bytes, offset: int, size: int = 4) -> int:
    """Return an unsigned number, little endian, likewise."""
    return int.from_bytes(data[offset : offset + size], "little")


def _read_all(file: IO[bytes], size: int) -> bytes:
    """Read until there are *size* bytes: raw streams and sockets return fewer at once."""
    parts: list[bytes] = []
    while size > 0 and (part := file.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
