"""Small files that ask for much: each must be refused, or made within the limits."""

import struct
import zlib
from collections.abc import Callable
from functools import cache, partial

import picture_samples as samples
from picture_samples import PNG_SIGNATURE, animation, box, chunk, png_header, saved, segment, tiff
from PIL import Image

_MEGABYTE = 1_000_000


@cache
def _gray_jpeg(side: int, *, progressive: bool = True) -> bytes:
    image = Image.new("L", (side, side), 128)
    return saved(image, "JPEG", progressive=progressive).getvalue()


def jpeg_of_scans(side: int, scans: int) -> bytes:
    """Return a progressive JPEG that has its last scan so many times more."""
    jpeg = _gray_jpeg(side)
    start = jpeg.rindex(b"\xff\xda")
    tables = jpeg.rindex(b"\xff\xc4", 0, start)
    last = jpeg[tables if start - tables < 200 else start : -2]
    return jpeg[:-2] + last * scans + b"\xff\xd9"


def gif_of_frames(frames: int, *, side: int = 1) -> bytes:
    """Return a GIF of that many frames of 23 bytes."""
    head = b"GIF89a" + struct.pack("<HH", side, side) + b"\x80\0\0\0\0\0\xff\xff\xff"
    image = b"," + struct.pack("<HHHH", 0, 0, 1, 1) + b"\0\x02\x02"
    control = b"!\xf9\4\0\5\0\0\0"
    pixels = (b"\x44\1\0", b"\x4c\1\0")
    return head + b"".join(control + image + pixels[n % 2] for n in range(frames)) + b";"


def png_of(*chunks: bytes, size: tuple[int, int] = (10, 10)) -> bytes:
    data = zlib.compress(bytes((1 + 3 * size[0]) * size[1]))
    return png_header(*size) + b"".join(chunks) + chunk(b"IDAT", data) + chunk(b"IEND")


def _png_bomb(side: int) -> bytes:
    compressor = zlib.compressobj(9)
    row = bytes(1 + side * 3)
    data = b"".join(compressor.compress(row) for _ in range(min(side, 3000))) + compressor.flush()
    return png_header(side, side) + chunk(b"IDAT", data) + chunk(b"IEND")


def _apng_of_frames(frames: int, *, size: int = 1, claimed: int | None = None) -> bytes:
    data = zlib.compress(bytes((1 + 3 * size) * size))
    number = 0
    parts = [png_header(size, size), chunk(b"acTL", struct.pack(">II", claimed or frames, 0))]
    for frame in range(frames):
        control = struct.pack(">IIIIIHHBB", number, size, size, 0, 0, 1, 10, 0, 0)
        parts.append(chunk(b"fcTL", control))
        number += 1
        if frame:
            parts.append(chunk(b"fdAT", struct.pack(">I", number) + data))
            number += 1
        else:
            parts.append(chunk(b"IDAT", data))
    return b"".join([*parts, chunk(b"IEND")])


def _webp_of_frames(frames: int) -> bytes:
    small = animation("WEBP", *(Image.new("RGB", (16, 16), c) for c in ("red", "blue"))).getvalue()
    start = small.index(b"ANMF")
    (length,) = struct.unpack_from("<I", small, start + 4)
    frame = small[start : start + 8 + length]
    body = small[12:start] + frame * frames
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def avif_that_lies(side: int) -> bytes:
    """Return an AVIF whose container announces 16x16 pixels, and whose stream has many more."""
    avif = saved(Image.new("L", (side, side)), "AVIF", speed=10, quality=10).getvalue()
    extents = avif.index(b"ispe") + 8
    return avif[:extents] + struct.pack(">II", 16, 16) + avif[extents + 8 :]


def _avif_that_claims(side: int) -> bytes:
    avif = saved(Image.new("L", (64, 64)), "AVIF", speed=10).getvalue()
    extents = avif.index(b"ispe") + 8
    return avif[:extents] + struct.pack(">II", side, side) + avif[extents + 8 :]


def _jpeg2000_that_claims(side: int) -> bytes:
    file = saved(Image.new("RGB", (64, 64)), "JPEG2000").getvalue()
    size = file.index(b"\xff\x51") + 6
    return file[:size] + struct.pack(">II", side, side) + file[size + 8 :]


