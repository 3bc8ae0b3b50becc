"""ISO base media files (ISO/IEC 14496-12): MP4 and QuickTime, HEIF and AVIF, by brands and tracks.

A file begins with the box ``ftyp``, which names its major brand and the compatible ones; the
brands are registered at https://mp4ra.org/registered-types/brands. Whether a film has pictures is
known by the handlers of its tracks.
"""

from ._bounded import BoundedReader, big

_MAX_FTYP_BYTES = 4096
_JP2 = b"\0\0\0\x0cjP  \r\n\x87\n"  # ISO 15444-1 annex I.5.1; ftyp is the next box
_MAX_BOXES = 256  # at each level
_MAX_TRACKS = 64

# Still pictures: ISO 23008-12 annexes B to E, AVIF 1.1 section 8, ISO 15444-2, Canon's CR3.
_PICTURES = {
    **dict.fromkeys((b"avif", b"avis", b"avio"), "image/avif"),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis"), "image/heic"),
    **dict.fromkeys((b"hevc", b"hevx", b"hevm", b"hevs"), "image/heic-sequence"),
    b"avci": "image/avci",
    b"avcs": "image/avcs",
    b"crx ": "image/x-canon-cr3",
    b"jp2 ": "image/jp2",
    b"jpx ": "image/jpx",
    b"jpm ": "image/jpm",
    b"jph ": "image/jph",
    b"jxl ": "image/jxl",
    b"mjp2": "video/mj2",
    b"mj2s": "video/mj2",
}
# Brands of the container, whose coding is in the compatible brands.
_GENERAL_PICTURES = {
    **dict.fromkeys((b"mif1", b"mif2", b"mif3", b"miaf", b"1pic", b"jpeg"), "image/heif"),
    **dict.fromkeys((b"msf1", b"jpgs", b"pred"), "image/heif-sequence"),
    # VVC, EVC and JPEG 2000, without a type of their own
    **dict.fromkeys((b"vvic", b"evbi", b"j2ki"), "image/heif"),
    **dict.fromkeys((b"vvis", b"evbs", b"j2is"), "image/heif-sequence"),
}
_HEIF = ("image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence")

