"""PNG and APNG: their chunks (W3C PNG, third edition, section 5)."""

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ._exif import read_orientation
from ._limits import Limits
from ._profiles import SRGB, profile_of_code_points, profile_of_gamma
from ._refusals import broken
from ._source import Piece, Source
from ._structure import Structure

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_END = b"\0\0\0\0IEND\xaeB`\x82"
_GRAY, _RGB, _PALETTE, _GRAY_ALPHA = 0, 2, 3, 4
_COLORS = {b"cICP": 4, b"sRGB": 1, b"gAMA": 4, b"cHRM": 32}  # bytes of each
_LONGEST_PROFILE = 4_000_000  # bytes
_BLOCK = 1 << 20


@dataclass(slots=True)
class _Header:
    """The chunks in front of the pixels.

    :param chunks: those that a still needs.
    :param colors: the content of chunks that say what colors mean.
    """

    width: int
    height: int
    depth: int
    color: int
    chunks: list[Piece]
    first_data: int = 0
    orientation: int = 1
    frames: int = 0
    control: Piece | None = None
    frame_control: Piece | None = None
    profile: tuple[int, int] | None = None
    colors: dict[bytes, bytes] = field(default_factory=dict)
    transparent: tuple[int, ...] | None = None
    seen: set[bytes] = field(default_factory=set)


def read_png(source: Source, _limits: Limits) -> Structure:
    """Read a PNG up to its pixels.

    Chunks that the standard makes optional are not passed to the decoder, whether or not their
    checksums are right.
    """
    header = _read_header(source)
    frames = header.frames if header.control and header.frames > 1 else 1

    def pixels() -> Sequence[Piece]:
        return [*header.chunks, *_data(source, header.first_data), _END]

    def animation() -> Sequence[Piece]:
        first = [header.frame_control] if header.frame_control else []
        control = [header.control] if header.control else []
        kept = _animation(source, header.first_data)
        return [header.chunks[0], *control, *header.chunks[1:], *first, *kept, _END]

    return Structure(
        format="PNG",
        size=(header.width, header.height),
        pixels=pixels,
        animation=animation if frames > 1 else None,
        frames=frames,
        # Pillow counts a picture that is no frame of the animation as the first.
        first_frame=0 if header.frame_control else 1,
        orientation=header.orientation,
        profile=lambda: _find_profile(source, header),
        transparent=header.transparent,
        depth=header.depth,
    )


def _read_header(source: Source) -> _Header:
    kind, start, length = next(chunks := _chunks(source, len(_SIGNATURE)))
    if kind != b"IHDR" or length != 13:
        raise broken("a PNG that does not begin with its header")
    data = _checked(source, kind, start, length)
    header = _Header(
        width=int.from_bytes(data[:4], "big"),
        height=int.from_bytes(data[4:8], "big"),
        depth=data[8],
        color=data[9],
        chunks=[(0, start + length + 4)],
    )
    for kind, start, length in chunks:
        whole = (start - 8, length + 12)
        if kind == b"IDAT":
            header.first_data = start - 8
            return header
        if kind in header.seen:
            continue
        if kind == b"PLTE":
            _checked(source, kind, start, length)
            header.chunks.append(whole)
        elif kind == b"tRNS" and _is_intact(source, kind, start, length):
            if header.color == _PALETTE:
                header.chunks.append(whole)
            else:
                header.transparent = _transparent(source.read_at(start, length), header.color)
        elif kind == b"eXIf" and _is_intact(source, kind, start, length):
            header.orientation = read_orientation(source.copy(start, length))
        elif kind == b"acTL" and length == 8 and _is_intact(source, kind, start, length):
            header.frames = int.from_bytes(source.read_at(start, 4), "big")
            header.control = whole
        elif kind == b"fcTL" and length == 26 and _is_intact(source, kind, start, length):
            header.frame_control = whole
        elif kind == b"iCCP":
            header.profile = start, length
        elif (
            kind in _COLORS and length == _COLORS[kind] and _is_intact(source, kind, start, length)
        ):
            header.colors[kind] = source.read_at(start, length)
        elif kind[0] < 0x60 and kind != b"IHDR":  # an upper-case letter: must be understood
            raise broken(f"a PNG with the unknown critical chunk {kind!r}")
        header.seen.add(kind)
    raise broken("a PNG without pixels")


