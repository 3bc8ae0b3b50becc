"""Kinds of files whose signature is too short to be believed alone: the header must make sense."""

import re

from ._bounded import BoundedReader, big, little

_BITMAP_HEADERS = (12, 16, 40, 52, 56, 64, 108, 124)  # bytes of BITMAPINFOHEADER and its versions
_MAX_ICONS = 1_024
_BZ2_BLOCKS = (b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90")  # of data; the end
_PE_OFFSETS = range(0x40, 0x10000)
_FONT_TABLES = range(1, 256)
_TS_BYTES = 188
_LONGEST_NAME = 4_096  # bytes
_PDF_BYTES = 1024
_PDF = re.compile(rb"%PDF-[0-9]")


def read_short_signature(reader: BoundedReader) -> tuple[str, ...]:
    """Return the types that a file may have; none if it is none of these."""
    head = reader.head
    for check, kind in _KINDS.items():
        if check(head):
            return (kind,)
    return ()


def read_late_pdf(reader: BoundedReader) -> tuple[str, ...]:
    """Return PDF's type for a file whose header comes late: readers accept it within the first
    1,024 bytes (PDF 1.7 of Adobe, appendix H.3, note 13).
    """
    return ("application/pdf",) if _PDF.search(reader.head[:_PDF_BYTES]) else ()


def _is_gif(head: bytes) -> bool:
    return head[:6] in (b"GIF87a", b"GIF89a")


def _is_bitmap(head: bytes) -> bool:
    return head[:2] == b"BM" and little(head, 14) in _BITMAP_HEADERS and len(head) >= 26


def _is_icon(head: bytes) -> bool:
    """ICONDIR and its first entry: https://learn.microsoft.com/previous-versions/ms997538"""
    if head[:4] not in (b"\0\0\x01\0", b"\0\0\x02\0"):
        return False
    count = little(head, 4, 2)
    return (
        0 < count <= _MAX_ICONS
        and head[9:10] in (b"\0", b"\xff")
        and little(head, 14) > 0
        and little(head, 18) >= 6 + 16 * count
    )


def _is_true_type(head: bytes) -> bool:
    """OpenType 1.9.1, table directory: the tags of tables are of printable ASCII."""
    if head[:4] != b"\0\x01\0\0" or big(head, 4, 2) not in _FONT_TABLES:
        return False
    tag = head[12:16]
    return len(tag) == 4 and all(0x20 <= byte < 0x7F for byte in tag)


def _is_bzip2(head: bytes) -> bool:
    return head[:3] == b"BZh" and head[3:4] in b"123456789" and head[4:10] in _BZ2_BLOCKS


def _is_program(head: bytes) -> bool:
    """[PE format]: at 0x3C is the place of the mark PE."""
    place = little(head, 0x3C)
    return head[:2] == b"MZ" and place in _PE_OFFSETS and head[place : place + 4] == b"PE\0\0"


def _is_transport_stream(head: bytes) -> bool:
    """ISO/IEC 13818-1: packets of 188 bytes; on discs each has 4 bytes before it."""
    for start, step in ((0, _TS_BYTES), (4, _TS_BYTES + 4)):
        marks = head[start : start + 5 * step : step]
        controls = head[start + 3 : start + 3 + 5 * step : step]
        # No packet has neither payload nor adaptation field; that keeps text out (2.4.3.2).
        if len(marks) >= 2 and not marks.strip(b"\x47") and all(one & 0x30 for one in controls):
            return True
    return False


def _is_old_tar(head: bytes) -> bool:
    """Before POSIX: no mark, but a sum of the header's bytes, its own eight as spaces."""
    header = head[:512]
    if len(header) < 512 or not header[0]:
        return False
    digits = header[148:156].strip(b"\0 ")
    if not digits or digits.strip(b"01234567"):
        return False
    return sum(header) - sum(header[148:156]) + 8 * 32 == int(digits, 8)


def _is_old_cpio(head: bytes) -> bool:
    """What cpio writes by default: 13 numbers of 16 bits in either order, and a
    name that ends in a zero (cpio(5), "Old Binary Format").
    """
    number = {b"\xc7\x71": little, b"\x71\xc7": big}.get(head[:2])
    if number is None:
        return False
    length = number(head, 20, 2)
    return 1 < length <= _LONGEST_NAME and head[25 + length : 26 + length] == b"\0"


_KINDS = {
    _is_gif: "image/gif",
    _is_bitmap: "image/bmp",
    _is_icon: "image/vnd.microsoft.icon",
    _is_true_type: "font/ttf",
    _is_bzip2: "application/x-bzip2",
    _is_program: "application/vnd.microsoft.portable-executable",
    _is_transport_stream: "video/mp2t",
    _is_old_tar: "application/x-tar",
    _is_old_cpio: "application/x-cpio",
}
