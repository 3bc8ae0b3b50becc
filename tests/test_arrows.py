"""Who may know whom: the arrows between the packages that CONTRIBUTING.md draws."""

import importlib
import re

import pytest
from layout import EXAMPLE, PACKAGES, imports, project, sources

#: The packages at the bottom, and all that each stands on.
LEAVES = {"s3_saver": ["boto3"], "untrusted_files": [], "url_for_s3": []}

#: What stands on leaves without being an extension of Flask, and all that it stands on.
MIDDLE = {"sqlalchemy_s3_files": ["sqlalchemy", "s3_saver"]}

#: What may stand on the middle, by an extra alone: who has no SQLAlchemy goes without.
BY_EXTRA = {
    "flask_admin_s3_upload": ["sqlalchemy_s3_files"],
    "flask_s3_upload": ["sqlalchemy_s3_files"],
}


def sibling_imports(name: str) -> set[tuple[str, str]]:
    """What a package takes from other packages of the tree: module and name."""
    others = {*PACKAGES, EXAMPLE} - {name}
    found = {pair for path in sources(name) for pair in imports(path)}
    return {(module, taken) for module, taken in found if module.split(".")[0] in others}


def declared(name: str) -> dict[str, str]:
    """What a package requires: the import name of each, and the rest of its line."""
    return parsed_lines(project(name)["dependencies"])


def declared_by_extra(name: str) -> dict[str, str]:
    """What the extra ``sqlalchemy`` of a package requires, likewise."""
    return parsed_lines(project(name).get("optional-dependencies", {}).get("sqlalchemy", []))


def parsed_lines(lines: list[str]) -> dict[str, str]:
    pairs = (re.fullmatch(r"([\w.-]+)(?:\[.*\])?(.*)", line) for line in lines)
    return {found[1].replace("-", "_").lower(): found[2] for found in pairs if found}


@pytest.mark.parametrize("name", LEAVES)
def test_leaves(name: str) -> None:
    """A package at the bottom requires what its one subject needs, and none of the others."""
    assert list(declared(name)) == LEAVES[name]
    assert not sibling_imports(name)


@pytest.mark.parametrize("name", MIDDLE)
def test_middle(name: str) -> None:
    """A package in between requires its one subject's library and the leaf that it stands on."""
    assert list(declared(name)) == MIDDLE[name]
    assert {module.split(".")[0] for module, _ in sibling_imports(name)} <= {*MIDDLE[name]}


@pytest.mark.parametrize("name", [*PACKAGES, EXAMPLE])
def test_downwards(name: str) -> None:
    """An arrow ends at a leaf, unless it starts at the example app, and is a requirement; to the
    middle it is one of an extra."""
    targets = {module.split(".")[0] for module, _ in sibling_imports(name)}
    if name in BY_EXTRA:
        targets -= {*BY_EXTRA[name]} & declared_by_extra(name).keys()
    assert targets <= declared(name).keys()
    assert targets <= ({*PACKAGES} if name == EXAMPLE else LEAVES.keys())


@pytest.mark.parametrize("name", [*PACKAGES, EXAMPLE])
def test_floors(name: str) -> None:
    """A requirement on another package of the tree is a floor, and no ceiling."""
    lines = {**declared_by_extra(name), **declared(name)}
    for sibling in lines.keys() & {*PACKAGES}:
        assert re.fullmatch(r">=\d+(\.\d+)*", lines[sibling])


@pytest.mark.parametrize("name", [*PACKAGES, EXAMPLE])
def test_public_names_only(name: str) -> None:
    """What a package takes from another is in the __all__ of a public module there."""
    for module, taken in sibling_imports(name):
        assert not re.search(r"(^|\.)_", module)
        assert not taken or taken in importlib.import_module(module).__all__
