"""The rules of CONTRIBUTING.md that a program can see."""

import ast
from pathlib import Path

import pytest
from layout import PACKAGES, ROOT, home, imports, modules_of_tests, parsed, project

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
