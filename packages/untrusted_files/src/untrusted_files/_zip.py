"""The central directory of zip files (PKWARE's APPNOTE 6.3.10, section 4.3), read within bounds."""

import zlib
from typing import NamedTuple

from ._bounded import BoundedReader, little

_END = b"PK\x05\x06"
_END_BYTES = 22
_END64 = b"PK\x06\x06"
_END64_BYTES = 56
_LOCATOR = b"PK\x06\x07"
_LOCATOR_BYTES = 20
_ENTRY = b"PK\x01\x02"
_ENTRY_BYTES = 46
_LOCAL = b"PK\x03\x04"
_LOCAL_BYTES = 30
_MAX_COMMENT_BYTES = 65_535
_MAX_ENDS = 16

_MAX_DIRECTORY_BYTES = 1_000_000
_MAX_ENTRIES = 10_000

_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 0x0001
_WRAPPED = 0xFFFFFFFF  # the number is in the zip64 extra field


class Entry(NamedTuple):
    """A file in a zip; *offset* is that of its local header."""

    name: bytes
    is_encrypted: bool
    method: int
    packed_bytes: int
    offset: int


class Directory(NamedTuple):
    """The entries by name, as far as the bounds allow.

    :ivar shift: how far the offsets of entries are off, as in a self-extracting archive.
    """

    entries: dict[bytes, Entry]
    shift: int


def read_directory(reader: BoundedReader) -> Directory | None:
    """Return the central directory of a zip; ``None`` if there is none at its end.

    Of a larger one the first 1 MB or 10,000 entries are read. Of two entries with one name the last
    counts.
    """
    tail_bytes = min(reader.size, _END_BYTES + _MAX_COMMENT_BYTES)
    tail_start = reader.size - tail_bytes
    tail = reader.read(tail_start, tail_bytes)
    # The mark may also stand in the comment, and something may have been put behind the zip: the
    # end that reaches to the file's end comes first.
    ends = sorted(_ends(tail), key=lambda end: end[1] != len(tail))
    found = (_read_entries(reader, tail_start + start, tail[start:]) for start, _ in ends)
    return next((directory for directory in found if directory is not None), None)


def read_content(reader: BoundedReader, directory: Directory, name: bytes, limit: int) -> bytes:
    """Return up to *limit* bytes of an entry; empty if it is absent, encrypted or broken, or if
    its compression is not one of those that documents use.
    """
    entry = directory.entries.get(name)
    if entry is None or entry.is_encrypted or entry.method not in (_STORED, _DEFLATED):
        return b""
    start = entry.offset + directory.shift
    header = reader.read(start, _LOCAL_BYTES)
    if not header.startswith(_LOCAL) or len(header) < _LOCAL_BYTES:
        return b""
    start += _LOCAL_BYTES + little(header, 26, 2) + little(header, 28, 2)
    packed = reader.read(start, min(entry.packed_bytes, limit))
    if entry.method == _STORED:
        return packed
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, limit)
    except zlib.error:
        return b""


def _ends(tail: bytes) -> list[tuple[int, int]]:
    """Where there may be an end record, the last first, and where its comment ends."""
    ends: list[tuple[int, int]] = []
    place = len(tail)
    while len(ends) < _MAX_ENDS and (place := tail.rfind(_END, 0, place)) >= 0:
        comment_end = place + _END_BYTES + little(tail, place + 20, 2)
        if comment_end <= len(tail):
            ends.append((place, comment_end))
    return ends


def _read_entries(reader: BoundedReader, end_start: int, end: bytes) -> Directory | None:
    count, size, offset = little(end, 10, 2), little(end, 12), little(end, 16)
    directory_end = end_start
    if count == 0xFFFF or _WRAPPED in (size, offset):
        found = _read_end64(reader, end_start)
        if found:
            directory_end, count, size, offset = found
    start = directory_end - size
    if start < 0 or (size and reader.read(start, 4) != _ENTRY):
        start = offset  # something was put between the directory and its end
    if count == 0 and size == 0:
        return Directory({}, 0)
    data = reader.read(start, min(size, _MAX_DIRECTORY_BYTES))
    entries = _parse(data)
    return Directory(entries, start - offset) if entries else None


def _read_end64(reader: BoundedReader, end_start: int) -> tuple[int, int, int, int] | None:
    locator_start = end_start - _LOCATOR_BYTES
    locator = reader.read(locator_start, _LOCATOR_BYTES)
    if not locator.startswith(_LOCATOR):
        return None
    # Where it says, or right before the locator if something was put before the zip.
    for start in (little(locator, 8, 8), locator_start - _END64_BYTES):
        record = reader.read(start, _END64_BYTES)
        if record.startswith(_END64) and len(record) == _END64_BYTES:
            return start, little(record, 32, 8), little(record, 40, 8), little(record, 48, 8)
    return None


def _parse(data: bytes) -> dict[bytes, Entry]:
    entries: dict[bytes, Entry] = {}
    place = 0
    for _ in range(_MAX_ENTRIES):
        if data[place : place + 4] != _ENTRY or place + _ENTRY_BYTES > len(data):
            break
        name_bytes, extra_bytes, comment_bytes = (little(data, place + i, 2) for i in (28, 30, 32))
        name_end = place + _ENTRY_BYTES + name_bytes
        entry = Entry(
            name=data[place + _ENTRY_BYTES : name_end],
            is_encrypted=bool(little(data, place + 8, 2) & _ENCRYPTED),
            method=little(data, place + 10, 2),
            packed_bytes=little(data, place + 20),
            offset=_offset(data, place, data[name_end : name_end + extra_bytes]),
        )
        entries[entry.name] = entry
        place = name_end + extra_bytes + comment_bytes
    return entries


def _offset(data: bytes, place: int, extra: bytes) -> int:
    """Where an entry's local header is; large offsets are in an extra field (section 4.5.3)."""
    offset = little(data, place + 42)
    if offset != _WRAPPED:
        return offset
    before = 8 * sum(little(data, place + i) == _WRAPPED for i in (20, 24))
    at = 0
    while at + 4 <= len(extra):
        if little(extra, at, 2) == 0x0001:
            return little(extra, at + 4 + before, 8)
        at += 4 + little(extra, at + 2, 2)
    return offset
