"""docs/troubles.md shows messages that the packages have."""

import ast
import re
from functools import cache

import pytest
from layout import PACKAGES, parsed, sources
from pages import DOCS

PAGE = DOCS / "troubles.md"


def shown() -> list[str]:
    """The messages in the first column: what stands between backquotes and has a blank in it."""
    cells = [line.split(" | ")[0] for line in PAGE.read_text().splitlines() if line[:2] == "| "]
    return [text for cell in cells for text in re.findall(r"`([^`]+)`", cell) if " " in text]


@cache
def messages() -> list[str]:
    """All strings of the packages, with … for what is put into them."""
    return [
        text_of(node)
        for package in PACKAGES
        for path in sources(package)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.JoinedStr | ast.Constant)
    ]


def text_of(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(map(text_of, node.values))
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub(r"%\([a-z]+\)[rsd]|%[rsd]", "…", node.value)
    return "…"


def test_the_page_has_messages() -> None:
    """The test below finds what it is to compare."""
    assert len(shown()) > 30


@pytest.mark.parametrize("message", shown())
def test_message_is_one(message: str) -> None:
    """A message on the page is one of the code's, word for word."""
    wanted = re.escape(message).replace("…", ".*")
    assert any(re.search(wanted, text) for text in messages())