def _jpeg2000_of_precincts() -> bytes:
    image = Image.new("L", (3000, 3000))
    return saved(image, "JPEG2000", precinct_size=(4, 4), codeblock_size=(4, 4)).getvalue()


def _jpeg2000_of_tiles() -> bytes:
    file = saved(Image.new("L", (4000, 4000)), "JPEG2000").getvalue()
    tile = file.index(b"\xff\x51") + 22
    return file[:tile] + struct.pack(">II", 8, 8) + file[tile + 8 :]


def _tiff_of_strips(rows: int, length: int) -> bytes:
    """Return a TIFF whose strips are all the same large part of the file."""
    data = zlib.compress(bytes(_MEGABYTE), 0)[:length]
    entries = {
        256: (4, [1000]), 257: (4, [rows]), 258: (3, [8]), 259: (3, [8]), 262: (3, [1]),
        273: (4, [8] * rows), 277: (3, [1]), 278: (4, [1]), 279: (4, [len(data)] * rows),
    }  # fmt: skip
    return tiff(entries, data).getvalue()


def _tiff_of_tiles(side: int) -> bytes:
    entries = {
        256: (4, [64]), 257: (4, [64]), 258: (3, [8]), 259: (3, [8]), 262: (3, [1]),
        277: (3, [1]), 322: (4, [side]), 323: (4, [side]), 324: (4, [8]), 325: (4, [100]),
    }  # fmt: skip
    return tiff(entries, zlib.compress(bytes(1000)).ljust(100)).getvalue()


def _tiff_of_tags(count: int) -> bytes:
    """Return a TIFF of many tags, each of which says that its value is most of the file."""
    data = bytes(_MEGABYTE)
    basic = {256: (4, [8]), 257: (4, [8]), 258: (3, [8]), 262: (3, [1]), 273: (4, [8]),
             278: (4, [8]), 279: (4, [64])}  # fmt: skip
    entry = struct.pack("<HHII", 60000, 7, _MEGABYTE - 8, 8)
    small = tiff(basic, data).getvalue()
    (start,) = struct.unpack_from("<I", small, 4)
    old = small[start + 2 : start + 2 + 12 * len(basic)]
    directory = struct.pack("<H", count + len(basic)) + old + entry * count + bytes(4)
    return small[:start] + directory


def _bmp_of_runs(side: int) -> bytes:
    data = b"\1\1" * (side * side)
    head = b"BM" + struct.pack("<IHHI", 0, 0, 0, 54 + 1024)
    info = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, len(data), 0, 0, 256, 0)
    return head + info + bytes(range(256)) * 4 + data


def _bmp_that_claims(side: int) -> bytes:
    bmp = bytearray(saved(Image.new("RGB", (8, 8)), "BMP").getvalue())
    bmp[18:26] = struct.pack("<ii", side, side)
    return bytes(bmp)


def _gif_that_claims(side: int) -> bytes:
    gif = bytearray(gif_of_frames(1))
    gif[6:10] = struct.pack("<HH", side, side)
    return bytes(gif)


def _gif_of_small_blocks() -> bytes:
    gif = gif_of_frames(1)
    return gif[:-5] + b"\1\0" * (5 * _MEGABYTE) + b"\0;"


def _webp_that_claims() -> bytes:
    bits = (16382 | 16382 << 14).to_bytes(4, "little")
    data = b"\x2f" + bits + bytes(20)
    body = b"WEBPVP8L" + struct.pack("<I", len(data)) + data + b"\0"
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _jpeg_that_claims(side: int) -> bytes:
    jpeg = bytearray(_gray_jpeg(64, progressive=False))
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = struct.pack(">HH", side, side)
    return bytes(jpeg)


def _profile_bomb() -> bytes:
    return chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(100 * _MEGABYTE), 9))


_JPEG = _gray_jpeg(64, progressive=False)
_DEEP = b""
for _ in range(2000):
    _DEEP = box(b"meta", bytes(4) + _DEEP)

