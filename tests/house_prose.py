"""Which words break the rules: in docstrings, comments, messages, documents, templates, scripts."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from house_modules import Found
from layout import ROOT, parsed

#: Words that are not those of the field, and what to write.
ODD_WORDS = {
    r"mend(?:s|ed|ing)?": "fix",
    "anew": "again",
    "beside": "next to, besides, compared with",
    "streets?|rooms": "packages, modules",
    r"tell(?:s|ing)?|told": "return, report, print, distinguish",
    "whomever": "who",
}

#: Words that a reader must turn round, or look up, in a document.
INVERSIONS = {
    r"(?:[,;:]|\band) (?:so|as|nor|neither) (?:is|are|does|did|has|have|was|were)\b": "say who",
    r"(?:^|[.] )(?:So|Nor|Neither) (?:is|are|does|has|have|was|were)\b": "say who first",
    r"\b(?:whom|thereof|therein|hence|lest|such as (?:is|are))\b": "use a plainer sentence",
    r"\b(?:goes?|going) over (?:it|that|these|them|the shared|the settings)\b": "overrides",
}

#: Folders that hold no words of ours.
_SKIPPED = {"node_modules", "_build", "dist", "build", "instance", "vendor"}

# What is code in a document, a docstring or a comment: fences, and text between backquotes.
_FENCE = re.compile(r"^([ >]*)(`{3,}|~{3,}).*?^\1\2[^\n]*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(`+).+?\1", re.DOTALL)
_TAG = re.compile(r"<[^>]*>|\{[{%#].*?[}%#]\}", re.DOTALL)

_PYTHON_COMMENT = re.compile(r"(?:^|(?<=\s))#[ :].*", re.MULTILINE)

# A comment of a script or a stylesheet; the slashes of an address are none.
_SCRIPT_COMMENT = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.DOTALL)


def odd_words() -> Found:
    """Words that are not those of the field."""
    patterns = {
        re.compile(rf"\b(?:{word})\b", re.IGNORECASE): ODD_WORDS[word] for word in ODD_WORDS
    }
    for path, line, text in prose():
        for pattern, better in patterns.items():
            for word in pattern.findall(text):
                yield path, f"line {line}: {word!r}: write {better}"


def inversions() -> Found:
    """Sentences of documents whose verb stands before its subject, and words of old books."""
    patterns = {re.compile(pattern): better for pattern, better in INVERSIONS.items()}
    for path, line, text in prose():
        if path.endswith(".md"):
            for pattern, better in patterns.items():
                for words in pattern.findall(text):
                    yield path, f"line {line}: {words!r}: {better}"


def texts_that_give() -> Found:
    """Docstrings and other pieces of prose whose first word is `Give` or `Tell`."""
    for path, line, text in prose():
        if match := re.match(r"[#\s]*((?:Give|Tell)s?)\b", text):
            yield path, f"line {line}: {match[1]!r}: write Return or Report"


@cache
def prose() -> list[tuple[str, int, str]]:
    """Every piece of prose: the path of its file below the root, its line, its text."""
    return list(_find_prose())


def _find_prose() -> Iterator[tuple[str, int, str]]:
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        if any(part.startswith(".") or part in _SKIPPED for part in parts):
            continue
        reader = _READERS.get(path.suffix)
        if reader and path.is_file():
            for line, text in reader(path):
                yield "/".join(parts), line, text


def _python(path: Path) -> Iterator[tuple[int, str]]:
    """Comments, and strings with a blank in them: docstrings and messages."""
    text = path.read_text()
    for match in _PYTHON_COMMENT.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, without_code(match[0])
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.lineno, without_code(node.value)


def _document(path: Path) -> Iterator[tuple[int, str]]:
    yield from _lines(without_code(_FENCE.sub(_blank, path.read_text())))


def _template(path: Path) -> Iterator[tuple[int, str]]:
    yield from _lines(_TAG.sub(_blank, path.read_text()))


def _script(path: Path) -> Iterator[tuple[int, str]]:
    text = path.read_text()
    for match in _SCRIPT_COMMENT.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, without_code(match[0])


def without_code(text: str) -> str:
    """Leave out what stands between backquotes; lines stay where they are."""
    return _CODE.sub(_blank, text)


def _blank(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n") or " "


def _lines(text: str) -> Iterator[tuple[int, str]]:
    return enumerate(text.splitlines(), 1)


_READERS = {
    ".py": _python,
    ".md": _document,
    ".html": _template,
    ".js": _script,
    ".css": _script,
}
