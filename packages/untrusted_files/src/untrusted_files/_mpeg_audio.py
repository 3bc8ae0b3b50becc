"""MP3 and its older layers (ISO/IEC 11172-3, 13818-3), AAC in ADTS (ISO/IEC 13818-7), and ID3 tags.

A frame begins with 11 or 12 bits that are set, too little to be believed: the next frame has to be
where this one ends.
"""

from ._bounded import BoundedReader, big

_UTF16 = b"\xff\xfe"  # a short text may look like a frame of layer 1
_MPEG = "audio/mpeg"
_AAC = "audio/aac"
# Bits of a header that are the same in all frames: sync, version, layer and rate of samples; of
# AAC the channels, too.
_CONSTANT = {_MPEG: 0xFFFE0C00, _AAC: 0xFFFFFDC0}
_SCAN_BYTES = 16_384  # two frames of AAC, and more

# kbit/s by version (1, or 2 and 2.5) and layer (1, 2, 3).
_RATES = {
    (1, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_SAMPLES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def read_mpeg_audio(reader: BoundedReader) -> tuple[str, ...]:
    """Return the type of a file as the only one; none if it is no such file."""
    start = _after_tags(reader)
    data = reader.read(start, _SCAN_BYTES)
    if start and data.startswith(b"fLaC"):
        return ("audio/flac",)
    is_all = start + len(data) >= reader.size
    found = _type_of_frames(data, 0, is_all=is_all)
    if found:
        return (found,)
    return (_MPEG,) if start else ()  # after a tag there may be padding


def find_frames(reader: BoundedReader) -> tuple[str, ...]:
    """Return the type of a recording that begins within a frame, as one cut from a broadcast does:
    of three frames in a row, somewhere near its start.
    """
    data = reader.head[:_SCAN_BYTES]
    place = data.find(b"\xff")
    while place >= 0:
        found = _type_of_frames(data, place, frames=3)
        if found:
            return (found,)
        place = data.find(b"\xff", place + 1)
    return ()


def _after_tags(reader: BoundedReader) -> int:
    """Where the ID3 tag ends (https://id3.org/id3v2.4.0-structure section 3.1); 0 without one."""
    header = reader.head[:10]
    if not header.startswith(b"ID3") or len(header) < 10 or max(header[6:10]) > 0x7F:
        return 0
    if header[3] == 0xFF or header[4] == 0xFF:
        return 0
    size = (header[6] << 21) | (header[7] << 14) | (header[8] << 7) | header[9]
    return 10 + size + (10 if header[5] & 0x10 else 0)


def _type_of_frames(
    data: bytes, place: int, *, frames: int = 2, is_all: bool = False
) -> str | None:
    first = None
    start = place
    for _ in range(frames):
        if first and is_all and place >= len(data) and not data.startswith(_UTF16):
            return first  # the whole file is one frame
        found, size = _frame(data, place)
        if not found or (big(data, place) ^ big(data, start)) & _CONSTANT[found]:
            return None
        first = found
        place += size
    return first


def _frame(data: bytes, place: int) -> tuple[str, int] | tuple[None, int]:
    header = big(data, place, 4)
    if len(data) < place + 4 or header >> 21 != 0x7FF:
        return None, 0
    version, layer = header >> 19 & 3, header >> 17 & 3
    if layer == 0:
        size = big(data, place + 3, 3) >> 5 & 0x1FFF
        rate = header >> 10 & 15
        return (_AAC, size) if version & 2 and rate < 13 and size > 7 else (None, 0)
    rate, sampling, padding = header >> 12 & 15, header >> 10 & 3, header >> 9 & 1
    if version == 1 or sampling == 3 or rate in (0, 15):
        return None, 0
    layer = 4 - layer
    bits = _RATES[1 if version == 3 else 2, layer][rate] * 1000
    samples = _SAMPLES[version][sampling]
    if layer == 1:
        return _MPEG, (12 * bits // samples + padding) * 4
    factor = 72 if layer == 3 and version != 3 else 144
    return _MPEG, factor * bits // samples + padding
