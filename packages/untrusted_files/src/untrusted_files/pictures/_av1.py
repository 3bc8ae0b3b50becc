"""AV1: the size that a stream announces, which counts for a decoder instead of its container's
(AV1 Bitstream & Decoding Process Specification, sections 5.3 to 5.5).
"""

from collections.abc import Iterable
from typing import IO

from ._bits import Bits
from ._limits import Limits
from ._refusals import broken, check_pixels, too_large
from ._source import Source
from ._structure import Size

_SEQUENCE_HEADER = 1
_LONGEST_HEADER = 256  # bytes of it that are read
_MOST_UNITS = 20_000  # of a file
_SHARES = 3  # colors, alpha, and a gain map


def check_sequences(
    source: Source,
    items: Iterable[list[tuple[int, int]]],
    tracks: Iterable[list[tuple[int, int]]],
    limits: Limits,
) -> None:
    """Check the sizes that the streams of a file announce.

    :param items: where the data of pictures is: starts and lengths of its parts.
    :param tracks: where the samples of animations are.
    :raises PictureTooLargeError: they have more pixels than may be decoded.
    """
    budget = _MOST_UNITS
    pixels = 0
    for places in items:
        largest, budget = _check_stream(source, places, budget, limits)
        pixels += largest
    if pixels > _SHARES * limits.max_decoded_pixels:
        what = f"parts of {pixels} pixels in all"
        raise too_large("max_decoded_pixels", pixels, _SHARES * limits.max_decoded_pixels, what)
    for samples in tracks:
        for sample in samples:
            _, budget = _check_stream(source, [sample], budget, limits)


def _check_stream(
    source: Source, places: list[tuple[int, int]], budget: int, limits: Limits
) -> tuple[int, int]:
    """Check one stream; return the most pixels that it announces, and what is left to read."""
    largest = 0
    with source.spliced(places) as file:
        for size in _sizes(file, sum(length for _, length in places)):
            budget -= 1
            if budget < 0:
                raise broken("an AVIF of too many parts")
            if size:
                check_pixels(size, limits.max_decoded_pixels, limit="max_decoded_pixels")
                largest = max(largest, size[0] * size[1])
    return largest, budget


def _sizes(file: IO[bytes], length: int) -> Iterable[Size | None]:
    """Return the size that each unit of a stream announces, ``None`` for other units."""
    position = 0
    while position < length:
        file.seek(position)
        head = file.read(10 + _LONGEST_HEADER)
        if not head:
            return
        kind, after = head[0] >> 3 & 15, 2 if head[0] & 4 else 1
        if head[0] & 2:
            size, after = _leb128(head, after)
        else:
            size = length - position - after
        yield _read_size(head[after : after + size]) if kind == _SEQUENCE_HEADER else None
        position += after + size


def _leb128(data: bytes, position: int) -> tuple[int, int]:
    value = 0
    for number in range(8):
        if position >= len(data):
            break
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << 7 * number
        if not byte & 0x80:
            break
    return value, position


def _read_size(header: bytes) -> Size:
    """Read the largest size of a frame (section 5.5.1)."""
    bits = Bits(header, "a sequence header of an AVIF")
    bits.read(4)  # profile, still picture
    if bits.read(1):  # a reduced header
        bits.read(5)
    else:
        _skip_timing(bits)
    lengths = bits.read(4) + 1, bits.read(4) + 1
    return bits.read(lengths[0]) + 1, bits.read(lengths[1]) + 1


def _skip_timing(bits: Bits) -> None:
    decoder_model = 0  # bits of its delays
    if bits.read(1):
        bits.read(64)
        if bits.read(1):
            bits.read_coded()
        if bits.read(1):
            decoder_model = bits.read(5) + 1
            bits.read(42)
    display_delay = bits.read(1)
    for _ in range(bits.read(5) + 1):
        bits.read(12)
        if bits.read(5) > 7:
            bits.read(1)
        if decoder_model and bits.read(1):
            bits.read(2 * decoder_model + 1)
        if display_delay and bits.read(1):
            bits.read(4)
