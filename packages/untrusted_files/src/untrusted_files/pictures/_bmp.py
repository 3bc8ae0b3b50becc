"""BMP: its header (Microsoft's BITMAPINFOHEADER and its like)."""

from ._limits import Limits
from ._refusals import broken, check_pixels
from ._source import Source
from ._structure import Structure

_RLE = (1, 2)
# Runs are decoded one by one in Python.
_PIXELS_OF_RUNS = 1_500_000


def read_bmp(source: Source, limits: Limits) -> Structure:
    """Read a BMP's header."""
    head = source.read_at(0, 26)
    compression = 0
    if int.from_bytes(head[14:18], "little") == 12:
        width, height = (int.from_bytes(head[n : n + 2], "little") for n in (18, 20))
    else:
        width, height = (int.from_bytes(head[n : n + 4], "little", signed=True) for n in (18, 22))
        compression = int.from_bytes(source.read_at(30, 4), "little")
    size = width, abs(height)
    if width < 1 or not height:
        raise broken(f"a BMP of {width}x{height} pixels")
    if compression in _RLE:
        maximum = min(_PIXELS_OF_RUNS, limits.max_decoded_pixels)
        check_pixels(size, maximum, limit="max_decoded_pixels", what="a BMP of runs, ")
    return Structure(format="BMP", size=size, pixels=lambda: [(0, source.size)])
