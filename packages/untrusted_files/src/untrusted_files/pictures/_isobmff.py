"""AVIF and HEIF: their boxes (ISO/IEC 14496-12 and 23008-12, MIAF, AV1-ISOBMFF)."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from ._av1 import check_sequences
from ._boxes import Fields, boxes, find_samples
from ._hevc import check_parameters, check_streams, length_bytes
from ._limits import Limits
from ._profiles import profile_of_code_points
from ._refusals import broken, check_pixels
from ._source import Piece, Source
from ._structure import Box, Size, Structure

AVIF_BRANDS = frozenset({b"avif", b"avis"})
HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs",
                         b"mif1", b"msf1", b"mif2"})  # fmt: skip

_FULL = 4  # bytes of version and flags
_ALPHAS = (b"urn:mpeg:hevc:2015:auxid:1\0", b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0")


def read_avif(source: Source, limits: Limits) -> Structure:
    """Read an AVIF's boxes. Its EXIF is hidden from the decoder, which turns pictures by ``irot``
    and ``imir`` only, as browsers do; ``clap`` it leaves to us.
    """
    description = _Description(source)
    size, crop = (0, 0), None
    if (extents := description.property_of_primary(b"ispe")) is not None:
        size = _number(extents[4:8]), _number(extents[8:12])
        crop = _clean_aperture(description.property_of_primary(b"clap"), size)
    parts = [place for item in description.items(b"av01") for place in [description.places[item]]]
    check_sequences(source, parts, description.samples(limits.max_frames + 1), limits)
    return Structure(
        format="AVIF", size=size, pixels=description.pixels, crop=crop, colors=description.colors
    )


def read_heif(source: Source, limits: Limits) -> Structure:
    """Read the boxes of a HEIF, such as a HEIC. Its decoder turns and crops."""
    description = _Description(source)
    extents = description.property_of_primary(b"ispe") or b""
    size = _number(extents[4:8]), _number(extents[8:12])
    most = limits.max_decoded_pixels
    for item in description.alphas():
        extents = description.property_of(item, b"ispe") or b""
        check_pixels(
            (_number(extents[4:8]), _number(extents[8:12])),
            most,
            limit="max_decoded_pixels",
            what="transparency of ",
        )
    check_parameters(description.properties(b"hvcC"), most)
    check_streams(
        source,
        (
            (description.places[item], length_bytes(description.property_of(item, b"hvcC") or b""))
            for item in (*description.items(b"hvc1"), *description.items(b"hev1"))
        ),
        most,
    )
    return Structure(format="HEIF", size=size, pixels=description.pixels, colors=description.colors)


class _Description:
    """The contents of the boxes ``meta`` and ``moov``.

    :ivar places: by item, where its data is: starts and lengths.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._primary = 0
        self._properties: list[tuple[bytes, bytes]] = []
        self._owned: dict[int, list[int]] = {}
        self._kinds: dict[int, bytes] = {}
        self._hidden: list[int] = []  # where the types of EXIF items are written
        self._data = 0  # where the box idat begins
        self._moov: bytes | None = None
        self.places: dict[int, list[tuple[int, int]]] = {}
        found = False
        for kind, start, end in _file_boxes(source):
            if kind == b"meta" and not found:
                found = True
                self._read_meta(source.read_at(start, end - start), start)
            elif kind == b"moov" and self._moov is None:
                self._moov = source.read_at(start, end - start)
        if not found and self._moov is None:
            raise broken("an AVIF or HEIF without a description")

    def property_of_primary(self, kind: bytes) -> bytes | None:
        """Return a property of the item that is shown."""
        return self.property_of(self._primary, kind)

    def property_of(self, item: int, kind: bytes) -> bytes | None:
        """Return a property of an item."""
        return next(self._properties_of(item, kind), None)

    def _properties_of(self, item: int, kind: bytes) -> Iterator[bytes]:
        for number in self._owned.get(item, ()):
            if 0 < number <= len(self._properties) and self._properties[number - 1][0] == kind:
                yield self._properties[number - 1][1]

    def colors(self) -> bytes | None:
        """Return a profile for the code points of colors (ISO/IEC 14496-12, section 12.1.5)."""
        for data in self._properties_of(self._primary, b"colr"):
            if data[:4] == b"nclx" and len(data) >= 8:
                return profile_of_code_points(_number(data[4:6]), _number(data[6:8]))
        return None

    def properties(self, kind: bytes) -> list[bytes]:
        """Return all properties of a kind, whoever owns them."""
        return [data for its, data in self._properties if its == kind]

    def alphas(self) -> list[int]:
        """Return the items that hold transparency (ISO/IEC 23008-12, section 6.5.8)."""
        kinds = ((item, self.property_of(item, b"auxC") or b"") for item in self._owned)
        return [item for item, kind in kinds if kind[_FULL:].startswith(_ALPHAS)]

    def items(self, kind: bytes) -> list[int]:
        """Return the items of a type that have data."""
        return [item for item, its in self._kinds.items() if its == kind and item in self.places]

    def samples(self, most: int) -> list[list[tuple[int, int]]]:
        """Return where the frames of the tracks are, at most so many of each."""
        if self._moov is None:
            return []
        return find_samples(self._moov, most)

    def pixels(self) -> Sequence[Piece]:
        """Return the file without its EXIF, whose items get an unknown type."""
        pieces: list[Piece] = []
        position = 0
        for place in sorted(self._hidden):
            pieces += [(position, place - position), b"none"]
            position = place + 4
        return [*pieces, (position, self._source.size - position)]

    def _read_meta(self, data: bytes, offset: int) -> None:
        for kind, start, _ in boxes(data, _FULL, len(data)):
            if kind == b"idat":
                self._data = offset + start
        for kind, start, end in boxes(data, _FULL, len(data)):
            fields = Fields(data, start + _FULL, end)
            version = data[start] if start < end else 0
            if kind == b"pitm":
                self._primary = fields.number(4 if version else 2)
            elif kind == b"iloc":
                self._read_places(fields, version)
            elif kind == b"iinf":
                fields.number(4 if version else 2)
                self._read_kinds(data, fields.position, end, offset)
            elif kind == b"iprp":
                self._read_properties(data, start, end)

    def _read_kinds(self, data: bytes, start: int, end: int, offset: int) -> None:
        for kind, inside, its_end in boxes(data, start, end):
            if kind == b"infe" and inside < its_end and data[inside] >= 2:
                fields = Fields(data, inside + _FULL, its_end)
                item = fields.number(4 if data[inside] == 3 else 2)
                fields.number(2)
                its = data[fields.position : fields.position + 4]
                self._kinds[item] = its
                if its == b"Exif":
                    self._hidden.append(offset + fields.position)

    def _read_places(self, fields: "Fields", version: int) -> None:
        lengths = fields.number(2)
        offset, length, base, index = (lengths >> shift & 15 for shift in (12, 8, 4, 0))
        index = index if version else 0
        for _ in range(fields.number(4 if version == 2 else 2)):
            item = fields.number(4 if version == 2 else 2)
            method = fields.number(2) & 15 if version else 0
            fields.number(2)
            start = fields.number(base) + (self._data if method == 1 else 0)
            places = []
            for _ in range(fields.number(2)):
                fields.number(index)
                place = start + fields.number(offset)
                places.append((place, fields.number(length) or self._source.size - place))
            self.places[item] = places

    def _read_properties(self, data: bytes, start: int, end: int) -> None:
        for kind, inside, its_end in boxes(data, start, end):
            if kind == b"ipco":
                for name, first, last in boxes(data, inside, its_end):
                    self._properties.append((name, data[first:last]))
            elif kind == b"ipma":
                fields = Fields(data, inside + _FULL, its_end)
                wide = data[inside + 3] & 1
                for _ in range(fields.number(4)):
                    item = fields.number(4 if data[inside] else 2)
                    owned = self._owned.setdefault(item, [])
                    for _ in range(fields.number(1)):
                        owned.append(fields.number(2) & 0x7FFF if wide else fields.number(1) & 0x7F)


