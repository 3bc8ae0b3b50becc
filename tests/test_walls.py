"""The walls between the folders of a package, as walls.toml has them.

What can be seen by running an import alone is tested in the package, in a fresh process.
"""

import tomllib
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from house_modules import import_graph, imported, module_name, reachable
from layout import PACKAGES, ROOT, home, imports, sources

WALLS: dict[str, dict[str, Any]] = tomllib.loads((ROOT / "tests" / "walls.toml").read_text())

#: The module that each extension has next to its __init__.py, whoever imports it.
SETTINGS = "_settings"

RUN, NEVER = "requests_run", "requests_never_load"


def root_of(package: str) -> Path:
    return home(package) / "src" / package


@cache
def modules(package: str) -> dict[str, Path]:
    """The files of all modules of a package, by their full names."""
    return {module_name(path, root_of(package).parent): path for path in sources(package)}


def folder_of(package: str, path: Path) -> str:
    """The folder of a module, ``.`` for those next to the package's __init__.py."""
    return path.parent.relative_to(root_of(package)).as_posix()


@cache
def by_folder(package: str) -> dict[str, dict[str, Path]]:
    """The modules of a package, by their folders; its __init__.py is in none of them."""
    found: dict[str, dict[str, Path]] = defaultdict(dict)
    for module, path in modules(package).items():
        if module != package:
            found[folder_of(package, path)][module] = path
    return dict(found)


def libraries_of(path: Path, *, types: bool = True) -> set[str]:
    """What a module imports from elsewhere, by the first part of its name."""
    return {module.partition(".")[0] for module, _ in imports(path, types=types)}


def lines(table: str) -> list[Any]:
    """Every line of the tables of this name: package, key, value."""
    return [
        pytest.param(package, key, value, id=f"{package}-{key}")
        for package, walls in WALLS.items()
        for key, value in walls.get(table, {}).items()
    ]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_folder_of_a_package_is_in_the_table(package: str) -> None:
    """A package that is cut into folders has each of them in walls.toml, and no others."""
    folders = by_folder(package).keys()
    named = WALLS.get(package, {}).get("folders", {}).keys()
    assert named == (folders if folders > {"."} else set()), "walls.toml says how to add a folder"


def test_what_the_table_names_is_there() -> None:
    """Each package, folder and library that walls.toml names is one that it has a line for."""
    assert WALLS.keys() <= {*PACKAGES}
    for package, walls in WALLS.items():
        assert walls.keys() <= {"folders", "libraries", "types_in_root", RUN, NEVER}, package
        folders, libraries = walls["folders"].keys(), walls.get("libraries", {})
        assert {name for below in walls["folders"].values() for name in below} <= folders, package
        assert {*libraries.values(), *walls.get(RUN, [])} <= folders, package
        assert {*walls.get("types_in_root", [])} <= libraries.keys(), package
        assert {*walls.get(NEVER, [])} <= folders | libraries.keys(), package
        assert bool(walls.get(RUN)) == bool(walls.get(NEVER)), package


@pytest.mark.parametrize(("package", "folder", "below"), lines("folders"))
def test_a_folder_imports_what_the_table_allows(
    package: str, folder: str, below: list[str]
) -> None:
    """A module imports its own folder, the package's root, and the folders of its line alone."""
    graph, paths = import_graph(package), modules(package)
    allowed = {".", folder, *below}
    for module in by_folder(package)[folder]:
        wrong = [one for one in graph[module] if folder_of(package, paths[one]) not in allowed]
        assert not wrong, module


@pytest.mark.parametrize("package", WALLS)
def test_the_root_of_a_package_is_what_its_folders_share(package: str) -> None:
    """No module next to __init__.py is imported by the modules of one folder alone."""
    graph, paths = import_graph(package), modules(package)
    users: dict[str, set[str]] = defaultdict(set)
    for module, targets in graph.items():
        for target in targets & by_folder(package)["."].keys():
            users[target].add(folder_of(package, paths[module]).partition("/")[0])
    users.pop(f"{package}.{SETTINGS}", None)
    alone = {module: found for module, found in users.items() if len(found) == 1}
    assert not {module: found for module, found in alone.items() if found != {"."}}


@pytest.mark.parametrize(("package", "library", "home_of_it"), lines("libraries"))
def test_a_library_is_imported_in_one_folder(package: str, library: str, home_of_it: str) -> None:
    """A library that one folder is for is imported nowhere else, unless it is for types, in the
    root."""
    types_in_root = library in WALLS[package].get("types_in_root", [])
    for path in modules(package).values():
        folder = folder_of(package, path)
        types = not (types_in_root and folder == ".")
        assert folder == home_of_it or library not in libraries_of(path, types=types), path


@pytest.mark.parametrize(
    ("package", "folder"),
    [(package, folder) for package, walls in WALLS.items() for folder in walls.get(RUN, [])],
)
def test_what_requests_run_never_loads_the_rest(package: str, folder: str) -> None:
    """Neither such a folder's modules nor anything that they import loads what is forbidden."""
    graph, paths = import_graph(package), modules(package)
    never = {*WALLS[package][NEVER]}
    start = by_folder(package)[folder].keys()
    loaded = start | {found for module in start for found in reachable(graph, module)}
    assert f"{package}.{SETTINGS}" in loaded, "the walk ended early"
    for module in loaded:
        assert folder_of(package, paths[module]) not in never, module
        assert not libraries_of(paths[module], types=False) & never, module


def test_the_walk_sees_every_form_of_import(tmp_path: Path) -> None:
    """Relative or absolute, of a module or a name in it, in a function or for types alone."""
    path = tmp_path / "one" / "folder" / "_here.py"
    path.parent.mkdir(parents=True)
    path.write_text(
        "import one.a\n"
        "from . import _b\n"
        "from .. import c, gone\n"
        "from ..d import name\n"
        "from .e._f import name\n"
        "if TYPE_CHECKING:\n    from ..types_alone import T\n    import library\n"
        "else:\n    import other\n"
        "def call():\n    from one.g import name\n    from .. import _h as _i\n"
    )
    names = ["a", "folder._b", "c", "d", "folder.e._f", "types_alone", "g", "_h", "unused"]
    known = {"one", "one.folder", *(f"one.{name}" for name in names)}
    found = set(imported(path, "one.folder._here", known))
    assert found == known - {"one.unused", "one.folder"}
    assert libraries_of(path) == {"one", "library", "other"}
    assert libraries_of(path, types=False) == {"one", "other"}
