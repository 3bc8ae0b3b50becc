"""The rules of the house that a program can count, and today's exceptions to them.

The exceptions are in ``house_exceptions.toml``, and may only get fewer. Run as a program, this
module takes out of that file what is no longer needed; it never adds anything.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import house_prose as prose
import house_words as words
from house_modules import MOST_LINES, Found, circles, long_modules
from layout import ROOT

EXCEPTIONS = ROOT / "tests" / "house_exceptions.toml"


@dataclass(frozen=True)
class Rule:
    """A rule of the house.

    :param says: the rule, in a sentence.
    :param find: yields what breaks it.
    """

    says: str
    find: Callable[[], Found]


RULES = {
    "lines": Rule(f"A module has {MOST_LINES} lines or fewer.", long_modules),
    "circles": Rule("Inside a package, imports go one way, those of types too.", circles),
    "parameter-names": Rule("Parameters and fields have the agreed names.", words.parameter_names),
    "give-and-tell": Rule("Docstrings say Return or Report.", prose.texts_that_give),
    "odd-words": Rule("Texts say fix, again, next to, report.", prose.odd_words),
    "inversions": Rule("Documents have the subject before its verb.", prose.inversions),
    "participles": Rule("Variables have nouns for names.", words.participles),
    "storage-types": Rule("A storage_type is 's3' or ''.", words.storage_types),
    "settings": Rule("Settings are read by Settings.from_app.", words.settings_modules),
    "config-errors": Rule("ConfigError(message, *, setting), a ValueError.", words.config_errors),
    "deletions": Rule("What deletes has --dry-run and --yes.", words.deletions),
    "places": Rule("A class says what kind of place it is.", words.places),
}


@cache
def broken(rule: str) -> dict[str, list[str]]:
    """What breaks a rule: hints, by the places that the list of exceptions names."""
    found: dict[str, list[str]] = {}
    for place, hint in RULES[rule].find():
        found.setdefault(place, []).append(hint)
    return found


def exceptions() -> dict[str, dict[str, int]]:
    """How often each rule may be broken today, by place."""
    tables: dict[str, dict[str, int]] = tomllib.loads(EXCEPTIONS.read_text())
    return tables


def shorten() -> None:
    """Take out of the list of exceptions what is no longer needed."""
    lines = []
    counted: Counter[str] = Counter()
    for line in EXCEPTIONS.read_text().splitlines():
        if table := re.fullmatch(r"\[(.+)\]", line):
            found = broken(table[1])
            counted = Counter({place: len(hints) for place, hints in found.items()})
        elif entry := re.fullmatch(r'"(.+)" = (\d+)', line):
            needed = min(int(entry[2]), counted[entry[1]])
            if not needed:
                continue
            line = f'"{entry[1]}" = {needed}'
        lines.append(line)
    EXCEPTIONS.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    shorten()
