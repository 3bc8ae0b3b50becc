"""TIFF: its first directory (TIFF 6.0, section 2; BigTIFF), written again without what is not
needed to decode it.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from ._limits import Limits
from ._refusals import broken, too_large
from ._source import Piece, Source
from ._structure import Structure

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_ORIENTATION, _SAMPLES, _ROWS, _STRIP_SIZES, _PLANES = 274, 277, 278, 279, 284
_TILE_WIDTH, _TILE_HEIGHT, _TILE_SIZES, _EXTRA, _PROFILE = 322, 323, 325, 338, 34675
_NEEDED = {
    _WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _SAMPLES, _ROWS, _STRIP_SIZES, _PLANES,
    _TILE_WIDTH, _TILE_HEIGHT, _TILE_SIZES, _EXTRA,
    266, 273, 292, 293, 317, 320, 324, 332, 339,  # order of bits, strips, T4, T6, ... colors
    347, 512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532,  # JPEG, YCbCr
}  # fmt: skip
_LENGTHS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4,
            16: 8, 17: 8, 18: 8}  # fmt: skip
_LONGEST_PROFILE = 4_000_000  # bytes
_MOST_ENTRIES = 4_096
_PARTS_A_BYTE = 16


class _Entry(NamedTuple):
    raw: bytes
    kind: int
    length: int
    place: int


class _Directory(NamedTuple):
    order: Literal["little", "big"]
    offset: int
    lengths: tuple[int, int, int]  # of the number of entries, of an entry, of an offset
    entries: dict[int, _Entry]


def read_tiff(source: Source, limits: Limits) -> Structure:
    """Read the first picture of a TIFF. It has no EXIF, profile or further pictures when the
    decoder gets it.
    """
    directory = _read_directory(source)
    numbers = _Numbers(source, directory)
    size = numbers.first(_WIDTH, 0), numbers.first(_HEIGHT, 0)
    _check(source, numbers, limits)
    profile = directory.entries.get(_PROFILE)

    def pixels() -> Sequence[Piece]:
        return _rewritten(source, directory)

    def read_profile() -> bytes | None:
        if not profile or profile.length > _LONGEST_PROFILE or profile.kind not in (1, 7):
            return None
        return source.copy(profile.place, profile.length)

    return Structure(
        format="TIFF",
        size=size,
        pixels=pixels,
        orientation=max(1, min(numbers.first(_ORIENTATION, 1), 8)),
        profile=read_profile,
    )


def _read_directory(source: Source) -> _Directory:
    head = source.read_at(0, 8)
    order: Literal["little", "big"] = "little" if head[:2] == b"II" else "big"
    big = int.from_bytes(head[2:4], order) == 43
    offset = int.from_bytes(source.read(8) if big else head[4:], order)
    lengths = (8, 20, 8) if big else (2, 12, 4)
    count = int.from_bytes(source.read_at(offset, lengths[0]), order)
    if count > _MOST_ENTRIES:
        raise broken(f"a TIFF directory of {count} entries")
    entries: dict[int, _Entry] = {}
    for _ in range(count):
        start = source.position
        raw = source.read(lengths[1])
        tag, kind = int.from_bytes(raw[:2], order), int.from_bytes(raw[2:4], order)
        number = int.from_bytes(raw[4 : 4 + lengths[2]], order)
        place = start + 4 + lengths[2]
        if number * _LENGTHS.get(kind, 1) > lengths[2]:
            place = int.from_bytes(raw[4 + lengths[2] :], order)
        entries.setdefault(tag, _Entry(raw, kind, number, place))
    return _Directory(order, offset, lengths, entries)


def _rewritten(source: Source, directory: _Directory) -> Sequence[Piece]:
    """Return the file with the entries that are needed, and no further directory."""
    raws = [entry.raw for tag, entry in directory.entries.items() if tag in _NEEDED]
    count, _, offset = directory.lengths
    new = len(raws).to_bytes(count, directory.order) + b"".join(raws) + bytes(offset)
    end = directory.offset + len(new)
    return [(0, directory.offset), new, (end, max(0, source.size - end))]


class _Numbers:
    """Whole numbers of the directory, read within the source's budget."""

    def __init__(self, source: Source, directory: _Directory) -> None:
        self._source = source
        self._directory = directory

    def all(self, tag: int) -> list[int]:
        entry = self._directory.entries.get(tag)
        if not entry or entry.kind not in (1, 3, 4, 16):
            return []
        length = _LENGTHS[entry.kind]
        data = self._source.read_at(entry.place, entry.length * length)
        order = self._directory.order
        return [int.from_bytes(data[i : i + length], order) for i in range(0, len(data), length)]

    def first(self, tag: int, default: int) -> int:
        return next(iter(self.all(tag)), default)

    def charge(self) -> None:
        """Let all that the decoder reads of the directory count."""
        for tag, entry in self._directory.entries.items():
            if tag in _NEEDED:
                self._source.read_at(0, 0)
                length = entry.length * _LENGTHS.get(entry.kind, 1)
                self._source.read_at(entry.place, length)


def _check(source: Source, numbers: _Numbers, limits: Limits) -> None:
    numbers.charge()
    bits, planes = numbers.all(_BITS), numbers.first(_PLANES, 1)
    if planes == 2 and (max(bits, default=1) > 8 or numbers.first(_PHOTOMETRIC, 2) < 2):
        # Pillow takes the bytes of two samples for one, and gray with alpha for alpha alone.
        raise broken("a TIFF in planes, of 16 bits or of gray")
    tile = numbers.first(_TILE_WIDTH, 1), numbers.first(_TILE_HEIGHT, 1)
    if tile[0] * tile[1] > limits.max_decoded_pixels:
        pixels = tile[0] * tile[1]
        what = f"tiles of {tile[0]}x{tile[1]} pixels"
        raise too_large("max_decoded_pixels", pixels, limits.max_decoded_pixels, what)
    for tag in (_STRIP_SIZES, _TILE_SIZES):
        if sum(numbers.all(tag)) > _PARTS_A_BYTE * source.size:
            raise broken("a TIFF whose strips are much longer than the file")
