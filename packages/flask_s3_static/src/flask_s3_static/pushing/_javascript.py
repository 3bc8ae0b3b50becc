"""What a script imports by path, and its source map.

A lexer of ECMAScript (ECMA-262, section 12) for what has to be distinguished: comments, strings,
templates, and regular expressions from divisions. Every byte is read a bounded number of times;
what is not closed ends with its line, or with the file.

White space outside of ASCII is replaced by as many bytes of ASCII before that. The two line
terminators among it become vertical tabs, which no string and no template is closed by.
"""

import re
from collections.abc import Iterator

from ._references import Escapes, Reference, refer

# ECMA-262, sections 12.2 and 12.3.
_SPACE = re.compile(
    rb"\xc2\xa0|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xaf]|\xe2\x81\x9f|\xe3\x80\x80|\xef\xbb\xbf"
)
_LINE_TERMINATOR = re.compile(rb"\xe2\x80[\xa8\xa9]")

_COMMON = r"""
    (?P<comment>//[^\n\r\v]*+|/\*.*?(?:\*/|\Z))
    | (?P<string>"(?>(?:[^"\\\n\r]|\\(?:\r\n|.))*)"?|'(?>(?:[^'\\\n\r]|\\(?:\r\n|.))*)'?)
    | (?P<keyword>(?:import|export)(?<![\w$\\\x80-\xff\#]import|[\w$\\\x80-\xff\#]export)
        (?![\w$\\\x80-\xff]))
    | (?P<sign>[`(){}/])
"""
_CODE = re.compile(_COMMON.encode("latin-1"), re.VERBOSE | re.DOTALL)
# Inside of an import every token counts.
_CLAUSE = re.compile(
    rf"""{_COMMON}
    | (?P<word>(?>(?:[\w$\x80-\xff]|\\u(?:[0-9a-fA-F]{{4}}|\{{[0-9a-fA-F]+\}}))+))
    | (?P<other>\S)
    """.encode("latin-1"),
    re.VERBOSE | re.DOTALL,
)
_TEMPLATE = re.compile(rb"(?>(?:[^`\\$]|\\.|\$(?!\{))*)(`|\$\{|\Z)", re.DOTALL)
_REGULAR_EXPRESSION = re.compile(
    rb"/(?>(?:[^/\\\[\n\r\v]|\\[^\n\r\v]|\[(?>(?:[^\]\\\n\r\v]|\\[^\n\r\v])*)\])+)(?P<close>/[a-z]*+)?"
)
_LINE_END = re.compile(rb"[\n\r\v]|\Z")
_LABEL = re.compile(rb"\s*+case\b[^?]*+|(?>(?:\s*+[\w$\x80-\xff]++\s*+:)+)")
_LAST_WORD = re.compile(rb"(?<![\w$\x80-\xff.])[a-z]+\Z")
_MOST_KEYWORD = 12  # bytes: the longest keyword and what is before it

# After these words an expression begins.
_OPERATORS = frozenset(
    b"await case default delete do else in instanceof new of return throw typeof void yield".split()
)
_BLOCKS = frozenset(b"do else".split())  # but with a brace it is a block
_HEADS = frozenset(b"if while for with".split())  # after their parentheses a statement begins

# What stands for the code before a token, where only its kind matters.
_OPERAND, _BEGINNING, _DIVISION = b")", b";", b"/"

_SOURCE_MAP = re.compile(rb"sourceMappingURL=([^\s'\"*]++)\s*+(\*/)?\s*+\Z")
_MOST_BEFORE_MAP = 64  # bytes of the comment, of which all but three are spaces


def in_javascript(data: bytes, path: str) -> Iterator[Reference]:
    """Return the references of the script *path*, in the order of its bytes."""
    if b"import" in data or b"from" in data:
        for span in _imports(data):
            if reference := refer(data, span, path, _ESCAPES, is_module=True):
                yield reference
    if reference := _source_map(data, path):
        yield reference


def _source_map(data: bytes, path: str) -> Reference | None:
    """Return the source map that a comment at the end names (ECMA-426, section 11.1.2)."""
    start = data.rfind(b"sourceMappingURL=")
    if start < 0 or not (found := _SOURCE_MAP.match(data, start)):
        return None
    comment = data[max(start - _MOST_BEFORE_MAP, 0) : start].rstrip()
    if not comment.endswith((b"/*#", b"/*@") if found[2] else (b"//#", b"//@")):
        return None
    reference = refer(data, found.span(1), path, None)
    return reference._replace(is_map=True) if reference else None


def _imports(data: bytes) -> Iterator[tuple[int, int]]:
    """Return where the names of imported modules are, without their quotes."""
    data = _with_plain_spaces(data)
    if data.startswith(b"#!"):
        data = b"//" + data[2:]
    clause = _Clause()
    open_: list[str] = []
    before = _BEGINNING  # the end of the code before a token
    position = 0
    divisions_until = 0  # no regular expression that begins before this is closed on its line
    while token := (_CLAUSE if clause.is_open else _CODE).search(data, position):
        start, end = token.span()
        kind, text, span = token.lastgroup, token[0], None
        if gap := data[position:start].rstrip():
            is_label = text == b"{" and open_[-1:] != ["{"] and _ends_in_label(gap, before)
            before = _BEGINNING if is_label else gap[-_MOST_KEYWORD:]
        if kind == "comment":
            position = end
            continue
        if kind == "string":
            span = start + 1, end - (text[-1:] == text[:1])
            after = _OPERAND
        elif text == b"/":
            after = _DIVISION
            if start >= divisions_until and not _is_operand(before):
                literal = _REGULAR_EXPRESSION.match(data, start)
                if literal and literal["close"]:
                    end, after = literal.end(), _OPERAND
                elif line_end := _LINE_END.search(data, start):
                    divisions_until = line_end.end()
        elif text in b"({":
            open_.append(_opened(text, before))
            after = _BEGINNING
        elif text in b")}":
            closed = open_.pop() if open_ and open_[-1][-1] == chr(_PARTNERS[text[0]]) else ""
            if closed == "${":
                kind, end, span = _template(data, end, open_)
            after = _BEGINNING if closed in ("if(", "block{") else _OPERAND
            if kind == "part":
                after = _BEGINNING
        elif text == b"`":
            kind, end, span = _template(data, end, open_)
            after = _BEGINNING if kind == "part" else _OPERAND
        else:
            after = text
        if kind == "keyword" and before.endswith(b".") and not before.endswith(b"..."):
            kind = "word"  # a property of that name
        if found := clause.found(kind or "", text, span):
            yield found
        before, position = after, end


