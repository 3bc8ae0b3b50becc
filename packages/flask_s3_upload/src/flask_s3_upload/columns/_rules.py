"""The rules of a purpose, as those of a column."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from untrusted_files import CheckedFile, Rules

from .._state import State


@dataclass(frozen=True)
class PurposeRules:
    """Rules that are looked up when they are asked: a purpose may be allowed after its column is
    declared.
    """

    find_state: Callable[[], State]
    purpose: str

    @property
    def found(self) -> Rules:
        """
        :raises ConfigError: the purpose is not allowed.
        """
        return self.find_state().direct.purpose(self.purpose).rules

    def check(self, file: IO[bytes], filename: str | None, /) -> CheckedFile:
        return self.found.check(file, filename)

    def accept(self) -> str:
        """Return what ``<input type="file" accept="…">`` says."""
        return self.found.accept()
