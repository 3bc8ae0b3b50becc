"""Which names hold a hash of the content already, as bundlers make them.

Vite and Rollup end a name with eight characters of base64 (``main-LY9x9re4.js``), esbuild with
eight of base32 (``main-PM5CK2BE.js``), webpack and others with hexadecimal digits, of which users
may want fewer (``main.670e45becb18e197a73e.js``, ``main.34280c69.css``). A name shows no more than
that, and browsers keep a file with a hash for a year. So what may be a word, a number or a date is
none, and one name alone proves nothing if it has letters beyond the hexadecimal ones: people write
``logo-YouTubeX.svg`` and ``report-Q4Sales2.pdf``. There the folder decides, or Vite's manifest.
"""

import posixpath
import re
from collections.abc import Collection, Iterable

_HEXADECIMAL = re.compile(r"[0-9a-f]{8,10}|[0-9a-f]{12,64}")
_LONG = 20  # digits: webpack's own, and of a name that is nothing else

_BASE32 = re.compile(r"[A-Z2-7]{8}")
_BASE64 = re.compile(r"[A-Za-z0-9_-]{8}")
_SIZE = 8  # of these two, in characters

# What may be meant to be read: a number or a word or both; a word; words in camel case, languages,
# numbers and dashes; anything around a word that can be spoken.
_NUMBER_OR_WORD = re.compile(r"[0-9]+|[a-f]+[0-9]*")
_WORD = re.compile(r"[A-Z]?[a-z]+")
_SPOKEN = re.compile(r"(?=[A-Z]?[a-z]*[aeiouy])(?:[A-Z][a-z]{3}|[a-z]{4})")
_CAPITALS = re.compile(r"[0-9]*[A-Z]+[0-9]*")
_WORDS = re.compile(
    r"(?:[A-Z]?[a-z]{3,}|[A-Z][a-z]{2}|\b[a-z]{2}(?=[-_])|[A-Z]{2,}(?![a-z])|v?[0-9]+|[-_])*"
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# What remains of a text if only the kinds of its characters count.
_KINDS = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "A" * 26 + "a" * 26 + "0" * 10
)


def names_with_hash(paths: Iterable[str], built: Collection[str] = ()) -> set[str]:
    """Return those paths whose names hold a hash.

    Hexadecimal digits are one if they are neither a number nor a word, or if more than half of the
    names in their folder hold such digits.

    Base64 and base32 are one only in a folder where all names end in such characters, or more than
    half of them in what cannot be read. What cannot be read must be there, and not all of one form,
    as ``S01E02HD`` and ``S01E03HD`` are.

    :param built: paths that a bundler's manifest has: of these, the form is enough.
    """
    folders: dict[str, list[str]] = {}
    for path in paths:
        folders.setdefault(posixpath.dirname(path), []).append(path)
    found: set[str] = set()
    for folder in folders.values():
        tails = {path: list(_tails(posixpath.basename(path))) for path in folder}
        certain = {path for path in folder if any(_is_certain(*tail) for tail in tails[path])}
        unread = {path: texts for path in folder if (texts := list(_unreadable(tails[path])))}
        forms = {text.translate(_KINDS) for texts in unread.values() for text in texts}
        has_hexadecimal = 2 * len(certain) > len(folder)
        base64 = {path for path in folder if any(_is_base64(*tail) for tail in tails[path])}
        is_most = 2 * len(unread) > len(folder) or len(base64) == len(folder)
        has_base64 = is_most and len(forms) > 1
        found |= certain
        for path in folder:
            is_built = path.removesuffix(".map") in built
            if (is_built or has_hexadecimal) and any(_is_hexadecimal(*t) for t in tails[path]):
                found.add(path)
            if (is_built or has_base64) and path in base64:
                found.add(path)
    return found


def _tails(name: str) -> Iterable[tuple[str, str]]:
    """Return what may be a hash in a name, each with the sign before it."""
    *parts, _extension = name.split(".")
    for number, part in enumerate(parts):
        if _UUID.search(part):
            continue
        yield "." if number else "", part
        if part[-_SIZE - 1 : -_SIZE] == "-":
            yield "-", part[-_SIZE:]
        end = part.rpartition("-")[2]
        if len(end) not in (_SIZE, len(part)):
            yield "-", end


def _is_hexadecimal(sign: str, text: str) -> bool:
    return bool(_HEXADECIMAL.fullmatch(text)) and (bool(sign) or len(text) >= _LONG)


def _is_certain(sign: str, text: str) -> bool:
    return _is_hexadecimal(sign, text) and not _NUMBER_OR_WORD.fullmatch(text)


def _is_base64(sign: str, text: str) -> bool:
    return sign == "-" and bool(_BASE64.fullmatch(text)) and not _WORD.fullmatch(text)


def _unreadable(tails: Iterable[tuple[str, str]]) -> Iterable[str]:
    """Return what may be a hash in base64 or base32, and does not look like anything else."""
    for sign, text in tails:
        if not _is_base64(sign, text) or not re.search("[A-Z]", text):
            continue
        if _CAPITALS.fullmatch(text) or _SPOKEN.search(text):
            continue
        if _BASE32.fullmatch(text) or not _WORDS.fullmatch(text):
            yield text
