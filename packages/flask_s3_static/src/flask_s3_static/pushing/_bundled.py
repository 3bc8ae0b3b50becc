"""Which names hold a hash of the content already, as bundlers make them.

Vite and Rollup end a name with eight characters of base64 (``main-LY9x9re4.js``), esbuild with
eight of base32 (``main-PM5CK2BE.js``), webpack and others with hexadecimal digits, of which users
may want fewer (``main.670e45becb18e197a73e.js``, ``main.34280c69.css``). A name tells no more than
that, and browsers keep a file with a hash for a year: so what may be a word, a number or a date is
none.
"""

import posixpath
import re
from collections.abc import Iterable

_HEXADECIMAL = re.compile(r"(?=.*[0-9])(?=.*[a-f])(?:[0-9a-f]{8,10}|[0-9a-f]{12,64})")
_WORD_AND_NUMBER = re.compile(r"[a-f]{3,}[0-9]+")
_LONG = 20  # digits: webpack's own, and of a name that is nothing else

_BASE32 = re.compile(r"[A-Z2-7]{8}")
_BASE64 = re.compile(r"(?=.*[A-Z])[A-Za-z0-9_-]{8}")
_SIZE = 8  # of these two, in characters

# A word in capitals, perhaps with a number; words in camel case, languages, numbers and dashes.
_CAPITALS = re.compile(r"[0-9]*[A-Z]+[0-9]*")
_WORDS = re.compile(
    r"(?:[A-Z]?[a-z]{3,}|[A-Z][a-z]{2}|\b[a-z]{2}(?=[-_])|[A-Z]{2,}(?![a-z])|v?[0-9]+|[-_])*"
)

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def names_with_hash(paths: Iterable[str]) -> set[str]:
    """Return those paths whose names hold a hash.

    Eight capitals may be a word, or a hash of esbuild: they are a hash if another name in the
    folder certainly has one of esbuild's.
    """
    certain: set[str] = set()
    perhaps: list[str] = []
    folders = set()
    for path in paths:
        folder, name = posixpath.split(path)
        for tail in _tails(name):
            if _is_certain(*tail):
                certain.add(path)
                if _BASE32.fullmatch(tail[1]):
                    folders.add(folder)
            elif tail[0] == "-" and _BASE32.fullmatch(tail[1]):
                perhaps.append(path)
    return certain | {path for path in perhaps if posixpath.dirname(path) in folders}


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


def _is_certain(sign: str, text: str) -> bool:
    if _HEXADECIMAL.fullmatch(text) and not _WORD_AND_NUMBER.fullmatch(text):
        return bool(sign) or len(text) >= _LONG
    if sign != "-" or not _BASE64.fullmatch(text) or _CAPITALS.fullmatch(text):
        return False
    return bool(_BASE32.fullmatch(text)) or not _WORDS.fullmatch(text)
