"""PBM, PGM, PPM and PFM: their header, written again without comments (netpbm's ppm(5))."""

import re
from collections.abc import Sequence

from ._limits import Limits
from ._refusals import broken, check_pixels
from ._source import Piece, Source
from ._structure import Structure

_TOKEN = re.compile(rb"(?:\s|#[^\r\n]*[\r\n])*([^\s#]{1,12})\s")
_COMMENT = re.compile(rb"#[^\r\n]*")
_PLAIN = (b"P1", b"P2", b"P3")
_BITMAPS = (b"P1", b"P4")
# Text, and samples of unusual ranges, are decoded one by one in Python.
_PIXELS_OF_NUMBERS = 400_000
_LONGEST_HEADER = 1 << 16
_BYTES_A_PIXEL = 3 * 6  # of text


def read_ppm(source: Source, limits: Limits) -> Structure:
    """Read the header: magic number, width, height and the greatest value."""
    head = source.read_at(0, min(_LONGEST_HEADER, source.size))
    magic, position = head[:2], 2
    tokens = []
    for _ in range(2 if magic in _BITMAPS else 3):
        match = _TOKEN.match(head, position)
        if not match:
            raise broken("a PPM whose header has no end")
        tokens.append(match[1])
        position = match.end()
    try:
        size = int(tokens[0]), int(tokens[1])
    except ValueError as error:
        raise broken(f"a PPM whose size is {tokens[:2]!r}") from error
    plain = magic in _PLAIN
    if plain or (magic in (b"P5", b"P6") and tokens[2] != b"255"):
        maximum = min(_PIXELS_OF_NUMBERS, limits.max_decoded_pixels)
        check_pixels(size, maximum, limit="max_decoded_pixels", what="a PPM of single numbers, ")
    written = magic + b"\n" + b" ".join(tokens) + b"\n"

    def pixels() -> Sequence[Piece]:
        if not plain:
            return [written, (position, source.size - position)]
        most = _BYTES_A_PIXEL * size[0] * size[1] + _LONGEST_HEADER
        return [written, _COMMENT.sub(b" ", source.copy(position, most))]

    return Structure(format="PPM", size=size, pixels=pixels)
