"""Where things are in the tree, and what its sources say without being run."""

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PACKAGES = sorted(path.parent.name for path in ROOT.glob("packages/*/pyproject.toml"))
EXAMPLE = "example_app"


def home(name: str) -> Path:
    """The folder of a package, or of the example app."""
    return ROOT / EXAMPLE if name == EXAMPLE else ROOT / "packages" / name


def project(name: str) -> dict[str, Any]:
    """The table [project] of its pyproject.toml."""
    table: dict[str, Any] = tomllib.loads((home(name) / "pyproject.toml").read_text())["project"]
    return table


def sources(name: str) -> list[Path]:
    """The modules that are not tests."""
    if name == EXAMPLE:
        return sorted(path for path in home(name).rglob("*.py") if "tests" not in path.parts)
    return sorted((home(name) / "src").rglob("*.py"))


def modules_of_tests() -> list[Path]:
    """All modules of tests in the tree."""
    folders = [*(home(name) / "tests" for name in [*PACKAGES, EXAMPLE]), ROOT / "tests"]
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    """A module's code, which many tests look through."""
    return ast.parse(path.read_text())


def nodes(tree: ast.AST, *, types: bool = True) -> Iterator[ast.AST]:
    """Every piece of code; without types, what stands under TYPE_CHECKING is left out."""
    for child in ast.iter_child_nodes(tree):
        if not types and isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            for other in child.orelse:
                yield from (other, *nodes(other, types=types))
        else:
            yield from (child, *nodes(child, types=types))


def imports(path: Path, *, types: bool = True) -> Iterator[tuple[str, str]]:
    """Every absolute import in a module, in functions too: from where, and which name, or ''."""
    for node in nodes(parsed(path), types=types):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.module, alias.name) for alias in node.names)
