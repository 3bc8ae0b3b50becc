"""A place where one file names another, and how it is written so that it leads elsewhere."""

import posixpath
import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote, unquote

from ..serving._folders import composed


class Edit(NamedTuple):
    """Bytes to put in place of those from ``start`` to ``end``."""

    start: int
    end: int
    new: bytes


class Reference(NamedTuple):
    """A place where a file names another.

    :param start: of the name in the file's bytes, without a query or fragment behind it.
    :param target: the URL path that it leads to, without leading slash.
    :param is_module: an import of JavaScript, in which a name without ``./`` means another thing.
    :param is_map: the name of a source map, which only tools for developers load.
    :param is_composed: the name is written in composed Unicode (NFC), as the target is stored.
    """

    start: int
    end: int
    target: str
    is_module: bool = False
    is_map: bool = False
    is_composed: bool = True


class Escapes(NamedTuple):
    """How a language writes characters by others.

    :param pattern: matches an escape.
    :param character: returns what an escape stands for.
    """

    pattern: re.Pattern[str]
    character: Callable[[str], str]


_ELSEWHERE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//|$")  # RFC 3986, section 4.2
_BY_PATH = re.compile(r"\.{0,2}/")  # HTML, "resolve a module specifier"

# Characters of a name. None that is longer leads to a file: a key has 1,024 bytes, a path of Linux
# 4,096. To compose Unicode takes time that grows with the square of a name's length.
_MOST_CHARACTERS = 4096


def refer(
    data: bytes,
    span: tuple[int, int],
    path: str,
    escapes: Escapes | None,
    *,
    is_module: bool = False,
) -> Reference | None:
    """Return the reference that the file *path* has at *span* of its bytes; ``None`` if what is
    written there leads to no file of the same site.

    :param escapes: those of the language, where the name may have some.
    """
    start, end = span
    try:
        written = data[start:end].decode()
    except UnicodeDecodeError:
        return None
    name, length = _bare(written, escapes)
    if _ELSEWHERE.match(name) or (is_module and not _BY_PATH.match(name)):
        return None
    end = start + len(written[:length].encode())
    name = unquote(name)
    if len(name) > _MOST_CHARACTERS:
        return Reference(start, end, "..", is_module)
    plain = composed(name)
    return Reference(start, end, _resolve(plain, path), is_module, is_composed=plain == name)


def new_name(reference: Reference, path: str, target: str) -> bytes:
    """Return what to write for a reference in the file *path*, so that it leads to *target*."""
    name = posixpath.relpath(target, posixpath.dirname(path) or ".")
    if reference.is_module and not name.startswith("../"):
        name = f"./{name}"
    return quote(name).encode()


def apply_edits(data: bytes, edits: tuple[Edit, ...]) -> bytes:
    parts: list[bytes] = []
    position = 0
    for edit in edits:
        parts += data[position : edit.start], edit.new
        position = edit.end
    return b"".join((*parts, data[position:]))


def _bare(written: str, escapes: Escapes | None) -> tuple[str, int]:
    """Return a name without query and fragment, and how many characters it takes as written."""
    if escapes is None or "\\" not in written:
        name = re.split(r"[?#]", written, maxsplit=1)[0]
        return name, len(name)
    name, position = "", 0
    while position < len(written):
        escape = escapes.pattern.match(written, position)
        character = escapes.character(escape[0]) if escape else written[position]
        if character in ("?", "#"):
            break
        name += character
        position = escape.end() if escape else position + 1
    return name, position


def _resolve(name: str, path: str) -> str:
    """Return the URL path of a name in the file *path*; begins with ``..`` if it is outside."""
    if name.startswith("/"):
        return posixpath.normpath(name).lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
