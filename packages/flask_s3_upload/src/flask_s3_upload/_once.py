"""What code registers once: a second call would silently take the place of the first."""

from functools import partial
from typing import Any


class OncePerApp:
    """The names that code has registered, each with a function.

    A name is registered once. For each further app the same code may do it again, as a factory
    that makes several apps does; its function is then another object with the same code.
    """

    def __init__(self) -> None:
        self._app_count = 0
        self._known: dict[str, tuple[int, object]] = {}

    def count_app(self) -> None:
        self._app_count += 1

    def add(self, name: str, function: object) -> bool:
        """Register a name; return False if it is registered for this app, or with other code."""
        code = _code(function)
        app_count, known_code = self._known.get(name, (-1, code))
        if app_count == self._app_count or known_code != code:
            return False
        self._known[name] = self._app_count, code
        return True


def _code(function: Any) -> object:
    while isinstance(function, partial):
        function = function.func
    return getattr(function, "__code__", function)