def _file_boxes(source: Source) -> Iterator[tuple[bytes, int, int]]:
    position = 0
    while position + 8 <= source.size:
        head = source.read_at(position, 8)
        length, start = _number(head[:4]), position + 8
        if length == 1:
            length, start = _number(source.read(8)), position + 16
        end = position + length if length else source.size
        if not start <= end <= source.size:
            return  # garbage at the end
        yield head[4:], start, end
        position = end


def _clean_aperture(data: bytes | None, size: Size) -> Box | None:
    """Return the part of the picture that is shown (ISO/IEC 14496-12, section 12.1.4).

    :raises BrokenPictureError: its corners are not whole pixels inside of the picture.
    """
    if data is None:
        return None
    signed = [int.from_bytes(data[n : n + 4], "big", signed=True) for n in range(0, 32, 4)]
    if len(data) < 32 or min(signed[1::2]) < 1:
        raise broken("an AVIF with a damaged clean aperture")
    width, height, x, y = (Fraction(signed[n], signed[n + 1]) for n in range(0, 8, 2))
    left = (size[0] - width) / 2 + x
    top = (size[1] - height) / 2 + y
    corners = left, top, left + width, top + height
    whole = [int(corner) for corner in corners]
    inside = 0 <= left < corners[2] <= size[0] and 0 <= top < corners[3] <= size[1]
    if whole != list(corners) or not inside:
        raise broken("an AVIF whose clean aperture is not whole pixels of it")
    return whole[0], whole[1], whole[2], whole[3]


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")
