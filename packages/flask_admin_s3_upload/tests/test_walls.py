"""The wall between fields over names and columns of stored files."""

import ast
from pathlib import Path

import pytest

import flask_admin_s3_upload

ROOT = Path(flask_admin_s3_upload.__file__).parent
SIDES = ("columns", "fields")


def imports_of(path: Path) -> set[str]:
    """The modules of this package that a module imports anywhere in it, below the package."""
    folders = ["", *path.relative_to(ROOT).parts[:-1]]
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            above = folders[: len(folders) + 1 - node.level]
            base = ".".join([*above, *filter(None, [node.module])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
        else:
            names = [alias.name for alias in getattr(node, "names", []) if hasattr(alias, "name")]
            assert not any(name.startswith("flask_admin_s3_upload") for name in names), path
    return {name.removeprefix(".") for name in found}


@pytest.mark.parametrize("side", SIDES)
def test_a_side_imports_nothing_of_the_other(side: str) -> None:
    """Neither itself nor by what both share: that imports none of them."""
    shared = [path for path in ROOT.glob("*.py") if path.name != "__init__.py"]
    modules = list((ROOT / side).glob("*.py"))
    assert len(modules) > 3
    for path in [*modules, *shared]:
        rooms = {name.split(".")[0] for name in imports_of(path)} & {*SIDES}
        assert rooms <= ({side} if path in modules else set()), path


def test_what_one_side_alone_needs_is_in_its_room() -> None:
    """The package's root holds what both need; and _settings.py, which each package has there."""
    shared = {path.stem for path in ROOT.glob("_*.py")} - {"__init__", "_settings"}
    users: dict[str, set[str]] = {name: set() for name in shared}
    for path in ROOT.rglob("*.py"):
        room = path.relative_to(ROOT).parts[0]
        for name in {name.split(".")[0] for name in imports_of(path)} & shared:
            users[name].add(room if room in SIDES else "root")
    assert [name for name, rooms in users.items() if rooms in ({"columns"}, {"fields"})] == []
