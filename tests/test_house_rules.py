"""The rules of CONTRIBUTING.md that a program can see."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from layout import (
    EXAMPLE,
    PACKAGES,
    ROOT,
    home,
    imports,
    modules_of_tests,
    parsed,
    project,
    sources,
)

SHOWN = [pytest.param(path, id=str(path.relative_to(ROOT))) for path in modules_of_tests()]


@pytest.mark.parametrize("path", SHOWN)
def test_every_test_says_what_it_proves(path: Path) -> None:
    """A test has a docstring of one sentence."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            sentence = ast.get_docstring(node) or ""
            assert sentence.endswith("."), f"{node.name} has no sentence"


@pytest.mark.parametrize("path", SHOWN)
def test_no_mocks(path: Path) -> None:
    """A test uses a real server, not a stand-in that returns what the test has prepared."""
    assert not {module for module, _ in imports(path)} & {"mock", "unittest", "unittest.mock"}


@pytest.mark.parametrize("name", [*PACKAGES, EXAMPLE])
def test_no_group_is_repeated_possessively(name: str) -> None:
    """``(…)*+`` is ``(?>(…)*)``: before 3.11.5, Python skips what a branch that fails has read
    (https://github.com/python/cpython/issues/106052), and Debian 12 has 3.11.2.
    """
    for path in sources(name):
        assert not re.search(r"[^(]\)[*+?]\+", path.read_text()), path


@pytest.mark.parametrize("name", PACKAGES)
def test_package_folder(name: str) -> None:
    """A package has its documents, its type marker, and the whole tree's licence."""
    folder = home(name)
    for file in ["README.md", "CHANGELOG.md", f"src/{name}/py.typed", "tests/conftest.py"]:
        assert (folder / file).is_file(), file
    assert (folder / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()


@pytest.mark.parametrize("name", PACKAGES)
def test_package_metadata(name: str) -> None:
    """A package runs where the others do, and its changelog starts with its version."""
    table = project(name)
    assert table["name"] == name.replace("_", "-")
    assert table["requires-python"] == ">=3.11"
    assert table["license"] == "MIT"
    headings = [
        line for line in (home(name) / "CHANGELOG.md").read_text().splitlines() if "## " in line
    ]
    assert table["version"] in headings[0] or "Unreleased" in headings[0]


@pytest.mark.parametrize("name", PACKAGES)
def test_init_only_names(name: str) -> None:
    """A package's __init__ imports what is public and lists it; the code is elsewhere."""
    tree = ast.parse((home(name) / "src" / name / "__init__.py").read_text())
    assert {type(node) for node in tree.body} <= {ast.Expr, ast.Import, ast.ImportFrom, ast.Assign}


def wrong_addresses(tables: dict[str, dict[str, str]], first_page: str) -> Iterator[str]:
    """What is wrong with the tables [project.urls], by package; none need have one yet."""
    wanted = {"Changelog", "Documentation", "Issues", "Source"}
    if not any(tables.values()):
        return
    shared = {name: {**urls, "Changelog": ""} for name, urls in tables.items()}
    for name, urls in tables.items():
        if urls.keys() != wanted:
            yield f"{name} has {sorted(urls)}, not {sorted(wanted)}"
        if [*shared.values()].count(shared[name]) < len(tables):
            yield f"{name} has other addresses than another package"
        if any(not url.startswith("https://") for url in urls.values()):
            yield f"{name} has an address that does not begin with https://"
        if f"/{name}/" not in urls.get("Changelog", ""):
            yield f"{name} has not its own changelog"
        if urls.get("Source", "") not in first_page:
            yield f"docs/index.md does not link to the source of {name}"


def test_addresses() -> None:
    """As soon as one package names addresses all do, and the same; the site links to the source."""
    tables = {name: project(name).get("urls", {}) for name in PACKAGES}
    assert list(wrong_addresses(tables, (ROOT / "docs" / "index.md").read_text())) == []


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({}, None),
        ({"Source": "https://example.org/another"}, "other addresses"),
        ({"Issues": "http://example.org/issues"}, "https"),
        ({"Changelog": "https://example.org/b/CHANGELOG.md"}, "own changelog"),
        ({"Homepage": "https://example.org"}, "not ['Changelog',"),
    ],
)
def test_addresses_are_compared(change: dict[str, str], wrong: str | None) -> None:
    """Another address, an unsafe one, another package's changelog and a table too few are found."""
    names = {name: f"https://example.org/{name.lower()}" for name in ("Documentation", "Issues")}
    shared = {**names, "Source": "https://example.org/source"}
    tables = {n: {**shared, "Changelog": f"https://example.org/{n}/CHANGELOG.md"} for n in "ab"}
    tables["a"] |= change
    found = " ".join(wrong_addresses(tables, "[source](https://example.org/source)"))
    assert wrong in found if wrong else not found
    assert "a has []" in " ".join(wrong_addresses({"b": tables["b"], "a": {}}, ""))
    assert "docs/index.md does not" in " ".join(wrong_addresses(tables, "no link"))
