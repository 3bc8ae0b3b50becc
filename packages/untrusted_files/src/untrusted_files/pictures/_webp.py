"""WebP: its chunks (RFC 9649, section 2)."""

from collections.abc import Iterator, Sequence

from ._limits import Limits
from ._refusals import broken
from ._source import Piece, Source
from ._structure import Size, Structure

_ALPHA, _ANIMATION = 0x10, 0x02  # of the flags in VP8X; the others name what is left out
_LONGEST_PROFILE = 4_000_000  # bytes


def read_webp(source: Source, limits: Limits) -> Structure:
    """Read a WebP's chunks; those that hold no pixels are left out of what the decoder gets.

    Its EXIF does not turn it, as it does not in Chromium.
    """
    size, flags = None, 0
    profile: tuple[int, int] | None = None
    frames: list[Piece] = []
    control: list[Piece] = []
    image: list[Piece] = []
    for kind, start, length in _chunks(source):
        whole = (start - 8, length + 8 + length % 2)
        if kind == b"VP8X" and size is None:
            data = source.read_at(start, 10)
            flags = data[0]
            size = _number(data[4:7]) + 1, _number(data[7:10]) + 1
        elif kind in (b"VP8 ", b"VP8L") and not frames:
            size = size or _image_size(source, kind, start)
            image.append(whole)
            if not flags & (_ALPHA | _ANIMATION) and kind == b"VP8L":
                flags |= _ALPHA
        elif kind == b"ALPH":
            image.append(whole)
        elif kind == b"ANIM":
            control.append(whole)
        elif kind == b"ANMF" and len(frames) <= limits.max_frames:
            frames.append(whole)
        elif kind == b"ICCP":
            profile = start, length
    if size is None or not (image or frames):
        raise broken("a WebP without pixels")
    moves = bool(flags & _ANIMATION and frames)

    def pixels() -> Sequence[Piece]:
        return _file(size, flags, [*control, *frames[:1]] if moves else image)

    def animation() -> Sequence[Piece]:
        return _file(size, flags, [*control, *frames])

    def read_profile() -> bytes | None:
        return source.copy(*profile) if profile and profile[1] <= _LONGEST_PROFILE else None

    return Structure(
        format="WEBP",
        size=size,
        pixels=pixels,
        animation=animation if moves and len(frames) > 1 else None,
        frames=len(frames) if moves else 1,
        profile=read_profile,
    )


def _chunks(source: Source) -> Iterator[tuple[bytes, int, int]]:
    end = min(source.size, 8 + _number(source.read_at(4, 4)))
    position = 12
    while position + 8 <= end:
        head = source.read_at(position, 8)
        kind, length = head[:4], _number(head[4:])
        if position + 8 + length > source.size:
            raise broken("the file ends too early")
        yield kind, position + 8, length
        position += 8 + length + length % 2


def _image_size(source: Source, kind: bytes, start: int) -> Size:
    """Read the size of a picture without VP8X: RFC 6386, section 9.1, and RFC 9649, 3.4."""
    data = source.read_at(start, 10)
    if kind == b"VP8 " and data[3:6] == b"\x9d\x01\x2a":
        return _number(data[6:8]) & 0x3FFF, _number(data[8:10]) & 0x3FFF
    if kind == b"VP8L" and data[0] == 0x2F:
        bits = _number(data[1:5])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    raise broken(f"a WebP whose {kind.decode()} chunk has no header")


def _file(size: Size, flags: int, chunks: list[Piece]) -> Sequence[Piece]:
    sides = b"".join((side - 1).to_bytes(3, "little") for side in size)
    head = b"WEBPVP8X\x0a\0\0\0" + bytes([flags & (_ALPHA | _ANIMATION)]) + b"\0\0\0" + sides
    length = len(head) + sum(len(c) if isinstance(c, bytes) else c[1] for c in chunks)
    return [b"RIFF" + length.to_bytes(4, "little") + head, *chunks]


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")
