"""Pictures as visitors send them, good and bad, by name."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

FORMATS = {
    "JPEG": "jpg",
    "PNG": "png",
    "GIF": "gif",
    "WEBP": "webp",
    "AVIF": "avif",
    "TIFF": "tiff",
}


def make_pictures() -> dict[str, bytes]:
    """Return each picture by the name of its file."""
    found: dict[str, bytes] = {}
    for format, extension in FORMATS.items():
        data = _saved(_photograph(), format)
        found[f"good.{extension}"] = data
        found[f"cut.{extension}"] = data[: len(data) * 2 // 3]
        found[f"head.{extension}"] = data[:300]
        found[f"without-end.{extension}"] = data[:-3]
        found[f"flipped.{extension}"] = _flipped(data)
        found[f"empty.{extension}"] = b""
        found[f"page.{extension}"] = b"<!doctype html><script>alert(1)</script>"
    for format in ("GIF", "WEBP", "PNG", "AVIF"):
        name = f"moving.{FORMATS[format]}"
        found[name] = _saved(
            _photograph(), format, save_all=True, append_images=[_photograph("red")], duration=100
        )
    for mode in ("1", "L", "LA", "P", "I;16", "RGBA"):
        found[f"mode-{mode.replace(';', '')}.png"] = _saved(_in_mode(mode), "PNG")
    for mode in ("L", "CMYK"):
        found[f"mode-{mode}.jpg"] = _saved(_in_mode(mode), "JPEG")
    for mode in ("CMYK", "LAB", "F", "I;16", "RGBA"):
        found[f"mode-{mode.replace(';', '')}.tiff"] = _saved(_in_mode(mode), "TIFF")
    found["mpo.jpg"] = _saved(
        _photograph(), "MPO", save_all=True, append_images=[_photograph("red")]
    )
    for broken in (b"XX*\0\x08\0\0\0\0\0", b"II*\0", b"MM\0*\0\0\0\x08\xff\xff"):
        name = f"exif-{broken.hex()[:8]}"
        found[f"{name}.jpg"] = _saved(_photograph(), "JPEG", exif=b"Exif\0\0" + broken)
        found[f"{name}.png"] = _saved(_photograph(), "PNG", exif=b"Exif\0\0" + broken)
    good = found["good.png"]
    found["much-text.png"] = _with(
        good, _chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(2_000_000)))
    )
    found["wrong-crc.png"] = _with(good, _chunk(b"tEXt", b"a\0b", crc=5))
    found["good-gamma.png"] = _with(good, _chunk(b"gAMA", struct.pack(">I", 100_000)))
    found["good-colors.png"] = _with(good, _chunk(b"cICP", bytes((12, 16, 0, 1))))
    wide = found["good.avif"]
    place = wide.index(b"nclx") + 4
    found["good-colors.avif"] = wide[:place] + bytes((0, 9, 0, 18)) + wide[place + 4 :]
    found["short-gamma.png"] = _with(good, _chunk(b"gAMA", b"\0"))
    found["bad-profile.jpg"] = _saved(_photograph(), "JPEG", icc_profile=bytes(200))
    found["later-frame-broken.gif"] = found["moving.gif"][:-40] + bytes(40)
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    found["bomb.png"] = good[:8] + _chunk(b"IHDR", head) + good[33:]
    return found


def _photograph(color: str = "teal") -> Image.Image:
    image = Image.effect_noise((160, 120), 60).convert("RGB")
    ImageDraw.Draw(image).ellipse((40, 30, 120, 90), fill=color)
    return image


def _in_mode(mode: str) -> Image.Image:
    if mode == "LAB":
        return Image.merge("LAB", [_photograph().convert("L")] * 3)
    if mode in ("I;16", "F"):
        return _photograph().convert("L").convert("I").point(lambda v: v * 200).convert(mode)
    return _photograph().convert(mode)


def _saved(image: Image.Image, format: str, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def _flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0x55]) + data[middle + 1 :]


def _chunk(kind: bytes, data: bytes, *, crc: int | None = None) -> bytes:
    crc = zlib.crc32(kind + data) if crc is None else crc
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)


def _with(png: bytes, chunk: bytes) -> bytes:
    """A PNG with one more chunk, behind its header."""
    return png[:33] + chunk + png[33:]
