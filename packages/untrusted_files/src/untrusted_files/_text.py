"""Is it text, and in which encoding?"""

import codecs
from typing import IO

from ._streams import check_stream

_CHUNK_BYTES = 65_536
_UTF8_BOM = b"\xef\xbb\xbf"

# "Binary data bytes" (https://mimesniff.spec.whatwg.org/#binary-data-byte): what no text holds.
# Escape is none of them: ISO-2022-JP and colours in logs have it.
_BINARY = bytes({*range(9), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20)})

# In an 8-bit encoding nothing else proves that it is text: control bytes but TAB, LF, FF, CR.
_CONTROL = bytes({*range(9), 0x0B, *range(0x0E, 0x20), 0x7F})

_END_OF_FILE = b"\x1a"  # Ctrl-Z, which old programs write as the last byte


def is_text(head: bytes, *, is_whole: bool, eight_bit: bool = False) -> bool:
    """Return whether bytes are text: UTF-8 with or without byte order mark, or UTF-16 with one.

    :param head: the start of the file; empty is text.
    :param is_whole: *head* is all of it. Otherwise its last character may be cut in two.
    :param eight_bit: encodings that have a byte or two for a character will do as well: bytes
        without control characters but TAB, LF, FF, CR, and Ctrl-Z at the end of the file.
    """
    if is_whole:
        head = head.removesuffix(_END_OF_FILE)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return decode_utf16(head, is_whole=is_whole) is not None
    if head.translate(None, _BINARY) == head and _decodes(head, is_whole=is_whole):
        return True
    return eight_bit and head.translate(None, _CONTROL) == head


def decode_utf16(head: bytes, *, is_whole: bool) -> str | None:
    """Return text in UTF-16 that begins with a byte order mark; ``None`` if it is no such text."""
    try:
        text = codecs.getincrementaldecoder("utf-16")().decode(head, final=is_whole)
    except UnicodeDecodeError:
        return None
    controls = {one for one in set(text) if one < " "} - set("\t\n\f\r\x1b")
    if controls - ({"\x1a"} if is_whole and text.endswith("\x1a") else set()):
        return None
    return None if "\ufffe" in text or "\uffff" in text else text


def is_utf8(file: IO[bytes]) -> bool:
    """Return whether all of a file is UTF-8, with or without byte order mark.

    :param file: a seekable binary stream. It is read to its end, in bounded memory, and left at
        its start.
    :raises ArgumentError: it is no open binary stream that can be rewound.
    """
    check_stream(file)
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while chunk := file.read(_CHUNK_BYTES):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return True


def _decodes(head: bytes, *, is_whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=is_whole)
    except UnicodeDecodeError:
        return False
    return True