#: By name, what makes the file.
HOSTILE: dict[str, Callable[[], bytes]] = {
    "PNG of 900,000 empty chunks": lambda: png_of(chunk(b"abCd") * 900_000),
    "PNG of 700,000 empty IDAT": lambda: png_of(chunk(b"IDAT") * 700_000),
    "PNG of 900,000 empty chunks behind": lambda: png_of() + chunk(b"abCd") * 900_000,
    "PNG, 10 profiles of 100 MB": lambda: png_of(_profile_bomb() * 10),
    "PNG, 100 texts of 10 MB": lambda: png_of(
        chunk(b"zTXt", b"x\0\0" + zlib.compress(bytes(10 * _MEGABYTE), 9)) * 100
    ),
    "PNG of 60,000x60,000": lambda: _png_bomb(60_000),
    "PNG of 4,890x4,890": lambda: _png_bomb(4_890),
    "PNG, 16 bits, 4,890x4,890, interlaced": lambda: (
        png_header(4890, 4890, depth=16, color=6, interlaced=True)
        + chunk(b"IDAT", zlib.compress(bytes(201 * _MEGABYTE), 9))
        + chunk(b"IEND")
    ),
    "APNG of 50,000 frames": lambda: _apng_of_frames(50_000),
    "APNG of 900 frames": lambda: _apng_of_frames(900),
    "APNG that claims 4 billion frames": lambda: _apng_of_frames(2, claimed=2**32 - 1),
    "APNG of 12 frames of 2,000x2,000": lambda: _apng_of_frames(12, size=2000),
    "JPEG of 2.5 million segments": lambda: _JPEG[:2] + segment(0xE0, b"") * 2_500_000 + _JPEG[2:],
    "JPEG of 10 MB of FF": lambda: _JPEG[:2] + b"\xff" * (10 * _MEGABYTE) + _JPEG[2:],
    "JPEG, 10 MB of zeros between segments": lambda: (
        _JPEG[:20] + bytes(10 * _MEGABYTE) + _JPEG[20:]
    ),
    "JPEG of 10 MB of tables": lambda: (
        _JPEG[:2] + segment(0xDB, bytes([0] + [1] * 64)) * 150_000 + _JPEG[2:]
    ),
    "JPEG of 2 million tables in its scan": lambda: (
        _JPEG[:-2] + segment(0xDD, b"\0\0") * 2_000_000 + _JPEG[-2:]
    ),
    "JPEG of 7,000x7,000 and 200 scans more": lambda: jpeg_of_scans(7_000, 200),
    "JPEG of 7,000x7,000 and 2,000 scans more": lambda: jpeg_of_scans(7_000, 2_000),
    "JPEG of 7,000x7,000 and 90 scans more": lambda: jpeg_of_scans(7_000, 90),
    "JPEG of 7,000x7,000": lambda: jpeg_of_scans(7_000, 0),
    "JPEG of 2,400x2,400 and 90 scans more": lambda: jpeg_of_scans(2_400, 90),
    "JPEG of 65,500x65,500": lambda: _jpeg_that_claims(65_500),
    "GIF of 700 frames": lambda: gif_of_frames(700),
    "GIF of 10,000 frames": lambda: gif_of_frames(10_000),
    "GIF of 400,000 frames": lambda: gif_of_frames(400_000),
    "GIF of 990 frames of 220x220": lambda: gif_of_frames(990, side=220),
    "GIF of 65,535x65,535": lambda: _gif_that_claims(65_535),
    "GIF of 4,890x4,890": lambda: _gif_that_claims(4_890),
    "GIF of 5 million blocks": _gif_of_small_blocks,
    "GIF of 10 MB of comments": lambda: (
        gif_of_frames(1)[:19] + (b"!\xfe" + b"\1x" * 500 + b"\0") * 10_000 + gif_of_frames(1)[19:]
    ),
    "WebP of 16,383x16,383": _webp_that_claims,
    "WebP of 4,890x4,890": lambda: saved(Image.new("RGB", (4890, 4890)), "WEBP").getvalue(),
    "WebP of 50,000 frames": lambda: _webp_of_frames(50_000),
    "WebP of 900 frames": lambda: _webp_of_frames(900),
    "AVIF of 5,000x5,000 that claims 16x16": lambda: avif_that_lies(5_000),
    "AVIF that claims 100,000x100,000": lambda: _avif_that_claims(100_000),
    "AVIF of 4,890x4,890": lambda: saved(
        Image.new("RGB", (4890, 4890)), "AVIF", speed=10
    ).getvalue(),
    "AVIF, boxes in boxes": lambda: box(b"ftyp", b"avif\0\0\0\0avif") + _DEEP,
    "AVIF of 1 million boxes": lambda: (
        box(b"ftyp", b"avif\0\0\0\0avif") + box(b"free", b"") * _MEGABYTE
    ),
    **{f"{one} of 2 frames": partial(samples.two_large_frames, one) for one in samples.MOVING},
    "TIFF of 3,000 strips in one place": lambda: _tiff_of_strips(3_000, _MEGABYTE),
    "TIFF of tiles of 60,000x60,000": lambda: _tiff_of_tiles(60_000),
    "TIFF of 4,000 tags of 1 MB": lambda: _tiff_of_tags(4_000),
    "TIFF of 60,000 tags of 1 MB": lambda: _tiff_of_tags(60_000),
    "BMP of 2,000,000x2,000,000": lambda: _bmp_that_claims(2_000_000),
    "BMP of 9 million runs": lambda: _bmp_of_runs(3_000),
    "BMP of 1 million runs": lambda: _bmp_of_runs(1_000),
    "PPM of 10 MB of comments": lambda: (
        b"P6\n" + b"#\n" * (5 * _MEGABYTE) + b"1 1 255\n" + bytes(3)
    ),
    "PPM of 10 MB of comments in its numbers": lambda: (
        b"P3\n600 600 255\n" + b"1 #\n" * int(2.5 * _MEGABYTE)
    ),
    "PPM of a line of 10 MB": lambda: (
        b"P6\n#" + b" " * (10 * _MEGABYTE) + b"\n1 1 255\n" + bytes(3)
    ),
    "PPM of 600x600 numbers": lambda: b"P3\n600 600 255\n" + b"7 " * (600 * 600 * 3),
    "PPM of 5,000x5,000 numbers": lambda: b"P3\n5000 5000 255\n" + b"7 " * _MEGABYTE,
    "PPM of 1,000,000x1,000,000": lambda: b"P6\n1000000 1000000 255\n" + bytes(3),
    "JPEG 2000 that claims 60,000x60,000": lambda: _jpeg2000_that_claims(60_000),
    "JPEG 2000 of precincts of 4x4": _jpeg2000_of_precincts,
    "JPEG 2000 of 250,000 tiles": _jpeg2000_of_tiles,
    "JPEG 2000 of 3,450x3,450": lambda: saved(
        Image.new("RGBA", (3450, 3450)), "JPEG2000"
    ).getvalue(),
    "HEIF, boxes in boxes": lambda: box(b"ftyp", b"heic\0\0\0\0heic") + _DEEP,
    "nothing but the signature of PNG": lambda: PNG_SIGNATURE,
    "100 MB of spaces": lambda: b" " * (100 * _MEGABYTE),
    "SVG that is never one": lambda: b"<!--" * 2_000_000,
}

#: Those that take longer to write than to read, or as long as they may: for the benchmark.
HEAVY = {
    "PNG of 60,000x60,000",
    "PNG of 4,890x4,890",
    "PNG, 16 bits, 4,890x4,890, interlaced",
    "JPEG of 7,000x7,000",
    "JPEG of 7,000x7,000 and 90 scans more",
    "JPEG of 7,000x7,000 and 2,000 scans more",
    "JPEG of 2,400x2,400 and 90 scans more",
    "GIF of 990 frames of 220x220",
    "GIF of 4,890x4,890",
    "WebP of 4,890x4,890",
    *(f"{one} of 2 frames" for one in samples.MOVING),
    "AVIF of 4,890x4,890",
    "BMP of 1 million runs",
    "PPM of 600x600 numbers",
    "JPEG 2000 of precincts of 4x4",
    "JPEG 2000 of 3,450x3,450",
}
assert set(HOSTILE) >= HEAVY
