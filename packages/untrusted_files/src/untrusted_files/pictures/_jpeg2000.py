"""JPEG 2000: the boxes of a JP2 (ISO/IEC 15444-1, annex I), and its main header (annex A)."""

from ._limits import Limits
from ._refusals import broken, too_large
from ._source import Source
from ._structure import Size, Structure

_CODESTREAM = b"\xff\x4f\xff\x51"
_COD, _SOT = 0x52, 0x90
_MOST_PARTS = 600_000  # precincts and blocks of code, each some 500 bytes in the decoder
_MOST_TILES = 10_000


def read_jpeg2000(source: Source, _limits: Limits) -> Structure:
    """Read a JP2's or a code stream's headers."""
    start = 0 if source.peek(4) == _CODESTREAM else _find_codestream(source)
    data = source.read_at(start + 2, 40)
    if data[:2] != b"\xff\x51":
        raise broken("a JPEG 2000 without a size")
    numbers = [int.from_bytes(data[n : n + 4], "big") for n in range(6, 38, 4)]
    size = numbers[0] - numbers[2], numbers[1] - numbers[3]
    tile = numbers[4], numbers[5]
    components = int.from_bytes(data[38:40], "big")
    if min(*size, *tile) < 1 or not 1 <= components <= 4:
        raise broken(f"a JPEG 2000 of {size}, tiles of {tile}, {components} components")
    tiles = -(-numbers[0] // tile[0]) * -(-numbers[1] // tile[1])
    if tiles > _MOST_TILES:
        raise too_large("max_decoded_pixels", tiles, _MOST_TILES, f"{tiles} tiles of JPEG 2000")
    _check_coding(source, start, size, components)
    return Structure(format="JPEG2000", size=size, pixels=lambda: [(0, source.size)])


def _find_codestream(source: Source) -> int:
    position = 0
    while True:
        head = source.read_at(position, 8)
        kind, length, header = head[4:], int.from_bytes(head[:4], "big"), 8
        if length == 1:
            length, header = int.from_bytes(source.read(8), "big"), 16
        if kind == b"jp2c":
            return position + header
        if length < header:
            raise broken("a JP2 box without an end before the pixels")
        if kind == b"jp2h":
            source.read(length - header)  # counts: the decoder reads all of it
        position += length


def _check_coding(source: Source, start: int, size: Size, components: int) -> None:
    """Count what the decoder keeps for each part (annex A.6.1)."""
    position = start + 2
    while True:
        head = source.read_at(position, 4)
        marker, length = head[1], int.from_bytes(head[2:], "big")
        if marker == _SOT:
            return
        if head[0] != 0xFF or length < 2:
            raise broken("a JPEG 2000 whose main header is damaged")
        if marker == _COD:
            data = source.read(length - 2)
            if len(data) < 10 or max(data[6:8]) > 8:
                raise broken("a JPEG 2000 without a coding style")
            block = 2 ** (data[6] + 2) * 2 ** (data[7] + 2)
            precincts = [2 ** (one & 15) * 2 ** (one >> 4) for one in data[10:]]
            least = min([block, *precincts]) if data[0] & 1 else block
            parts = size[0] * size[1] * components // least
            if parts > _MOST_PARTS:
                what = f"{parts} parts of JPEG 2000"
                raise too_large("max_decoded_pixels", parts, _MOST_PARTS, what)
        position += 2 + length
