"""The list of what other stores fail at names tests that are there, and is kept true."""

import subprocess
import sys
from pathlib import Path

import pytest
from layout import ROOT
from servers.known_failures import known_failures, unmatched

STORES = ("seaweedfs", "rclone")

TESTS = """
import pytest

@pytest.mark.parametrize("number", [1, 2])
def test_it(number):
    assert number == 2
"""
LIST = """
[[theirs]]
reason = "does not know 1"
tests = ["tests/test_theirs.py::test_it[1]"]

[[wrong]]
reason = "passes"
tests = ["tests/test_theirs.py::test_it[1]", "tests/test_theirs.py::test_it[2]"]

[[gone]]
reason = "is no test"
tests = ["tests/test_theirs.py::test_it[3]"]

[[removed]]
reason = "is no file"
tests = ["tests/test_removed.py::test_it"]

[[luck]]
reason = "passes at times"
lucky = true
tests = ["tests/test_theirs.py::test_it[1]", "tests/test_theirs.py::test_it[2]"]
"""


@pytest.mark.parametrize("store", STORES)
def test_each_entry_names_a_test(store: str) -> None:
    """Each entry's file is there and has a function of that name."""
    assert known_failures(store)
    for name in known_failures(store):
        path, _, function = name.partition("::")
        assert f"def {function.partition('[')[0]}(" in (ROOT / path).read_text(), name


def test_unmatched() -> None:
    """A name is unmatched if its file was collected and it was not."""
    known = ["a.py::test_1", "a.py::test_2", "b.py::test_1"]
    assert unmatched(known, ["a.py::test_1", "c.py::test_1"]) == ["a.py::test_2"]


@pytest.mark.parametrize(
    ("store", "argument", "words"),
    [
        ("theirs", "tests", "1 passed, 1 xfailed"),
        ("", "tests", "1 failed, 1 passed"),
        ("wrong", "tests", "1 failed, 1 xfailed"),
        ("luck", "tests", "1 xfailed, 1 xpassed"),
        ("gone", "tests", "lists what is no test: tests/test_theirs.py::test_it[3]"),
        ("gone", "tests/test_theirs.py::test_it[2]", "1 passed"),
        ("removed", "tests", "lists what is no test: tests/test_removed.py::test_it"),
    ],
)
def test_plugin(tmp_path: Path, store: str, argument: str, words: str) -> None:
    """A listed test that fails is expected to; one that passes fails, unless it may be lucky; an
    entry without a test ends the run.
    """
    (tmp_path / "tests" / "servers").mkdir(parents=True)
    (tmp_path / "tests" / "test_theirs.py").write_text(TESTS)
    plugin = tmp_path / "tests" / "servers" / "known_failures.py"
    plugin.write_text((ROOT / "tests" / "servers" / "known_failures.py").read_text())
    plugin.with_suffix(".toml").write_text(LIST)
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "servers.known_failures", "--rootdir=.", argument],
        cwd=tmp_path,
        env={"PYTHONPATH": "tests", "S3_TEST_STORE": store},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert words in ran.stdout, ran.stdout
