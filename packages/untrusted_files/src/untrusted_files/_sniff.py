"""Content types by the bytes of a file."""

from collections.abc import Callable
from typing import IO

from ._asf import read_asf
from ._bounded import BoundedReader
from ._families import is_text_type, type_of_name
from ._iso_media import read_iso_media
from ._markup import read_markup
from ._matroska import read_matroska
from ._mpeg_audio import find_frames, read_mpeg_audio
from ._ogg import read_ogg
from ._ole import read_ole
from ._riff import read_riff
from ._short_signatures import read_late_pdf, read_short_signature
from ._signatures import read_signature
from ._text import is_text
from ._tiff import read_tiff
from ._zip_kinds import read_zip

_Read = Callable[[BoundedReader], tuple[str, ...]]

# The most certain first. Markup comes before a PDF that begins late, as in browsers.
_READERS: tuple[_Read, ...] = (
    read_zip,
    read_ole,
    read_iso_media,
    read_riff,
    read_matroska,
    read_ogg,
    read_asf,
    read_tiff,
    read_signature,
    read_short_signature,
    read_mpeg_audio,
    read_markup,
    read_late_pdf,
)


def sniff_content_type(file: IO[bytes], filename: str = "") -> str | None:
    """Return the content type of a file by its bytes: ``'image/png'``; ``None`` if it is unknown.

    The name decides only among the types that the bytes allow: text in a file ``a.csv`` is
    ``'text/csv'``, text in ``a.png`` is ``'text/plain'``, or ``'text/html'`` if it is HTML; a HEIC
    may be called ``.heif``. Text is UTF-8 with or without byte order mark, or UTF-16 with one;
    under the name of a kind of text, an 8-bit encoding, too.

    At most 4 MB are read, however large the file is and whatever its headers say.

    :param file: a seekable binary stream. It is left open, at its start.
    :param filename: the file's name, cleaned.
    :raises ArgumentError: *file* is no open binary stream that can be rewound.
    """
    types = possible_types(file, filename)
    return types[0] if types else None


def possible_types(file: IO[bytes], filename: str = "") -> tuple[str, ...]:
    """Return all types that a file may have by its bytes, the best one for its name first."""
    named = type_of_name(filename)
    reader = BoundedReader(file)
    try:
        if named and is_text_type(named) and _is_text(reader, eight_bit=True):
            return (named,)
        found = _read(reader, named)
    finally:
        file.seek(0)
    if named in found:
        return tuple(dict.fromkeys((named, *found)))
    return found


def _read(reader: BoundedReader, named: str | None) -> tuple[str, ...]:
    if not reader.head:
        return ()
    for read in _READERS:
        if found := read(reader):
            return found
    if _is_text(reader):
        return ("text/plain",)
    if named in ("audio/mpeg", "audio/aac"):
        return find_frames(reader)
    return ()


def _is_text(reader: BoundedReader, *, eight_bit: bool = False) -> bool:
    is_whole = len(reader.head) == reader.size
    return is_text(reader.head, is_whole=is_whole, eight_bit=eight_bit)
