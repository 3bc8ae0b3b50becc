"""The walls between the folders of the package."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import flask_s3_upload

PACKAGE = "flask_s3_upload"
ROOT = Path(flask_s3_upload.__file__).parent

#: By each folder, the folders that its modules may import.
BELOW = {
    "background": set(),
    "serving": set(),
    "direct": set(),
    "columns": {"direct"},
    "forms": {"columns", "direct"},
    "commands": {"columns", "direct"},
}

#: By each library of an extra, the one folder that imports it.
LIBRARIES = {
    "wtforms": "forms",
    "flask_wtf": "forms",
    "sqlalchemy": "columns",
    "sqlalchemy_s3_files": "columns",
    "celery": "background",
}

#: The folders that every request loads, or may load.
SERVING_PAGES = ("background", "serving", "direct")


def runs(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a tree, without what only type checkers read."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            for other in child.orelse:
                yield from (other, *runs(other))
        else:
            yield from (child, *runs(child))


def imports_of(path: Path) -> set[str]:
    """The modules that a module imports anywhere in it, by their full names."""
    package = [PACKAGE, *path.relative_to(ROOT).parts[:-1]]
    found = set()
    for node in runs(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return found


def path_of(module: str) -> Path | None:
    """The file of a module of this package."""
    parts = module.split(".")
    if parts[0] != PACKAGE or len(parts) == 1:
        return None
    path = ROOT.joinpath(*parts[1:]).with_suffix(".py")
    return path if path.is_file() else None


def folder_of(path: Path) -> str:
    """The folder of a module, ``''`` for the package itself."""
    parts = path.relative_to(ROOT).parts
    return parts[0] if len(parts) > 1 else ""


def modules_in(folder: str) -> list[Path]:
    found = sorted((ROOT / folder).glob("*.py"))
    assert len(found) > 3, folder
    return found


def test_each_folder_has_its_place() -> None:
    """Every folder with modules stands in the table of the walls."""
    assert {path.parent.name for path in ROOT.glob("*/*.py")} == set(BELOW)


@pytest.mark.parametrize("folder", BELOW)
def test_a_folder_imports_those_below_it_alone(folder: str) -> None:
    """A module imports the package's root, its own folder, and the folders below that."""
    for path in modules_in(folder):
        paths = filter(None, map(path_of, imports_of(path)))
        assert {folder_of(one) for one in paths} <= {"", folder, *BELOW[folder]}, path


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_of_an_extra_has_one_folder(library: str) -> None:
    """What an extra brings is imported in one folder, and nowhere else."""
    for path in sorted(ROOT.rglob("*.py")):
        names = {module.partition(".")[0] for module in imports_of(path)}
        assert library not in names or folder_of(path) == LIBRARIES[library], path


@pytest.mark.parametrize("folder", SERVING_PAGES)
def test_requests_need_neither_commands_nor_extras(folder: str) -> None:
    """Nothing that serves pages, and nothing that it imports, imports commands, forms, columns or
    what an extra brings.
    """
    waiting = modules_in(folder)
    seen: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        modules = imports_of(path)
        assert folder_of(path) not in ("commands", "forms", "columns"), path
        assert not {module.partition(".")[0] for module in modules} & set(LIBRARIES), path
        waiting += [found for module in modules if (found := path_of(module))]
    assert ROOT / "_settings.py" in seen
