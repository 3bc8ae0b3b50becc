"""Matroska and WebM (RFC 9559; EBML is RFC 8794): by the document's type and its tracks."""

from ._bounded import BoundedReader

_EBML = b"\x1a\x45\xdf\xa3"

_DOC_TYPE = 0x4282
_SEGMENT = 0x18538067
_TRACKS = 0x1654AE6B
_TRACK = 0xAE
_TRACK_TYPE = 0x83
_VIDEO, _AUDIO = 1, 2

_MAX_ELEMENTS = 2_048  # at each level

_KINDS = {
    b"webm": (("video/webm", "video/matroska"), ("audio/webm", "audio/matroska")),
    b"matroska": (("video/matroska", "video/matroska-3d"), ("audio/matroska",)),
}

_Element = tuple[int, int, int]  # id, and where its content starts and ends


def read_matroska(reader: BoundedReader) -> tuple[str, ...]:
    """Return the types that a file may have, the likeliest first; none if it is no such file."""
    if not reader.head.startswith(_EBML):
        return ()
    top = _elements(reader, 0, reader.size)
    kinds = _KINDS.get(_doc_type(reader, top[0])) if top else None
    if kinds is None:
        return ()
    films, sounds = kinds
    tracks: set[int] = set()
    for _, start, end in _named(top, _SEGMENT)[:1]:
        for _, tracks_start, tracks_end in _named(_elements(reader, start, end), _TRACKS)[:1]:
            tracks = _track_types(reader, tracks_start, tracks_end)
    if _VIDEO in tracks:
        return films
    return sounds if _AUDIO in tracks else films + sounds


def _doc_type(reader: BoundedReader, header: _Element) -> bytes:
    _, start, end = header
    for _, inner_start, inner_end in _named(_elements(reader, start, end), _DOC_TYPE):
        return reader.read(inner_start, min(inner_end - inner_start, 16)).rstrip(b"\0")
    return b""


def _track_types(reader: BoundedReader, start: int, end: int) -> set[int]:
    found: set[int] = set()
    for _, track_start, track_end in _named(_elements(reader, start, end), _TRACK):
        for _, type_start, _ in _named(_elements(reader, track_start, track_end), _TRACK_TYPE):
            found.update(reader.read(type_start, 1))
    return found


def _named(elements: list[_Element], name: int) -> list[_Element]:
    return [element for element in elements if element[0] == name]


def _elements(reader: BoundedReader, start: int, end: int) -> list[_Element]:
    """The elements between two places; one of unknown size, as live streams have, is the last."""
    found: list[_Element] = []
    while start < end and len(found) < _MAX_ELEMENTS:
        header = reader.read(start, 12)
        id_length = _vint_length(header[:1], 4)
        size_length = _vint_length(header[id_length : id_length + 1], 8)
        if not id_length or not size_length or len(header) < id_length + size_length:
            break
        name = int.from_bytes(header[:id_length], "big")
        marked = int.from_bytes(header[id_length : id_length + size_length], "big")
        unknown = (1 << 7 * size_length) - 1
        size = marked & unknown
        inner = start + id_length + size_length
        stop = end if size == unknown else min(inner + size, end)
        found.append((name, inner, stop))
        start = stop
    return found


def _vint_length(first: bytes, maximum: int) -> int:
    """The length of an id or a size, by its first byte; 0 if it makes no sense."""
    length = 9 - int.from_bytes(first, "big").bit_length()
    return length if length <= maximum else 0
