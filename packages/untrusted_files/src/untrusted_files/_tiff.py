"""TIFF 6.0 and BigTIFF, and the raw files of cameras that are TIFFs inside."""

from ._bounded import BoundedReader

_TIFF = "image/tiff"
_MAX_TAGS = 512

_MAKE = 271
_DNG_VERSION = 50706  # Adobe's DNG specification 1.7

_OTHERS = {
    b"IIRO": "image/x-olympus-orf",
    b"IIRS": "image/x-olympus-orf",
    b"MMOR": "image/x-olympus-orf",
    b"IIU\0": "image/x-panasonic-rw2",
}
# Other cameras' raw files differ from TIFFs by nothing but the maker, and their names.
_MAKERS = {
    b"NIKON": "image/x-nikon-nef",
    b"SONY": "image/x-sony-arw",
    b"PENTAX": "image/x-pentax-pef",
    b"RICOH": "image/x-pentax-pef",
    b"SAMSUNG": "image/x-samsung-srw",
}


def read_tiff(reader: BoundedReader) -> tuple[str, ...]:
    """Return the types that a file may have, the likeliest first; none if it is no TIFF."""
    head = reader.head
    if other := _OTHERS.get(head[:4]):
        return (other,)
    if head[:4] in (b"II+\0", b"MM\0+"):
        return (_TIFF,)
    if head[:4] not in (b"II*\0", b"MM\0*"):
        return ()
    if head[8:11] == b"CR\x02":
        return ("image/x-canon-cr2", _TIFF)
    is_big = head.startswith(b"MM")
    tags = _first_tags(reader, is_big=is_big)
    if _DNG_VERSION in tags:
        return ("image/x-adobe-dng", _TIFF)
    maker = reader.read(tags.get(_MAKE, reader.size), 7).upper()
    return _TIFF, *(kind for name, kind in _MAKERS.items() if maker.startswith(name))


def _first_tags(reader: BoundedReader, *, is_big: bool) -> dict[int, int]:
    """The tags of the first directory, with their values or where these are (section 2)."""

    def number(data: bytes) -> int:
        return int.from_bytes(data, "big" if is_big else "little")

    start = number(reader.head[4:8])
    count = min(number(reader.read(start, 2)), _MAX_TAGS)
    data = reader.read(start + 2, 12 * count)
    return {
        number(data[i : i + 2]): number(data[i + 8 : i + 12]) for i in range(0, len(data) - 11, 12)
    }
