"""Pictures for the tests, and the parts that they are made of."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF", "BMP", "PPM", "JPEG2000")
MOVING = ("GIF", "WEBP", "PNG", "AVIF")


def two_colors(size: tuple[int, int] = (80, 60)) -> Image.Image:
    """Return a picture that is red on the left and blue on the right."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    return image


def noise(size: tuple[int, int] = (300, 300), mode: str = "RGB") -> Image.Image:
    return Image.effect_noise(size, 90).convert(mode)


def saved(image: Image.Image, format: str, **options: Any) -> BytesIO:
    file = BytesIO()
    image.save(file, format, **options)
    return file


def animation(format: str, *frames: Image.Image, **options: Any) -> BytesIO:
    """Return an animation, of a red, a green and a blue frame unless others are given."""
    images = frames or tuple(Image.new("RGB", (40, 30), c) for c in ("red", "lime", "blue"))
    options = {"duration": [100 * (n + 1) for n in range(len(images))]} | options
    return saved(images[0], format, save_all=True, append_images=images[1:], **options)


def two_large_frames(format: str) -> bytes:
    """Return an animation of two frames of 24 megapixels each, which takes few bytes."""
    frames = [Image.new("RGBA", (4890, 4890), color) for color in ((255, 0, 0, 9), (0, 0, 255, 9))]
    options = {"AVIF": {"speed": 10}, "WEBP": {"lossless": True, "method": 0}}.get(format, {})
    return animation(format, *frames, **options).getvalue()


def exif(
    orientation: int = 6,
    *,
    kind: int = 3,
    count: int = 1,
    order: str = "<",
    magic: bytes | None = None,
) -> bytes:
    """Return a block of EXIF, as its first header says it; without ``Exif\\0\\0``."""
    head = magic or (b"II*\0" if order == "<" else b"MM\0*")
    value = struct.pack(f"{order}HH", orientation, orientation if count == 2 else 0)
    if kind == 4:
        value = struct.pack(f"{order}I", orientation)
    entry = struct.pack(f"{order}HHI", 0x0112, kind, count) + value
    return head + struct.pack(f"{order}IH", 8, 1) + entry + bytes(4)


XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/>'
    b"</rdf:RDF></x:xmpmeta>"
)


