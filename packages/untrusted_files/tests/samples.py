"""Files of every kind, as small as they can be and still be recognised by their structure."""

import io
import struct
import zipfile
from collections.abc import Mapping

OPENXML = "application/vnd.openxmlformats-officedocument"
OPENDOCUMENT = "application/vnd.oasis.opendocument"

# ISO base media -----------------------------------------------------------------------------------


def box(kind: bytes, content: bytes = b"") -> bytes:
    return (8 + len(content)).to_bytes(4) + kind + content


def brands(major: bytes, *others: bytes) -> bytes:
    """A file of the ISO base media format that is nothing but its brands."""
    return box(b"ftyp", major + bytes(4) + b"".join(others)) + bytes(64)


def track(handler: bytes, *, is_enabled: bool = True) -> bytes:
    header = box(b"tkhd", (1 if is_enabled else 0).to_bytes(4) + bytes(80))
    return box(b"trak", header + box(b"mdia", box(b"hdlr", bytes(8) + handler + bytes(12))))


def iso_media(
    major: bytes, *others: bytes, tracks: tuple[bytes, ...] = (b"vide", b"soun"), padding: int = 0
) -> bytes:
    """A film or sound: its brands, its data, and the tracks after it, as phones write them."""
    start = box(b"ftyp", major + bytes(4) + b"".join(others))
    return start + box(b"mdat", bytes(padding)) + box(b"moov", b"".join(map(track, tracks)))


# Matroska and Ogg ---------------------------------------------------------------------------------