def _chunks(source: Source, position: int) -> Iterator[tuple[bytes, int, int]]:
    """Find the kind, start and length of each chunk's content."""
    while True:
        head = source.read_at(position, 8)
        kind, length = head[4:], int.from_bytes(head[:4], "big")
        if kind == b"IEND":
            return
        if not kind.isalpha() or not kind.isascii():
            raise broken(f"a PNG chunk of kind {kind!r}")
        yield kind, position + 8, length
        position += 12 + length


def _data(source: Source, position: int) -> Iterator[Piece]:
    """Find the chunks of the still picture's pixels, which follow each other."""
    for kind, start, length in _chunks(source, position):
        if kind != b"IDAT":
            return
        _check_crc(source, kind, start, length)
        yield start - 8, length + 12


def _animation(source: Source, position: int) -> Iterator[Piece]:
    for kind, start, length in _chunks(source, position):
        if kind in (b"IDAT", b"fdAT", b"fcTL"):
            _check_crc(source, kind, start, length)
            yield start - 8, length + 12


def _checked(source: Source, kind: bytes, start: int, length: int) -> bytes:
    _check_crc(source, kind, start, length)
    return source.read_at(start, length)


def _check_crc(source: Source, kind: bytes, start: int, length: int) -> None:
    if not _is_intact(source, kind, start, length):
        raise broken(f"the checksum of the PNG chunk {kind.decode()} is wrong")


def _is_intact(source: Source, kind: bytes, start: int, length: int) -> bool:
    if start + length + 4 > source.size:
        return False
    crc = zlib.crc32(kind)
    for offset in range(0, length, _BLOCK):
        crc = zlib.crc32(source.copy(start + offset, min(_BLOCK, length - offset)), crc)
    return crc == int.from_bytes(source.copy(start + length, 4), "big")


def _transparent(data: bytes, color: int) -> tuple[int, ...] | None:
    count = {_GRAY: 1, _RGB: 3}.get(color)
    if count is None or len(data) < 2 * count:
        return None
    return tuple(int.from_bytes(data[2 * n : 2 * n + 2], "big") for n in range(count))


def _find_profile(source: Source, header: _Header) -> bytes | None:
    """Return what says most of the colors (section 4.3): code points, a profile, that it is sRGB,
    or a gamma, with chromaticities or those of sRGB.
    """
    colors, gray = header.colors, header.color in (_GRAY, _GRAY_ALPHA)
    if code_points := colors.get(b"cICP"):
        found = profile_of_code_points(code_points[0], code_points[1], gray=gray)
        if found:
            return found
    found = _read_profile(source, header.profile)
    if found or b"sRGB" in colors or b"gAMA" not in colors:
        return found
    gamma = int.from_bytes(colors[b"gAMA"], "big")
    numbers = struct.unpack(">8I", colors[b"cHRM"]) if b"cHRM" in colors else ()
    primaries: Any = tuple(number / 100_000 for number in numbers) or SRGB
    return profile_of_gamma(gamma, primaries, gray=gray)


def _read_profile(source: Source, place: tuple[int, int] | None) -> bytes | None:
    """Read an iCCP chunk: a name, 00, the method 00, and the profile, compressed."""
    if place is None or place[1] > _LONGEST_PROFILE or not _is_intact(source, b"iCCP", *place):
        return None
    _, _, rest = source.copy(*place).partition(b"\0")
    decompressor = zlib.decompressobj()
    try:
        profile = decompressor.decompress(rest[1:], _LONGEST_PROFILE)
    except zlib.error:
        return None
    return profile if decompressor.eof else None
