"""File names as clients send them: made safe to store, and examined by their extensions."""

import re
import unicodedata
from itertools import pairwise

from .exceptions import ArgumentError

DEFAULT_NAME = "file"

# A longer ending, in bytes, is not taken for an extension: it is cut with the rest of the name.
_MAX_EXTENSION_BYTES = 20

_FOLDERS = re.compile(r"[/\\]+")

# Letters and marks by their category, but invisible: Hangul fillers, the grapheme joiner, and two
# vowels of Khmer (Unicode 15.1, section 5.21).
_INVISIBLE = "\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5"

# Marks that choose a variant of what is before them, and cannot be seen themselves: those of
# Mongolian, of ideographs, and of symbols, which are removed (section 23.4).
_SELECTORS = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")

# The two joiners that some scripts need within a word (zero width non-joiner and joiner, Unicode
# 15.1, section 23.2): between two letters or marks, none of which is ASCII.
_JOINERS = "\u200c\u200d"

# The devices of Windows, whatever extension follows
# (https://learn.microsoft.com/windows/win32/fileio/naming-a-file).
_DEVICE = re.compile(r"(?:con|prn|aux|nul|(?:com|lpt)[0-9¹²³])(?:\.|$)", re.IGNORECASE)

# Extensions of files that a web server may be configured to run.
_EXECUTED = frozenset(
    """asa asax ascx ashx asmx asp aspq aspx axd cdx cer cfc cfm cfml cgi cshtm cshtml ctp dbm fcg
    fcgi hphp idc jhtml jsp jspa jspf jspx jsv jsw lua pgif phar phps pht phtm phtml pl pm py pyc rb
    rem rhtml shtm shtml soap stm svc vbhtm vbhtml wsgi wss""".split()  # noqa: SIM905 - as a list it has a line for each
)
_PHP = re.compile(r"php\d*")

# Files of settings that a server obeys; those of Apache and PHP begin with a dot, which no clean
# name does (https://learn.microsoft.com/iis/configuration/).
_SETTINGS = "web.config"

# Of a longer name the beginning and the end are looked at: normalizing takes a time that grows with
# the square of the number of marks on one letter.
_MOST_CHARACTERS = 1_000


def clean_filename(filename: str | None, *, max_bytes: int = 200) -> str:
    """Return a name for a file, made from the name that a client sent.

    Folders, control characters, symbols and marks of direction are removed; spaces become ``_``.
    The letters, digits and marks of all scripts stay, composed (NFC). No name begins or ends in a
    dot, is a device of Windows, or is empty: ``'C:\\\\Photos\\\\Grüße aus Köln!.JPG'`` becomes
    ``'Grüße_aus_Köln.JPG'``, and ``'???.png'`` becomes ``'file.png'``. A name in ASCII becomes what
    Werkzeug's ``secure_filename`` makes of it, where that leaves a stem. Cleaning a clean name
    changes nothing.

    :param filename: as it came; ``None`` and ``''`` become ``'file'``.
    :param max_bytes: the longest name, in bytes of UTF-8; a longer one keeps its extension. The
        default leaves room for an id within the 255 bytes that file systems allow.
    :raises ArgumentError: *max_bytes* is below 32, which leaves no room for a name.
    """
    if type(max_bytes) is not int or max_bytes < 32:
        raise ArgumentError("max_bytes", max_bytes, "32 or more")
    sent = (filename or "").encode(errors="ignore").decode()
    segment = _FOLDERS.split(sent.rstrip("/\\"))[-1]
    most = max(_MOST_CHARACTERS, max_bytes)
    if len(segment) > 2 * most:
        segment = segment[:most] + segment[-most:]
    name = _cleaned(segment)
    raw_stem, dot, raw_extension = segment.rpartition(".")
    if dot and raw_stem and not _cleaned(raw_stem) and name == _cleaned(raw_extension) != "":
        name = f"{DEFAULT_NAME}.{name}"
    name = _shortened(name or DEFAULT_NAME, max_bytes - 1)
    return f"_{name}" if _DEVICE.match(name) else name


def extension_of(filename: str) -> str:
    """Return what follows the last dot, in lower case: ``'jpg'`` for ``'a.b.JPG'``.

    It is ``''`` where there is none, as in ``'README'`` and in ``'.profile'``.
    """
    stem, dot, extension = filename.rpartition("/")[2].rpartition(".")
    return extension.lower() if dot and stem.strip(".") else ""


def runs_on_server(filename: str) -> bool:
    """Return whether a web server may be configured to run such a file, by its last extension
    (``.php``, ``.jsp``, ``.shtml`` and similar ones), or to obey it, as IIS does ``web.config``.
    """
    name = clean_filename(filename)
    return _is_executed(extension_of(name)) or name.lower() == _SETTINGS


def hidden_extension(filename: str) -> str:
    """Return an extension in front of the last one by which a web server may run the file:
    ``'php'`` for ``'evil.php.png'``; ``''`` if there is none.

    Apache's mod_mime considers each extension of a name, wherever it stands
    (https://httpd.apache.org/docs/current/mod/mod_mime.html#multipleext).
    """
    inner = clean_filename(filename).lower().split(".")[1:-1]
    return next((extension for extension in inner if _is_executed(extension)), "")


def _is_executed(extension: str) -> bool:
    # Where case does not matter, a file system may take a long s for an s.
    folded = extension.casefold()
    return folded in _EXECUTED or _PHP.fullmatch(folded) is not None


def _cleaned(text: str) -> str:
    text = "_".join(unicodedata.normalize("NFC", text).split())
    kept = "".join(
        char
        for last, char in pairwise(f".{text}")
        if _is_kept(char) and (_is_kept(last) or not _SELECTORS.match(char))
    )
    # What is removed may have been all that held what stood next to it.
    before = ""
    while kept != before:
        before = kept
        kept = unicodedata.normalize("NFC", _without_loose_marks(before))
    return kept.lstrip("-._").rstrip("._")


def _is_kept(char: str) -> bool:
    if char.isascii():
        return char.isalnum() or char in "_.-"
    if unicodedata.category(char)[0] in "LMN":
        return char not in _INVISIBLE
    return char in _JOINERS


def _without_loose_marks(text: str) -> str:
    """Remove marks that are on no letter, and what joins or changes nothing."""
    kept: list[str] = []
    for i, char in enumerate(text):
        before = kept[-1] if kept else "."
        if char in _JOINERS:
            after = text[i + 1] if i + 1 < len(text) else "."
            if not (_joins(before) and _joins(after)):
                continue
        elif _is_mark(char) and (before in "._-" or not _is_seen(char, before)):
            continue
        kept.append(char)
    return "".join(kept)


def _joins(char: str) -> bool:
    return not char.isascii() and char not in _JOINERS


def _is_seen(mark: str, before: str) -> bool:
    """Variants are those of ideographs and of letters without case."""
    return not _SELECTORS.match(mark) or unicodedata.category(before) == "Lo"


def _is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] == "M"


def _shortened(name: str, max_bytes: int) -> str:
    stem, dot, extension = name.rpartition(".")
    ending = dot + extension
    if not stem or len(ending.encode()) > _MAX_EXTENSION_BYTES:
        stem, ending = name, ""
    room = max_bytes - len(ending.encode())
    if len(stem.encode()) <= room:
        return name
    kept = stem.encode()[:room].decode(errors="ignore")
    # A letter goes with its marks, or not at all.
    while kept and (_is_mark(stem[len(kept)]) or stem[len(kept)] in _JOINERS):
        kept = kept[:-1]
    return (_cleaned(kept) or DEFAULT_NAME) + ending
