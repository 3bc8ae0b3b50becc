"""Kinds of files that begin with the same bytes always.

Signatures are from the formats' own specifications, as the IANA registrations and
https://mimesniff.spec.whatwg.org/ quote them. Only data, and the plainest way to use it; whatever
is recognized by more than its first bytes has a module of its own.
"""

import re
from collections.abc import Callable

from ._bounded import BoundedReader

# By their first bytes; none of them is the beginning of another one here.
_STARTS: dict[bytes, tuple[str, ...]] = {
    b"\xff\xd8\xff": ("image/jpeg",),
    b"\x89PNG\r\n\x1a\n": ("image/png",),
    b"\0\0\0\x0cJXL \r\n\x87\n": ("image/jxl",),
    b"\xff\x0a": ("image/jxl",),
    b"\xff\x4f\xff\x51": ("image/j2c",),
    b"8BPS\0\x01": ("image/vnd.adobe.photoshop",),
    b"8BPS\0\x02": ("image/vnd.adobe.photoshop",),
    b"AT&TFORM": ("image/vnd.djvu",),
    b"AC10": ("image/vnd.dwg",),
    b"#?RADIANCE\n": ("image/vnd.radiance",),
    b"#?RGBE\n": ("image/vnd.radiance",),
    b"SIMPLE  =": ("image/fits",),
    b"\xd7\xcd\xc6\x9a": ("image/wmf",),
    b"\x01\0\x09\0\0\x03": ("image/wmf",),  # without a header for its place ([MS-WMF] 2.3.2.2)
    b"\x02\0\x09\0\0\x03": ("image/wmf",),
    b"\x76\x2f\x31\x01": ("image/x-exr",),
    b"gimp xcf ": ("image/x-xcf",),
    b"qoif": ("image/qoi",),
    b"FUJIFILMCCD-RAW ": ("image/x-fuji-raf",),
    b"fLaC": ("audio/flac",),
    b"MThd\0\0\0\x06": ("audio/midi",),
    b"#!AMR\n": ("audio/amr",),
    b"#!AMR_MC1.0\n": ("audio/amr",),
    b"#!AMR-WB\n": ("audio/amr-wb",),
    b"#!AMR-WB_MC1.0\n": ("audio/amr-wb",),
    b"\x0b\x77": ("audio/ac3",),
    b".snd\0": ("audio/basic",),
    b"caff\0\x01": ("audio/x-caf",),
    b"MAC \x80": ("audio/x-ape",),
    b"MAC \x96": ("audio/x-ape",),
    b"wvpk": ("audio/x-wavpack",),
    b"ADIF": ("audio/aac",),
    b"\0\0\x01\xba": ("video/mpeg",),
    b"\0\0\x01\xb3": ("video/mpeg",),
    b"FLV\x01": ("video/x-flv",),
    b"%PDF-": ("application/pdf",),
    b"%!PS": ("application/postscript",),
    b"\x04%!PS": ("application/postscript",),  # as drivers of printers write it
    b"\xc5\xd0\xd3\xc6": ("application/postscript",),  # EPS with a preview
    b"{\\rtf": ("text/rtf",),
    # A workbook that is no compound file, but its stream alone ([XLS], record BOF).
    b"\x09\x08\x10\0\0\x06\x05\0": ("application/vnd.ms-excel",),
    b"\x09\x08\x08\0\0\x05\x05\0": ("application/vnd.ms-excel",),
    b"ITSF": ("application/vnd.ms-htmlhelp",),
    b"\x1f\x8b": ("application/gzip",),  # RFC 6713, RFC 1952
    b"\xfd7zXZ\0": ("application/x-xz",),
    b"\x28\xb5\x2f\xfd": ("application/zstd",),  # RFC 8878
    b"\x04\x22\x4d\x18": ("application/x-lz4",),
    b"LZIP\x01": ("application/x-lzip",),
    b"7z\xbc\xaf\x27\x1c": ("application/x-7z-compressed",),
    b"Rar!\x1a\x07\0": ("application/vnd.rar",),
    b"Rar!\x1a\x07\x01\0": ("application/vnd.rar",),
    b"070701": ("application/x-cpio",),
    b"070707": ("application/x-cpio",),
    b"MSCF\0\0\0\0": ("application/vnd.ms-cab-compressed",),
    b"!<arch>\ndebian": ("application/x-debian-package",),
    b"\xed\xab\xee\xdb": ("application/x-rpm",),
    b"wOFF": ("font/woff",),
    b"wOF2": ("font/woff2",),
    b"OTTO\0": ("font/otf",),
    b"true\0": ("font/ttf",),
    b"ttcf\0": ("font/collection",),
    b"\0asm": ("application/wasm",),
    b"SQLite format 3\0": ("application/vnd.sqlite3",),  # https://www.sqlite.org/fileformat.html
    b"PAR1": ("application/vnd.apache.parquet",),
    b"glTF\x02\0\0\0": ("model/gltf-binary",),
    b"FWS": ("application/x-shockwave-flash",),
    b"CWS": ("application/x-shockwave-flash",),
    b"ZWS": ("application/x-shockwave-flash",),
    b"P1": ("image/x-portable-bitmap", "image/x-portable-anymap"),
    b"P4": ("image/x-portable-bitmap", "image/x-portable-anymap"),
    b"P2": ("image/x-portable-graymap", "image/x-portable-anymap"),
    b"P5": ("image/x-portable-graymap", "image/x-portable-anymap"),
    b"P3": ("image/x-portable-pixmap", "image/x-portable-anymap"),
    b"P6": ("image/x-portable-pixmap", "image/x-portable-anymap"),
}

