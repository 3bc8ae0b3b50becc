"""Which names hold a hash of the content already, as bundlers make them.

Vite and Rollup end a name with eight characters of base64 (``main-LY9x9re4.js``), esbuild with
eight of base32 (``main-PM5CK2BE.js``), webpack and others with hexadecimal digits, of which users
may want fewer (``main.670e45becb18e197a73e.js``, ``main.34280c69.css``). A name shows no more than
that, and browsers keep a file with a hash for a year: so what may be a word, a number or a date is
none.
"""

import posixpath
import re
from collections.abc import Iterable

_HEXADECIMAL = re.compile(r"[0-9a-f]{8,10}|[0-9a-f]{12,64}")
_LONG = 20  # digits: webpack's own, and of a name that is nothing else

_BASE32 = re.compile(r"[A-Z2-7]{8}")
_BASE64 = re.compile(r"[A-Za-z0-9_-]{8}")
_SIZE = 8  # of these two, in characters

# What may be meant to be read: a number or a word or both; words in camel case, languages, numbers
# and dashes.
_NUMBER_OR_WORD = re.compile(r"[0-9]+|[a-f]+[0-9]*")
_CAPITALS = re.compile(r"[0-9]*[A-Z]+[0-9]*")
_WORDS = re.compile(
    r"(?:[A-Z]?[a-z]{3,}|[A-Z][a-z]{2}|\b[a-z]{2}(?=[-_])|[A-Z]{2,}(?![a-z])|v?[0-9]+|[-_])*"
)

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def names_with_hash(paths: Iterable[str]) -> set[str]:
    """Return those paths whose names hold a hash.

    What can be read, and may be a hash by chance, is one if more than half of the names in its
    folder hold one beyond doubt.
    """
    folders: dict[str, list[str]] = {}
    for path in paths:
        folders.setdefault(posixpath.dirname(path), []).append(path)
    found: set[str] = set()
    for folder in folders.values():
        tails = {path: list(_tails(posixpath.basename(path))) for path in folder}
        certain = {path for path in folder if any(_is_certain(*tail) for tail in tails[path])}
        if 2 * len(certain) > len(folder):
            certain |= {path for path in folder if any(_is_possible(*tail) for tail in tails[path])}
        found |= certain
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


def _is_possible(sign: str, text: str) -> bool:
    if _HEXADECIMAL.fullmatch(text):
        return bool(sign) or len(text) >= _LONG
    return sign == "-" and bool(_BASE64.fullmatch(text))


def _is_certain(sign: str, text: str) -> bool:
    if not _is_possible(sign, text):
        return False
    if _HEXADECIMAL.fullmatch(text):
        return not _NUMBER_OR_WORD.fullmatch(text)
    if not re.search("[A-Z]", text) or _CAPITALS.fullmatch(text):
        return False
    return bool(_BASE32.fullmatch(text)) or not _WORDS.fullmatch(text)
