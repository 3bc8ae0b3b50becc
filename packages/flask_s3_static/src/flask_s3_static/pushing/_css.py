"""What a stylesheet loads: ``@import``, ``url()``, ``src()``, ``image()`` and ``image-set()``, and
its source map.

A lexer of CSS Syntax Module Level 3, section 4, for the tokens that matter here. Every byte is read
a bounded number of times: what is not closed ends as that section says, a string with its line, a
comment or a ``url(`` with the file.
"""

import re
from collections.abc import Iterator

from ._references import Escapes, Reference, refer


def _identifier(name: str) -> str:
    """Return a pattern for an identifier, any letter of which may be an escape."""
    letters = []
    for letter in name:
        codes = "|".join(f"{ord(case):x}" for case in {letter, letter.upper()})
        itself = "" if letter in "abcdef" else rf"|\\{letter}"
        letters.append(rf"(?:{letter}|\\0{{0,4}}(?:{codes})(?![0-9a-f])(?:\r\n|\s)?{itself})")
    return "".join(letters)


_URL = _identifier("url")
_NAMES = "|".join(_identifier(name) for name in ("url", "src", "image-set", "image"))
_START = r"(?<![-\w\\\x80-\xff])"  # an identifier begins here
_ESCAPE = r"\\(?:[0-9a-f]{1,6}(?:\r\n|\s)?|[^\r\n\f])"

_TOKEN = re.compile(
    rf"""
    (?P<comment>/\*.*?(?:\*/|\Z))
    | (?P<string>"(?>(?:[^"\\\r\n\f]|\\(?:\r\n|.))*)"?|'(?>(?:[^'\\\r\n\f]|\\(?:\r\n|.))*)'?)
    | (?P<import>@{_identifier("import")}(?![-\w\\\x80-\xff]))
    | {_START}{_URL}\(\s*+(?!["'\s])(?:
        (?P<url>(?>(?:[^\s"'()\\\x00-\x08\x0b\x0e-\x1f\x7f]|{_ESCAPE})*))\s*+(?:\)|\Z)
        | (?>(?:[^)\\]|\\.)*)\)?
      )
    | (?P<names>{_START}(?:-webkit-)?(?:{_NAMES})\()
    | (?P<open>\()
    | (?P<close>\))
    | (?P<end>[{{}}])
    """.encode("latin-1"),
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_SOURCE_MAP = re.compile(rb"/\*[#@]\s*+sourceMappingURL=([^\s*]++)\s*+\*/")


def in_css(data: bytes, path: str) -> Iterator[Reference]:
    """Return the references of the stylesheet *path*, in the order of its bytes."""
    inside: list[bool] = []  # for each open parenthesis, whether a string in it names a file
    end = 0
    after_import = False
    for token in _TOKEN.finditer(data):
        kind, gap = token.lastgroup, data[end : token.start()]
        end = token.end()
        after_import = after_import and not gap.strip()
        span = None
        if kind == "comment":
            if found := _SOURCE_MAP.fullmatch(token[0]):
                start = token.start()
                reference = refer(data, (start + found.start(1), start + found.end(1)), path, None)
                if reference:
                    yield reference._replace(is_map=True)
            continue
        if kind == "string":
            if after_import or (inside and inside[-1]):
                span = token.start() + 1, end - (token[0][-1:] == token[0][:1])
        elif kind == "url":
            span = token.span("url")
        elif kind in ("names", "open"):
            inside.append(kind == "names")
        elif kind == "close":
            del inside[-1:]
        elif kind == "end":  # of a block, and of what was left open in it
            inside.clear()
        after_import = kind == "import"
        if span and (reference := refer(data, span, path, _ESCAPES)):
            yield reference


def _character(escape: str) -> str:
    code = escape[1:].strip(" \t\r\n\f")
    if not code:
        return "" if escape[1] in "\r\n\f" else escape[1]
    if not re.fullmatch("[0-9a-fA-F]+", code):
        return code
    number = int(code, 16)
    return chr(number) if 0 < number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"


_ESCAPES = Escapes(
    re.compile(r"\\(?:[0-9a-fA-F]{1,6}(?:\r\n|[ \t\r\n\f])?|\r\n|.)", re.DOTALL), _character
)
