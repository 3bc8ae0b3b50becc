"""Ogg (RFC 3533), by the codecs of its streams (RFC 5334 has the types)."""

from ._bounded import BoundedReader

_CAPTURE = b"OggS"
_BEGINS = 0x02  # of a page's flags: the first of a stream
_MAX_PAGES = 32

_VIDEO = (b"\x80theora", b"BBCD\0", b"\x80daala", b"OVP80", b"\x01video\0\0\0")
_AUDIO = (
    b"\x01vorbis", b"OpusHead", b"Speex   ", b"\x7fFLAC", b"fLaC", b"PCM     ", b"CELT    ",
    b"\x01audio\0\0\0",
)  # fmt: skip


def read_ogg(reader: BoundedReader) -> tuple[str, ...]:
    """Return the types that a file may have, the likeliest first; none if it is no Ogg."""
    if not reader.head.startswith(_CAPTURE):
        return ()
    heads = _first_packets(reader)
    if any(head.startswith(_VIDEO) for head in heads):
        return "video/ogg", "application/ogg"
    if any(head.startswith(_AUDIO) for head in heads):
        return "audio/ogg", "application/ogg"
    return "application/ogg", "audio/ogg", "video/ogg"


def _first_packets(reader: BoundedReader) -> list[bytes]:
    """How the first packet of each stream begins: their pages come before all others."""
    found: list[bytes] = []
    place = 0
    for _ in range(_MAX_PAGES):
        header = reader.read(place, 27)
        if not header.startswith(_CAPTURE) or len(header) < 27 or not header[5] & _BEGINS:
            break
        lengths = reader.read(place + 27, header[26])
        start = place + 27 + header[26]
        found.append(reader.read(start, 16))
        place = start + sum(lengths)
    return found