_SOUND = frozenset({b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B "})
_FILMS = {
    b"qt  ": ("video/quicktime",),
    **dict.fromkeys((b"M4V ", b"M4VH", b"M4VP"), ("video/x-m4v", "video/mp4")),
}
_MP4 = ("video/mp4", "video/x-m4v", "video/quicktime")  # a film as any of them is read as all
_AUDIO = {
    "video/3gpp": "audio/3gpp",  # RFC 3839
    "video/3gpp2": "audio/3gpp2",  # RFC 4393
}
_OLD_QUICKTIME = frozenset({b"moov", b"mdat", b"wide", b"pnot", b"skip", b"free"})


def read_iso_media(reader: BoundedReader) -> tuple[str, ...]:
    """Return the types that a file may have, the likeliest first; none if it is no such file."""
    if reader.head.startswith(_JP2):
        return _pictures(_brands(reader.head, len(_JP2))) or ("image/jp2",)
    kind = reader.head[4:8]
    if kind == b"ftyp":
        brands = _brands(reader.head, 0)
        return (_pictures(brands) or _films(reader, brands)) if brands else ()
    if kind == b"styp":  # a segment of a stream, ISO 14496-12 section 8.16.2
        return ("video/mp4", "audio/mp4")
    if kind in _OLD_QUICKTIME:
        return _without_brands(reader)
    return ()


def _brands(head: bytes, offset: int) -> tuple[bytes, ...]:
    """The major brand, and the compatible ones behind it; none if they make no sense."""
    size, start = big(head, offset), offset + 8
    if size == 1:
        size, start = big(head, offset + 8, 8), offset + 16
    end = offset + (size or _MAX_FTYP_BYTES)
    data = head[start : min(end, offset + _MAX_FTYP_BYTES)]
    if size > _MAX_FTYP_BYTES or len(data) < 4:
        return ()
    return data[:4], *(data[i : i + 4] for i in range(8, len(data) - 3, 4))


def _pictures(brands: tuple[bytes, ...]) -> tuple[str, ...]:
    if not brands:
        return ()
    found = _PICTURES.get(brands[0])
    # Of an unknown brand, such as that of a profile, the compatible ones say what it is.
    names = brands[:1] if _is_film(brands[0]) else brands
    general = next((_GENERAL_PICTURES[one] for one in names if one in _GENERAL_PICTURES), None)
    if found is None and general:
        codings = [_PICTURES[brand] for brand in brands if brand in _PICTURES]
        found = next(iter(codings), general)
    if found in _HEIF:
        return found, *(one for one in _HEIF if one != found)
    return (found,) if found else ()


def _films(reader: BoundedReader, brands: tuple[bytes, ...]) -> tuple[str, ...]:
    major = brands[0]
    kinds = _FILMS.get(major) or _phone_kinds(major) or _MP4
    also = (one for brand in brands[1:] for one in (_FILMS.get(brand) or _phone_kinds(brand)))
    general = _MP4 if any(_is_general(brand) for brand in brands) else ()
    kinds = tuple(dict.fromkeys((*kinds, *also, *general)))
    has_sound, has_pictures = _tracks(reader)
    sound = tuple(dict.fromkeys(_AUDIO.get(one, "audio/mp4") for one in kinds))
    if major in _SOUND:
        # Chapters of audio books and covers may be tracks of pictures.
        return "audio/mp4", *(kinds if has_pictures else ())
    if has_pictures:
        return kinds
    if has_sound:
        return sound
    return *kinds, *sound


def _phone_kinds(brand: bytes) -> tuple[str, ...]:
    if brand.startswith(b"3g2") or brand == b"KDDI":
        return ("video/3gpp2",)
    if brand.startswith((b"3gp", b"3gg", b"3gr", b"3gs", b"3ge", b"3gt", b"3gh", b"3gm")):
        return ("video/3gpp",)
    return ()


def _is_film(brand: bytes) -> bool:
    is_phones = bool(_phone_kinds(brand))
    return brand in _FILMS or brand in _SOUND or is_phones or _is_general(brand)


def _is_general(brand: bytes) -> bool:
    return brand.startswith((b"iso", b"mp4", b"mp7", b"avc", b"dash", b"msdh", b"cmf", b"MSNV"))


def _without_brands(reader: BoundedReader) -> tuple[str, ...]:
    """QuickTime before 2001 has no ``ftyp``: its first boxes have to make sense."""
    boxes = _boxes(reader, 0, reader.size, maximum=8)
    if not boxes or not any(kind in (b"moov", b"mdat") for kind, _, _ in boxes):
        return ()
    if any(not kind.isascii() or not kind.strip().isalnum() for kind, _, _ in boxes):
        return ()
    has_sound, has_pictures = _tracks(reader)
    if has_sound and not has_pictures:
        return "video/quicktime", "audio/mp4"
    return "video/quicktime", "video/mp4"


def _tracks(reader: BoundedReader) -> tuple[bool, bool]:
    """Are there tracks of sound, and of moving pictures?"""
    kinds: set[bytes] = set()
    for kind, start, end in _boxes(reader, 0, reader.size):
        if kind != b"moov":
            continue
        tracks = [box for box in _boxes(reader, start, end) if box[0] == b"trak"]
        for _, track_start, track_end in tracks[:_MAX_TRACKS]:
            kinds.add(_handler(reader, track_start, track_end))
        break
    return b"soun" in kinds, b"vide" in kinds


def _handler(reader: BoundedReader, start: int, end: int) -> bytes:
    """The kind of an enabled track; what is disabled are chapters and their pictures."""
    handler, is_enabled = b"", True
    for kind, inner_start, inner_end in _boxes(reader, start, end):
        if kind == b"tkhd":
            is_enabled = bool(big(reader.read(inner_start, 4), 0) & 1)
        elif kind == b"mdia":
            for name, box_start, _ in _boxes(reader, inner_start, inner_end):
                if name == b"hdlr" and not handler:
                    handler = reader.read(box_start + 8, 4)
    return handler if is_enabled else b""


def _boxes(
    reader: BoundedReader, start: int, end: int, *, maximum: int = _MAX_BOXES
) -> list[tuple[bytes, int, int]]:
    """The kinds of boxes between two places, and where their contents start and end."""
    found: list[tuple[bytes, int, int]] = []
    while start + 8 <= end and len(found) < maximum:
        header = reader.read(start, 16)
        size, inner = big(header, 0), 8
        if size == 1:
            size, inner = big(header, 8, 8), 16
        elif size == 0:
            size = end - start
        if len(header) < 8 or size < inner:
            break
        found.append((header[4:8], start + inner, min(start + size, end)))
        start += size
    return found
