"""Which function finds what a file refers to."""

import posixpath
from collections.abc import Callable, Iterator

from ._css import in_css
from ._javascript import in_javascript
from ._references import Reference

_FINDERS = {".css": in_css, ".js": in_javascript, ".mjs": in_javascript}


def finder(path: str) -> Callable[[bytes, str], Iterator[Reference]] | None:
    """Return the function that finds the references in a file of that name, if it can have some."""
    return _FINDERS.get(posixpath.splitext(path)[1].lower())
