"""A pytest plugin: what a server itself fails at is listed by name, and the list is kept true.

``S3_TEST_STORE`` names the server; ``known_failures.toml`` has its tests and the reasons. A test
that is listed must fail: it is an expected failure, and one that passes is a failure. So is an
entry that names no test.
"""

import os
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIST = Path(__file__).with_suffix(".toml")


def known_failures(store: str) -> dict[str, pytest.MarkDecorator]:
    """Return the marks of expected failures, by the tests' names from the repository's root on."""
    return {
        name: pytest.mark.xfail(reason=entry["reason"], strict=not entry.get("lucky"))
        for entry in tomllib.loads(LIST.read_text()).get(store, [])
        for name in entry["tests"]
    }


def unmatched(known: Iterable[str], collected: Iterable[str]) -> list[str]:
    """Return the names that none of the collected tests has, though their files were collected."""
    collected = set(collected)
    files = {name.partition("::")[0] for name in collected}
    return [name for name in known if name.partition("::")[0] in files and name not in collected]


@pytest.hookimpl(tryfirst=True)  # before -k and -m leave some out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    known = known_failures(os.environ.get("S3_TEST_STORE", ""))
    folder = config.rootpath.relative_to(ROOT)
    by_name = {str(folder / item.nodeid): item for item in items}
    lost = {name for name in known if not (ROOT / name.partition("::")[0]).exists()}
    if not any("::" in argument for argument in config.args):  # files are collected as a whole
        lost |= set(unmatched(known, by_name))
    if lost:
        raise pytest.UsageError(f"{LIST.name} lists what is no test: {', '.join(sorted(lost))}")
    for name in known.keys() & by_name.keys():
        by_name[name].add_marker(known[name])
