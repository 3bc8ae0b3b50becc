"""JPEG: its segments (ISO/IEC 10918-1, annex B)."""

import re
from collections.abc import Iterator, Sequence

from ._exif import read_orientation
from ._limits import Limits
from ._refusals import broken, too_large
from ._source import Piece, Source
from ._structure import Size, Structure

_EOI, _SOS, _DHT, _DAC = 0xD9, 0xDA, 0xC4, 0xCC
_APP0, _APP1, _APP2, _APP14 = 0xE0, 0xE1, 0xE2, 0xEE
_TABLES = {_DHT, _DAC, 0xDB, 0xDD}  # with DQT and DRI
_FRAMES = {0xC0, 0xC1, 0xC2, 0xC9, 0xCA}  # those that libjpeg decodes
_OTHER_FRAMES = {0xC3, 0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF}  # lossless, hierarchical
_ALONE = {0x01, *range(0xD0, 0xD9)}  # markers without a segment
_JFIF = b"\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"  # says that colors are YCbCr
_ADOBE = 12  # bytes of Adobe's segment; the last says how colors are kept
_PROFILE = b"ICC_PROFILE\0"  # ICC.1:2022, annex B.4
_LONGEST_PROFILE = 4_000_000  # bytes; the longest that were met have 1.6 million
_SEGMENTS_A_SCAN = 20

# In the data of a scan FF is followed by 00, or it is a restart marker (annex B.1.1.5).
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_BLOCK = 1 << 16


def read_jpeg(source: Source, limits: Limits) -> Structure:
    """Read a JPEG up to its first scan.

    Segments without pixels, and further pictures behind the first one (MPO, which many phones
    write), are not passed to the decoder.
    """
    exif, size = None, None
    pieces: list[Piece] = [b"\xff\xd8"]
    profile: list[tuple[int, int, int]] = []  # number, start and length of each part
    for marker, start, length in _segments(source):
        if marker == _SOS:
            break
        if marker in _FRAMES and size is None:
            _, height, width = _numbers(source.read_at(start, 5), (1, 2, 2))
            size = width, height
        elif marker in _FRAMES | _OTHER_FRAMES:
            raise broken(f"a second JPEG frame, or one of an unknown kind, {marker:#x}")
        elif marker == _APP1 and exif is None and source.peek(6) == b"Exif\0\0":
            exif = source.peek(length)[6:]
        elif marker == _APP2 and length > 14 and source.peek(12) == _PROFILE:
            number = source.peek(13)[12]
            profile.append((number, start + 14, length - 14))
        elif marker == _APP0 and source.peek(5) == b"JFIF\0" and len(pieces) == 1:
            pieces.append(_JFIF)
        is_adobe = marker == _APP14 and length >= _ADOBE and source.peek(5) == b"Adobe"
        if marker in _TABLES | _FRAMES or is_adobe:
            source.read_at(start, length)  # counts
            pieces.append((start - 4, length + 4))
    if not size:
        raise broken("a JPEG scan before its frame")
    scans_start = start - 4

    def pixels() -> Sequence[Piece]:
        end = _check_scans(source, scans_start, size, limits)
        return [*pieces, (scans_start, end - scans_start)]

    def read_profile() -> bytes | None:
        if sum(length for _, _, length in profile) > _LONGEST_PROFILE:
            return None
        return b"".join(source.copy(start, length) for _, start, length in sorted(profile)) or None

    return Structure(
        format="JPEG",
        size=size,
        pixels=pixels,
        orientation=read_orientation(exif or b""),
        profile=read_profile,
    )


def _segments(source: Source) -> Iterator[tuple[int, int, int]]:
    """Find the marker, start and length of the content of each segment before the pixels."""
    position = 2
    while True:
        lead = source.read_at(position, 2)
        if lead[0] != 0xFF:
            position += 1  # decoders skip what is between segments
        elif lead[1] in (0x00, 0xFF):
            position += 1
        elif lead[1] in _ALONE:
            position += 2
        elif lead[1] == _EOI:
            raise broken("a JPEG without pixels")
        else:
            length = int.from_bytes(source.read(2), "big") - 2
            if length < 0:
                raise broken("a JPEG segment of a negative length")
            yield lead[1], position + 4, length
            position += 4 + length


def _check_scans(source: Source, start: int, size: Size, limits: Limits) -> int:
    """Count the scans, each of which may take as long as a whole picture, and find the end.

    :raises PictureTooLargeError: there are too many.
    """
    scans, segments, position = 0, 0, start
    while position < source.size:
        block = source.copy(position, _BLOCK)
        match = _MARKER.search(block)
        if not match:
            position += max(1, len(block) - 1)  # FF may be the last byte
            continue
        marker, position = block[match.start() + 1], position + match.end()
        if marker == _EOI:
            return position
        scans += marker == _SOS
        segments += 1
        _check_scan_number(scans, segments, size, limits)
        if marker not in _ALONE:
            position += int.from_bytes(source.copy(position, 2), "big")
    return source.size


def _check_scan_number(scans: int, segments: int, size: Size, limits: Limits) -> None:
    if scans > limits.max_scans or segments > _SEGMENTS_A_SCAN * limits.max_scans:
        what = f"{scans} scans and {segments - scans} other segments"
        raise too_large("max_scans", max(scans, limits.max_scans + 1), limits.max_scans, what)
    pixels = scans * size[0] * size[1]
    if scans > 4 and pixels > limits.max_scan_pixels:  # 4: those of a baseline JPEG in planes
        what = f"{scans} scans of {size[0]}x{size[1]} pixels"
        raise too_large("max_scan_pixels", pixels, limits.max_scan_pixels, what)


def _numbers(data: bytes, lengths: tuple[int, ...]) -> list[int]:
    numbers = []
    for length in lengths:
        numbers.append(int.from_bytes(data[:length], "big"))
        data = data[length:]
    return numbers
