"""Formats: how their files begin, and which of Pillow's plugins read them."""

import re
from collections.abc import Callable, Iterable
from importlib import import_module
from importlib.util import find_spec

from ..exceptions import ArgumentError
from ._bmp import read_bmp
from ._gif import read_gif
from ._isobmff import AVIF_BRANDS, HEIF_BRANDS, read_avif, read_heif
from ._jpeg import read_jpeg
from ._jpeg2000 import read_jpeg2000
from ._limits import Limits
from ._pillow import Image
from ._png import read_png
from ._ppm import read_ppm
from ._refusals import not_read, unknown
from ._source import Source
from ._structure import Structure
from ._tiff import read_tiff
from ._webp import read_webp

#: The formats that are read by default. HEIF also needs a plugin: the extra ``heic``.
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "HEIF", "TIFF", "BMP", "PPM", "JPEG2000")

#: The readers of headers, by format.
READERS: dict[str, Callable[[Source, Limits], Structure]] = {
    "JPEG": read_jpeg,
    "PNG": read_png,
    "GIF": read_gif,
    "WEBP": read_webp,
    "AVIF": read_avif,
    "HEIF": read_heif,
    "TIFF": read_tiff,
    "BMP": read_bmp,
    "PPM": read_ppm,
    "JPEG2000": read_jpeg2000,
}

_PLUGINS = {
    "JPEG": "JpegImagePlugin",
    "PNG": "PngImagePlugin",
    "GIF": "GifImagePlugin",
    "WEBP": "WebPImagePlugin",
    "AVIF": "AvifImagePlugin",
    "TIFF": "TiffImagePlugin",
    "BMP": "BmpImagePlugin",
    "PPM": "PpmImagePlugin",
    "JPEG2000": "Jpeg2KImagePlugin",
}
_HEIF_PLUGINS = ("pi_heif", "pillow_heif")

# Pillow hands these to another program, Ghostscript, which runs them.
_PROGRAMS = ("EPS",)

_SIGNATURES = (
    ("JPEG", re.compile(rb"\xff\xd8\xff")),
    ("PNG", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("GIF", re.compile(rb"GIF8[79]a")),
    ("WEBP", re.compile(rb"RIFF....WEBP", re.DOTALL)),
    ("TIFF", re.compile(rb"II[*+]\0|MM\0[*+]")),
    ("BMP", re.compile(rb"BM")),
    ("PPM", re.compile(rb"P(?:[1-6]|f)[\s#]")),
    ("JPEG2000", re.compile(rb"\xff\x4f\xff\x51|\0\0\0\x0cjP  \r\n\x87\n")),
)
_SVG = re.compile(
    # Atomic, so that it takes no longer than there are bytes.
    rb"(?:\xef\xbb\xbf)?(?>(?>\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)*)"
    rb"<(?:\w+:)?svg[\s>/]",
    re.DOTALL | re.IGNORECASE,
)
_HEAD = 4096


def check_formats(formats: Iterable[str]) -> tuple[str, ...]:
    """Return the names of formats in upper case.

    :raises ArgumentError: there is none, Pillow does not know one of them, or it is EPS.
    """
    if isinstance(formats, str) or not isinstance(formats, Iterable):
        raise ArgumentError("formats", formats, "a list of names, such as ['JPEG', 'PNG']")
    names = tuple(dict.fromkeys(str(name).upper() for name in formats))
    if not names:
        raise ArgumentError("formats", formats, "one name or more, such as 'JPEG'")
    for name in names:
        if name in _PROGRAMS:
            raise ArgumentError("formats", name, "pictures: EPS is a program, which would be run")
        if name not in READERS:
            if name not in Image.OPEN:
                Image.init()
            if name not in Image.OPEN:
                raise ArgumentError("formats", name, "names that Pillow has, such as 'ICO'")
    return names


def find_format(source: Source) -> str | None:
    """Return the format of a file by its first bytes; ``None`` if it is unknown."""
    head = source.peek(32)
    if head[4:8] == b"ftyp":
        return _find_brand(source)
    return next((name for name, signature in _SIGNATURES if signature.match(head)), None)


def _find_brand(source: Source) -> str | None:
    """Return the format of a file of boxes: its main brand decides, then the compatible ones."""
    length = min(int.from_bytes(source.peek(4), "big"), _HEAD)
    head = source.peek(length)
    for brand in (head[8:12], *(head[n : n + 4] for n in range(16, len(head), 4))):
        if brand in AVIF_BRANDS:
            return "AVIF"
        if brand in HEIF_BRANDS - {b"mif1", b"msf1", b"mif2"}:
            return "HEIF"
    return "HEIF" if head[8:12] in HEIF_BRANDS else None


def is_svg(source: Source) -> bool:
    """Report whether a file begins as SVG does."""
    return bool(_SVG.match(source.peek(_HEAD)))


def prepare(format: str) -> None:
    """Import the plugin by which Pillow reads a format.

    :raises BrokenPictureError: it is HEIF, and no plugin is installed.
    """
    if format in _PLUGINS:
        import_module(f"PIL.{_PLUGINS[format]}")
    elif format == "HEIF" and "HEIF" not in Image.OPEN:
        module = next((name for name in _HEIF_PLUGINS if find_spec(name)), None)
        if module is None:
            raise not_read(
                "HEIC",
                "HEIF needs a plugin of Pillow: pip install 'untrusted-files[heic]'",
            )
        import_module(module).register_heif_opener()


def refusal(source: Source, format: str | None) -> Exception:
    """Return the error for a file of a format that is not read."""
    if is_svg(source):
        return not_read("SVG", "SVG is not read: it is a document, not a picture of pixels")
    if format:
        name = "HEIC" if format == "HEIF" else format
        return not_read(name, f"{format} is not among the allowed formats")
    return unknown("not a picture of a known format")