# Netpbm: width and height follow, and comments may stand before them.
_PORTABLE = re.compile(rb"P[1-6]\s+(?:#[^\n]*\n\s*)*[0-9]+\s+(?:#[^\n]*\n\s*)*[0-9]+\s")

# Such short ones as these are only believed if this holds as well.
_CONFIRMED: dict[bytes, Callable[[bytes], bool]] = {
    b"\x1f\x8b": lambda head: head[2:3] == b"\x08",  # the only method, RFC 1952 section 2.3.1
    b"\x0b\x77": lambda head: len(head) > 5 and head[4] & 63 <= 37 and head[5] >> 3 <= 16,
    b"AC10": lambda head: head[4:6].isdigit(),
    **dict.fromkeys((b"FWS", b"CWS", b"ZWS"), lambda head: 0 < int.from_bytes(head[3:4]) < 64),
    **dict.fromkeys(
        (b"P1", b"P2", b"P3", b"P4", b"P5", b"P6"),
        lambda head: _PORTABLE.match(head[:1024]) is not None,
    ),
}

# Further in: place, bytes, type.
_INSIDE = (
    (257, b"ustar", "application/x-tar"),
    (128, b"DICM", "application/dicom"),
    (60, b"BOOKMOBI", "application/x-mobipocket-ebook"),
    (34, b"LP", "application/vnd.ms-fontobject"),
    (40, b" EMF", "image/emf"),
    (32_769, b"CD001", "application/x-iso9660-image"),
)

_LENGTHS = sorted({len(start) for start in _STARTS}, reverse=True)


def read_signature(reader: BoundedReader) -> tuple[str, ...]:
    """Return the types that a file may have by its first bytes; none if they are not known."""
    head = reader.head
    for length in _LENGTHS:
        start = head[:length]
        found = _STARTS.get(start)
        if found and _is_confirmed(start, head):
            return found
    for place, mark, kind in _INSIDE:
        if head[place : place + len(mark)] == mark and _has_start(kind, head):
            return (kind,)
    return ()


def _is_confirmed(start: bytes, head: bytes) -> bool:
    confirms = _CONFIRMED.get(start)
    return confirms is None or confirms(head)


def _has_start(kind: str, head: bytes) -> bool:
    """Two of the marks are short: their files have a version or a kind of record before."""
    if kind == "application/vnd.ms-fontobject":
        return head[8:12] in (b"\0\0\x01\0", b"\x01\0\x02\0", b"\x02\0\x02\0")
    if kind == "image/emf":
        return head[:4] == b"\x01\0\0\0"
    return True