def segment(marker: int, data: bytes) -> bytes:
    """Return a segment of a JPEG."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    """Return a JPEG with segments behind its first marker."""
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, data: bytes = b"", *, crc: int | None = None) -> bytes:
    """Return a chunk of a PNG."""
    right = zlib.crc32(kind + data) if crc is None else crc
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", right)


def png_header(
    width: int, height: int, *, depth: int = 8, color: int = 2, interlaced: bool = False
) -> bytes:
    fields = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, int(interlaced))
    return PNG_SIGNATURE + chunk(b"IHDR", fields)


def png(rows: list[bytes], width: int, *chunks: bytes, depth: int = 8, color: int = 2) -> BytesIO:
    """Return a PNG of rows of packed samples."""
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    head = png_header(width, len(rows), depth=depth, color=color)
    return BytesIO(head + b"".join(chunks) + chunk(b"IDAT", data) + chunk(b"IEND"))


def with_chunks(png: bytes, *chunks: bytes, after: tuple[bytes, ...] = ()) -> bytes:
    """Return a PNG with chunks before and after its pixels."""
    start, end = png.index(b"IDAT") - 4, png.rindex(b"IEND") - 4
    return png[:start] + b"".join(chunks) + png[start:end] + b"".join(after) + png[end:]


def tiff(entries: dict[int, tuple[int, list[int]]], data: bytes, *, offset: int = 8) -> BytesIO:
    """Return a TIFF: by tag, the type of its numbers (3 or 4) and these.

    :param data: what stands at *offset*, before the directory.
    """
    start = offset + len(data)
    extra = b""
    directory = struct.pack("<H", len(entries))
    place = start + 2 + 12 * len(entries) + 4
    for tag, (kind, numbers) in sorted(entries.items()):
        packed = struct.pack("<" + {3: "H", 4: "I"}[kind] * len(numbers), *numbers)
        if len(packed) > 4:
            value = struct.pack("<I", place + len(extra))
            extra += packed
        else:
            value = packed.ljust(4, b"\0")
        directory += struct.pack("<HHI", tag, kind, len(numbers)) + value
    head = b"II*\0" + struct.pack("<I", start)
    return BytesIO(head.ljust(offset, b"\0") + data + directory + bytes(4) + extra)


def box(kind: bytes, data: bytes) -> bytes:
    """Return a box of ISO media."""
    return struct.pack(">I", len(data) + 8) + kind + data


def with_property(avif: bytes, kind: bytes, data: bytes) -> bytes:
    """Return an AVIF still, as Pillow writes it, whose picture has one property more."""
    added = box(kind, data)
    start = avif.index(b"ipco") - 4
    end = start + struct.unpack_from(">I", avif, start)[0]
    number, position = 1, start + 8
    while position < end:
        position += struct.unpack_from(">I", avif, position)[0]
        number += 1
    # After the version and flags and the number of items: an item, and how many properties it has.
    owned = avif.index(b"ipma") + 4 + 4 + 4 + 2
    out = bytearray(avif)
    out[owned] += 1
    out[owned + 1 : owned + 1] = bytes([0x80 | number])
    out[end:end] = added
    grown = len(added) + 1
    for name, more in ((b"meta", grown), (b"iprp", grown), (b"ipma", 1), (b"ipco", len(added))):
        start = out.index(name) - 4
        struct.pack_into(">I", out, start, struct.unpack_from(">I", out, start)[0] + more)
    return _move_places(bytes(out), grown)


def _move_places(avif: bytes, more: int) -> bytes:
    """Add to the places of the items (iloc, version 0, with offsets of 4 bytes)."""
    start = avif.index(b"iloc") + 4
    version = avif[start]
    sizes = avif[start + 4], avif[start + 5]
    assert version == 0
    assert sizes[0] == 0x44
    out = bytearray(avif)
    base = sizes[1] >> 4
    position = start + 8
    for _ in range(struct.unpack_from(">H", avif, start + 6)[0]):
        position += 4 + base
        (extents,) = struct.unpack_from(">H", avif, position)
        position += 2
        for _ in range(extents):
            (place,) = struct.unpack_from(">I", avif, position)
            struct.pack_into(">I", out, position, place + more)
            position += 8
    return bytes(out)


SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _s15(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def profile(space: bytes, gamma: float = 1.0) -> bytes:
    """Return an ICC profile of version 2: gray, or sRGB's primaries in another order (red is
    green, green is blue, blue is red), with a gamma.
    """
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    white = b"XYZ " + bytes(4) + _s15(0.9642) + _s15(1.0) + _s15(0.8249)
    primaries = [
        b"XYZ " + bytes(4) + b"".join(map(_s15, xyz))
        for xyz in ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))
    ]
    text = b"desc" + bytes(4) + struct.pack(">I", 2) + b"x\0" + bytes(78)
    tags = [(b"desc", text), (b"wtpt", white)]
    if space == b"GRAY":
        tags.append((b"kTRC", curve))
    else:
        tags += [(name + b"TRC", curve) for name in (b"r", b"g", b"b")]
        order = (1, 2, 0)
        tags += [
            (name + b"XYZ", primaries[n]) for name, n in zip((b"r", b"g", b"b"), order, strict=True)
        ]
    place = 128 + 4 + 12 * len(tags)
    table, data = struct.pack(">I", len(tags)), b""
    for name, content in tags:
        table += name + struct.pack(">II", place + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    head = bytes(4) + bytes(4) + b"\2\x20\0\0" + b"mntr" + space + b"XYZ "
    head = head.ljust(36, b"\0") + b"acsp"
    head = head.ljust(68, b"\0") + _s15(0.9642) + _s15(1.0) + _s15(0.8249)
    whole = head.ljust(128, b"\0") + table + data
    return struct.pack(">I", len(whole)) + whole[4:]
