"""The pages of the documentation, and the code on them."""

import re
import textwrap
from pathlib import Path

from layout import ROOT

DOCS = ROOT / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if "_build" not in path.parts)


def blocks(page: Path, language: str) -> list[str]:
    """The code of a page in one language; code that is indented, in a list, too."""
    found = re.findall(rf"(?ms)^( *)```{language}\n(.*?)^\1```$", page.read_text())
    return [textwrap.dedent(code) for _, code in found]