def element(name: int, content: bytes) -> bytes:
    size = 0x0100_0000_0000_0000 | len(content)
    return name.to_bytes((name.bit_length() + 7) // 8) + size.to_bytes(8) + content


def matroska(doc_type: bytes, *track_types: int, is_live: bool = False) -> bytes:
    tracks = b"".join(element(0xAE, element(0x83, bytes([one]))) for one in track_types)
    content = element(0xEC, bytes(100)) + element(0x1654AE6B, tracks)
    segment = element(0x18538067, content)
    if is_live:  # of a size that nobody knows yet
        segment = b"\x18\x53\x80\x67\x01" + b"\xff" * 7 + content
    return element(0x1A45DFA3, element(0x4282, doc_type)) + segment


def ogg(*packets: bytes) -> bytes:
    pages = (
        b"OggS\0\x02" + bytes(8) + number.to_bytes(4, "little") + bytes(8) + b"\x01"
        + bytes([len(packet)]) + packet
        for number, packet in enumerate(packets)
    )  # fmt: skip
    return b"".join(pages) + b"OggS\0\0" + bytes(21)


# Zips ---------------------------------------------------------------------------------------------

Entries = Mapping[str, bytes | str]


def zipped(
    entries: Entries, *, compression: int = zipfile.ZIP_DEFLATED, comment: bytes = b""
) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
        archive.comment = comment
    return file.getvalue()


def office_entries(part: str, content_type: str) -> dict[str, bytes | str]:
    """What a document of Microsoft Office consists of at least."""
    namespace = "http://schemas.openxmlformats.org/package/2006"
    return {
        "[Content_Types].xml": f'<?xml version="1.0"?><Types xmlns="{namespace}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{part}" ContentType="{content_type}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{namespace}/relationships"/>',
        part: "<document/>",
    }


def office(part: str, content_type: str) -> bytes:
    return zipped(office_entries(part, content_type))


def declared(content_type: str, **others: str) -> bytes:
    """An OpenDocument or EPUB: its first entry says what it is."""
    return zipped({"mimetype": content_type, "META-INF/container.xml": "", **others})


WORD = ("word/document.xml", f"{OPENXML}.wordprocessingml.document.main+xml")
EXCEL = ("xl/workbook.xml", f"{OPENXML}.spreadsheetml.sheet.main+xml")
POWERPOINT = ("ppt/presentation.xml", f"{OPENXML}.presentationml.presentation.main+xml")

# OLE ----------------------------------------------------------------------------------------------


def ole(*names: str, embedded: str = "", class_id: bytes = bytes(16)) -> bytes:
    """A compound file with streams in its root storage; *embedded* is one in a storage below."""
    none = 0xFFFFFFFF
    entries = []
    for number, name in enumerate(("Root Entry", *names, *((embedded,) if embedded else ()))):
        is_root = number == 0
        encoded = (name + "\0").encode("utf-16-le")
        right = number + 1 if 0 < number < len(names) else none
        below = len(names) + 1 if embedded and number == 1 else none
        entries.append(
            encoded.ljust(64, b"\0")
            + struct.pack(
                "<HBBIII16s", len(encoded), 5 if is_root else 2, 1, none, right,
                1 if is_root and names else below, class_id if is_root else bytes(16),
            )
            + bytes(32)
        )  # fmt: skip
    directory = b"".join(entries)
    sectors = -(-len(directory) // 512)
    fat = struct.pack("<I", 0xFFFFFFFD)
    fat += b"".join(struct.pack("<I", number + 2) for number in range(sectors - 1))
    fat += struct.pack("<I", 0xFFFFFFFE)
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack("<HHHHH6s", 0x3E, 3, 0xFFFE, 9, 6, bytes(6))
    header += struct.pack("<9I", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<I", 0) + b"\xff" * (108 * 4)
    return header + fat.ljust(512, b"\xff") + directory.ljust(512 * sectors, b"\0")


# Others -------------------------------------------------------------------------------------------


def riff(kind: bytes, form: bytes = b"RIFF") -> bytes:
    return form + (100).to_bytes(4, "little") + kind + bytes(100)


def mp3(*, tag_bytes: int | None = 0, frames: int = 3) -> bytes:
    """Frames of 128 kbit/s at 44.1 kHz, behind an ID3 tag unless *tag_bytes* is None."""
    sound = (b"\xff\xfb\x90\x64" + bytes(413)) * frames
    if tag_bytes is None:
        return sound
    size = bytes((tag_bytes >> shift) & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x04\0\0" + size + bytes(tag_bytes) + sound


def adts(frames: int = 3) -> bytes:
    return (b"\xff\xf1\x50\x80\x04\x00\xfc" + bytes(25)) * frames


def tiff(
    tags: Mapping[int, int] | None = None, *, make: bytes = b"", magic: bytes = b"II*\0"
) -> bytes:
    values = dict(tags or {256: 8})
    if make:
        values[271] = 8 + 2 + 12 * (len(values) + 1) + 4
    entries = b"".join(
        struct.pack("<HHII", tag, 2, 9, value) for tag, value in sorted(values.items())
    )
    return magic + struct.pack("<IH", 8, len(values)) + entries + bytes(4) + make.ljust(16, b"\0")


def asf(*streams: bytes) -> bytes:
    start = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(14)
    properties = bytes.fromhex("9107dcb7b7a9cf118ee600c00c205365") + bytes(8)
    return start + b"".join(properties + stream + bytes(40) for stream in streams)


ASF_FILM = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")
ASF_SOUND = bytes.fromhex("409e69f84d5bcf11a8fd00805f5c442b")


def icon(kind: int) -> bytes:
    return struct.pack("<HHHBBBBHHII", 0, kind, 1, 16, 16, 0, 0, 1, 32, 40, 22) + bytes(40)


def bmp() -> bytes:
    return b"BM" + struct.pack("<IIIIii", 60, 0, 54, 40, 1, 1) + bytes(34)


def png(*, is_animated: bool = False) -> bytes:
    size = b"\0\0\0\x0dIHDR" + struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0) + bytes(4)
    animation = b"\0\0\0\x08acTL" + struct.pack(">II", 2, 0) + bytes(4) if is_animated else b""
    return b"\x89PNG\r\n\x1a\n" + size + animation + b"\0\0\0\0IEND\xaeB`\x82"


def portable(kind: int) -> bytes:
    return b"P%d\n# a comment\n2 2\n255\n" % kind + bytes(12)


def at(place: int, mark: bytes, start: bytes = b"") -> bytes:
    return start.ljust(place, b"\0") + mark + bytes(600)


def program() -> bytes:
    return (
        b"MZ".ljust(0x3C, b"\0")
        + (0x80).to_bytes(4, "little")
        + bytes(0x40)
        + b"PE\0\0"
        + bytes(99)
    )