def _with_plain_spaces(data: bytes) -> bytes:
    """Return code with every byte where it was."""
    data = data.replace(b"\v", b" ")
    if data.isascii():
        return data
    data = _SPACE.sub(lambda found: b" " * len(found[0]), data)
    return _LINE_TERMINATOR.sub(b"\v\v\v", data)


_PARTNERS = {ord(")"): ord("("), ord("}"): ord("{")}


def _template(data: bytes, start: int, open_: list[str]) -> tuple[str, int, tuple[int, int] | None]:
    """Read a template from *start*, up to its end or to an expression in it.

    :return: a kind of token, where it ends, and the span of its text if that is all of it.
    """
    found = _TEMPLATE.match(data, start)
    assert found  # it matches nothing as well  # noqa: S101
    if found[1] == b"${":
        open_.append("${")
        return "part", found.end(), None
    return "template", found.end(), (start, found.start(1))


def _is_operand(before: bytes) -> bool:
    """Report whether a slash after this code is a division."""
    last = before[-1:]
    if last in b")]\"'`." or before.endswith((b"++", b"--")):
        return True
    if word := _LAST_WORD.search(before):
        return word[0] not in _OPERATORS
    return last.isalnum() or last in b"_$" or last >= b"\x80"


def _ends_in_label(gap: bytes, before: bytes) -> bool:
    """Report whether the code before a brace ends in a label, so that the brace opens a block.

    :param gap: ends where the brace is; it has no tokens in it but words and signs.
    :param before: the end of the code before that.
    """
    if not gap.endswith(b":"):
        return False
    *statements, last = gap.rsplit(b";", 1)
    if not statements and before not in (_OPERAND, _BEGINNING):
        return False
    return bool(_LABEL.fullmatch(last))


def _opened(sign: bytes, before: bytes) -> str:
    """Return what an opening sign begins: what follows its end depends on that."""
    word = _LAST_WORD.search(before)
    if sign == b"(":
        return "if(" if word and word[0] in _HEADS else "("
    if word:
        return "{" if word[0] in _OPERATORS - _BLOCKS else "block{"
    is_block = before.endswith((b"=>", *(b";", b")", b"{", b"}"))) or before[-1:].isalnum()
    return "block{" if is_block else "{"


class _Clause:
    """Follows an import or export up to the module's name (ECMA-262, 16.2 and 13.3.10)."""

    def __init__(self) -> None:
        self._step = ""
        self._is_after_from = False
        self._called: tuple[int, int] | None = None
        self._depth = 0  # of parentheses around the name of a called import

    @property
    def is_open(self) -> bool:
        return bool(self._step)

    def found(self, kind: str, text: bytes, span: tuple[int, int] | None) -> tuple[int, int] | None:
        """Take the next token; return where the name is, if this makes it one.

        :param span: of a string's or a template's text.
        """
        step, was_after_from = self._step, self._is_after_from
        self._step, self._is_after_from = "", False
        if kind == "keyword" and step != "names":
            self._step, self._depth = text.decode(), 0
        elif step in ("import", "export") and text in (b"{", b"*"):
            self._step = "names" if text == b"{" else "clause"
        elif step == "import":
            if kind == "string":
                return span
            self._step = {b"(": "call", b".": "meta"}.get(text, "clause" if kind == "word" else "")
        elif step == "meta":
            self._step = "phase" if text in (b"source", b"defer") else ""
        elif step == "phase":
            self._step = "call" if text == b"(" else ""
        elif step == "call" and span and kind in ("string", "template"):
            self._step, self._called = "called", span
        elif step == "call" and text == b"(":
            self._step, self._depth = "call", self._depth + 1
        elif step == "called" and self._depth and text == b")":
            self._step, self._depth = "called", self._depth - 1
        elif step == "called" and not self._depth and text in (b")", b","):
            return self._called
        elif step == "names" and (kind in ("word", "string", "keyword") or text in (b"}", b",")):
            self._step = "clause" if text == b"}" else "names"
        elif step == "clause":
            if kind == "string" and was_after_from:
                return span
            if kind == "word" or text in (b"*", b",", b"{"):
                self._step = "names" if text == b"{" else "clause"
                self._is_after_from = text == b"from"
        return None


_CHARACTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}


def _character(escape: str) -> str:
    if escape[1] in "xu":
        return chr(int(escape[2:].strip("{}"), 16)) if len(escape) > 2 else escape[1]
    if escape[1] in "\r\n\u2028\u2029":
        return ""
    return _CHARACTERS.get(escape[1], escape[1])


_ESCAPES = Escapes(
    re.compile(
        r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|u\{0*(?:10|[0-9a-fA-F])?[0-9a-fA-F]{1,4}\}|\r\n|.)",
        re.DOTALL,
    ),
    _character,
)
