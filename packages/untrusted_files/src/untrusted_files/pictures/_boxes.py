"""Boxes in memory, their fields, and the tables of samples (ISO/IEC 14496-12, sections 4, 8.7)."""

from collections.abc import Iterator

from ._refusals import broken

_FULL = 4
_CONTAINERS = (b"trak", b"mdia", b"minf", b"stbl")


def boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Find the type of each box, and where its content begins and ends."""
    while start + 8 <= end:
        length, inside = int.from_bytes(data[start : start + 4], "big"), start + 8
        kind = data[start + 4 : inside]
        if length == 1:
            length, inside = int.from_bytes(data[inside : inside + 8], "big"), inside + 8
        last = start + length if length else end
        if not inside <= last <= end:
            raise broken(f"a box {kind!r} that is longer than what holds it")
        yield kind, inside, last
        start = last


class Fields:
    """Reads whole numbers one after the other."""

    def __init__(self, data: bytes, start: int, end: int) -> None:
        self._data = data
        self._end = end
        self.position = start

    def number(self, length: int) -> int:
        """Return a number of so many bytes; 0 for none."""
        position, self.position = self.position, self.position + length
        if self.position > self._end:
            raise broken("a box that ends early")
        return int.from_bytes(self._data[position : self.position], "big")


def find_samples(moov: bytes, most: int) -> list[list[tuple[int, int]]]:
    """Return where the samples of each track are: starts and lengths.

    :param most: of each track.
    """
    return [
        _samples(_tables(moov, start, end), most)
        for kind, start, end in boxes(moov, 0, len(moov))
        if kind == b"trak"
    ]


def _tables(moov: bytes, start: int, end: int) -> dict[bytes, Fields]:
    tables: dict[bytes, Fields] = {}
    for kind, inside, last in boxes(moov, start, end):
        if kind in _CONTAINERS:
            tables |= _tables(moov, inside, last)
        else:
            tables[kind] = Fields(moov, inside + _FULL, last)
    return tables


def _samples(tables: dict[bytes, Fields], most: int) -> list[tuple[int, int]]:
    offsets, wide = tables.get(b"stco"), 4
    if offsets is None:
        offsets, wide = tables.get(b"co64"), 8
    sizes, runs = tables.get(b"stsz"), tables.get(b"stsc")
    if offsets is None or sizes is None or runs is None:
        return []
    common, count = sizes.number(4), min(sizes.number(4), most)
    changes = min(runs.number(4), most)
    firsts = [(runs.number(4), runs.number(4), runs.number(4)) for _ in range(changes)]
    samples: list[tuple[int, int]] = []
    run, each = 0, 0
    for chunk in range(1, offsets.number(4) + 1):
        if run < len(firsts) and firsts[run][0] == chunk:
            each, run = firsts[run][1], run + 1
        place = offsets.number(wide)
        for _ in range(each):
            if len(samples) == count:
                return samples
            length = common or sizes.number(4)
            samples.append((place, length))
            place += length
    return samples
