"""HEVC: the size that a stream announces, which counts for a decoder instead of its container's
(ITU-T H.265, sections 7.3.1 and 7.3.2; its place in a HEIC: ISO/IEC 14496-15, section 8.3.3).
"""

from collections.abc import Iterable, Iterator

from ._bits import Bits
from ._refusals import broken, check_pixels
from ._source import Source
from ._structure import Size

_PARAMETERS = 33  # the type of a unit that announces the size
_LONGEST_PARAMETERS = 512  # bytes of it that are read
_MOST_UNITS = 20_000  # of a file
_PROFILE, _LEVEL = 88, 8  # bits
_PLACE_OF_LENGTH, _PLACE_OF_UNITS = 21, 22  # in the box hvcC


def check_parameters(configurations: Iterable[bytes], maximum: int) -> None:
    """Check the sizes that the boxes hvcC of a file announce.

    :raises PictureTooLargeError: one has more pixels than *maximum*.
    """
    for data in configurations:
        for unit in _units_of_box(data):
            _check_unit(unit, maximum)


def check_streams(
    source: Source, streams: Iterable[tuple[list[tuple[int, int]], int]], maximum: int
) -> None:
    """Check the sizes that streams announce within their data, which they should not.

    :param streams: where the data of each is, starts and lengths of its parts, and how many bytes
        the length of a unit has.
    :raises PictureTooLargeError: one has more pixels than *maximum*.
    """
    budget = _MOST_UNITS
    for places, wide in streams:
        end, position = sum(length for _, length in places), 0
        with source.spliced(places) as file:
            while position + wide < end:
                budget -= 1
                if budget < 0:
                    raise broken("a HEIC of too many parts")
                file.seek(position)
                length = int.from_bytes(file.read(wide), "big")
                _check_unit(file.read(min(length, _LONGEST_PARAMETERS)), maximum)
                position += wide + length


def length_bytes(configuration: bytes) -> int:
    """Return how many bytes the length of a unit has, by the box hvcC."""
    return (configuration[_PLACE_OF_LENGTH] & 3) + 1 if len(configuration) > _PLACE_OF_UNITS else 4


def _units_of_box(data: bytes) -> Iterator[bytes]:
    position = _PLACE_OF_UNITS + 1
    for _ in range(data[_PLACE_OF_UNITS] if len(data) > _PLACE_OF_UNITS else 0):
        count = int.from_bytes(data[position + 1 : position + 3], "big")
        position += 3
        for _ in range(count):
            length = int.from_bytes(data[position : position + 2], "big")
            if position + 2 + length > len(data):
                raise broken("a HEIC whose parameters end early")
            yield data[position + 2 : position + 2 + length]
            position += 2 + length


def _check_unit(unit: bytes, maximum: int) -> None:
    if unit and unit[0] >> 1 & 63 == _PARAMETERS:
        size = _read_size(unit[2:_LONGEST_PARAMETERS])
        check_pixels(size, maximum, limit="max_decoded_pixels", what="a stream of ")


def _read_size(unit: bytes) -> Size:
    """Read the size of a sequence parameter set (section 7.3.2.2)."""
    # A 3 keeps two zeros apart from what follows (section 7.4.2).
    bits = Bits(unit.replace(b"\0\0\3", b"\0\0"), "parameters of a HEIC")
    bits.read(4)
    layers = bits.read(3)  # that come before the last one
    bits.read(1 + _PROFILE + _LEVEL)
    present = [(bits.read(1), bits.read(1)) for _ in range(layers)]
    if layers:
        bits.read(2 * (8 - layers))
    for has_profile, has_level in present:
        bits.read(_PROFILE * has_profile + _LEVEL * has_level)
    bits.read_coded()
    if bits.read_coded() == 3:  # three planes of full size
        bits.read(1)
    return bits.read_coded(), bits.read_coded()
