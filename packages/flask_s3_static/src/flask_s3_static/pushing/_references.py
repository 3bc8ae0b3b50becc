"""Which files a stylesheet or a script names, and where: in CSS ``url()`` and ``@import``, in
JavaScript the imports of modules, in both the comment that names the source map.
"""

import posixpath
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import quote, unquote


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
    """

    start: int
    end: int
    target: str
    is_module: bool = False


# What is to be skipped comes before what is looked for: a url() in a comment loads nothing. What is
# not closed ends as CSS says, a string with its line and a comment with the file: nothing is read
# twice, and the time grows with the file's size and not with its square.
_CSS = re.compile(
    rb"""
    /\*[\#@]\s*sourceMappingURL=(?P<map>[^\s*]+)\s*\*/
    | /\*.*?(?:\*/|\Z)
    | @import\s*(?:"(?P<import2>[^"\n]*)"|'(?P<import1>[^'\n]*)')
    | \burl\(\s*(?:"(?P<url2>[^"\n]*)"|'(?P<url1>[^'\n]*)'|(?P<url0>[^\s"'()]+))\s*\)
    | "(?:[^"\\\n]|\\.)*+"? | '(?:[^'\\\n]|\\.)*+'?
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)

_JS = re.compile(
    rb"""
    (?<![\w$.])(?:import|export)
        (?:\s*\(\s*|\s*|[\s{*][^'"`();=]*?(?<![\w$])from\s*)
        (?:"(?P<import2>\.{0,2}/[^"\n]*)"|'(?P<import1>\.{0,2}/[^'\n]*)')
    | /\*.*?\*/ | //[^\n]*
    | (?:[(,=:\[!&|?{;>]|\breturn)\s*/(?![*/])(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/
    | "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' | `(?:[^`\\]|\\.)*`
    """,
    re.VERBOSE | re.DOTALL,
)
# A regular expression, which may hold quotes, is told from a division by what is before it.
# The pattern above takes a second for 10 MB; most scripts import nothing, as this one tells fast.
_JS_IMPORTS = re.compile(rb"(?:import|from)\s*\(?\s*[\"']\.{0,2}/")
_JS_SOURCE_MAP = re.compile(rb"//[#@]\s*sourceMappingURL=(?P<map>[^\s'\"]+)\s*\Z")

_ELSEWHERE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//|#|\?|$")  # RFC 3986, section 4.2


def finder(path: str) -> Callable[[bytes, str], Iterator[Reference]] | None:
    """Return the function that finds the references in a file of that name, if it can have some."""
    extension = posixpath.splitext(path)[1].lower()
    return {".css": _in_css, ".js": _in_js, ".mjs": _in_js}.get(extension)


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


def _in_css(data: bytes, path: str) -> Iterator[Reference]:
    for match in _CSS.finditer(data):
        yield from _found(match, path)


def _in_js(data: bytes, path: str) -> Iterator[Reference]:
    if _JS_IMPORTS.search(data):
        for match in _JS.finditer(data):
            yield from _found(match, path, is_module=True)
    start = data.rfind(b"sourceMappingURL=")
    if start >= 0 and (found := _JS_SOURCE_MAP.search(data, max(start - 8, 0))):
        yield from _found(found, path)


def _found(match: re.Match[bytes], path: str, *, is_module: bool = False) -> Iterator[Reference]:
    if not (group := match.lastgroup):
        return
    try:
        name = match[group].decode()
    except UnicodeDecodeError:
        return
    if _ELSEWHERE.match(name):
        return
    bare = re.split(r"[?#]", name, maxsplit=1)[0]
    start = match.start(group)
    end = start + len(bare.encode())
    yield Reference(start, end, _resolve(unquote(bare), path), is_module)


def _resolve(name: str, path: str) -> str:
    """Return the URL path of a name in the file *path*; begins with ``..`` if it is outside."""
    if name.startswith("/"):
        return posixpath.normpath(name).lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
