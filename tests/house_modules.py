"""What breaks the rules for modules: their length, and who imports whom."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from layout import EXAMPLE, PACKAGES, ROOT, home, parsed, sources

MOST_LINES = 300

#: What breaks a rule: the place as the list of exceptions names it, and a hint.
Found = Iterator[tuple[str, str]]


def code() -> list[tuple[str, ast.Module]]:
    """Every module of code, by its path below the root."""
    paths = [path for name in [*PACKAGES, EXAMPLE] for path in sources(name)]
    return [(str(path.relative_to(ROOT)), parsed(path)) for path in paths]


def long_modules() -> Found:
    """Every line of a module of code, or of a script, beyond the most that it may have."""
    modules = [path for name in [*PACKAGES, EXAMPLE] for path in sources(name)]
    scripts = [path for name in [*PACKAGES, EXAMPLE] for path in home(name).rglob("*.js")]
    for path in sorted([*modules, *scripts, ROOT / "noxfile.py"]):
        lines = len(path.read_text().splitlines())
        for number in range(MOST_LINES + 1, lines + 1):
            yield str(path.relative_to(ROOT)), f"line {number}"


def circles() -> Found:
    """Every import that is part of a circle."""
    for name in [*PACKAGES, EXAMPLE]:
        edges = import_graph(name)
        reach = {module: reachable(edges, module) for module in edges}
        for module, targets in edges.items():
            for target in sorted(targets):
                if module in reach[target]:
                    yield f"{module} -> {target}", "leads back to where it began"


@cache
def import_graph(name: str) -> dict[str, set[str]]:
    """Who imports whom inside a package: types alone, and in functions, too."""
    root = home(name) if name == EXAMPLE else home(name) / "src" / name
    paths = {module_name(path, root.parent): path for path in sources(name)}
    return {
        module: {target for target in imported(path, module, set(paths)) if target != module}
        for module, path in paths.items()
    }


def module_name(path: Path, folder: Path) -> str:
    parts = path.relative_to(folder).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path, module: str, known: set[str]) -> Iterator[str]:
    """The modules among the known ones that a module imports by name."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            source = node.module or ""
            if node.level:
                above = package.split(".")
                above = above[: len(above) - node.level + 1]
                source = ".".join([*above, *filter(None, [node.module])])
            for alias in node.names:
                candidates = (f"{source}.{alias.name}", source)
                yield from [name for name in candidates if name in known][:1]


def reachable(edges: dict[str, set[str]], start: str) -> set[str]:
    """All that a module imports, by way of others, too."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for target in edges[waiting.pop()] - found:
            found.add(target)
            waiting.append(target)
    return found
