"""What the environments of noxfile.py's sessions hold, by the pyproject.toml of each project.

A folder under packages/ that has a pyproject.toml is a package and takes part in every session. Its
dependencies that are packages of this tree are taken from this tree.
"""

from itertools import chain
from pathlib import Path

import nox
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

EXAMPLE = "example_app"
DIST = Path("dist").absolute()
PACKAGES = sorted(str(path.parent) for path in Path().glob("packages/*/pyproject.toml"))
# The longest first: side by side, it would otherwise be waited for at the end.
PROJECTS = {
    folder: nox.project.load_toml(f"{folder}/pyproject.toml") for folder in [EXAMPLE, *PACKAGES]
}
TOOLS = nox.project.load_toml("pyproject.toml")


def requirements(project: str) -> list[str]:
    return list(PROJECTS[project]["project"]["dependencies"])


def optional(project: str) -> list[str]:
    """What the extras of a project require."""
    return list(chain(*PROJECTS[project]["project"].get("optional-dependencies", {}).values()))


def package_of(requirement: Requirement) -> str | None:
    """The package of this tree that a requirement names, if it is one."""
    by_name = {canonicalize_name(PROJECTS[p]["project"]["name"]): p for p in PACKAGES}
    return by_name.get(canonicalize_name(requirement.name))


def in_tree(lines: list[str]) -> list[str]:
    """The packages of this tree that some requirements name, also by the extras in brackets."""
    found = []
    for requirement in map(Requirement, lines):
        if package := package_of(requirement):
            extras = PROJECTS[package]["project"].get("optional-dependencies", {})
            asked = chain(*(extras.get(extra, []) for extra in requirement.extras))
            found += [package, *in_tree(list(asked))]
    return found


def siblings(project: str) -> list[str]:
    """The packages of this tree that a project requires, and those that they require."""
    direct = in_tree(requirements(project))
    return list(dict.fromkeys(chain(direct, *(siblings(package) for package in direct))))


def is_on_s3(package: str) -> bool:
    """Whether the tests of a package need an S3 server."""
    return "packages/s3_saver" in {package, *siblings(package), *in_tree(needs("test", package))}


def from_tree(*projects: str) -> list[str]:
    """What to install for projects, with their siblings; the example app is run as it stands."""
    packages = [p for project in projects for p in [project, *siblings(project)] if p != EXAMPLE]
    editable = [part for package in dict.fromkeys(packages) for part in ("-e", package)]
    return editable + (requirements(EXAMPLE) if EXAMPLE in projects else [])


def needs(group: str, *projects: str) -> list[str]:
    """The dependency group of that name, of every project that has one and of the whole tree."""
    tables = [TOOLS, *(PROJECTS[project] for project in projects)]
    having = [table for table in tables if group in table.get("dependency-groups", {})]
    found = chain(*(nox.project.dependency_groups(table, group) for table in having))
    return list(dict.fromkeys(found))


def test_tools(*projects: str) -> list[str]:
    """What to install for the tests of projects, besides what is tested."""
    tools = needs("test", *projects)
    return [*from_tree(*in_tree(tools)), *tools]


def built(package: str, ending: str) -> str:
    """The path of the sdist or wheel that the session ``build`` has made."""
    (path,) = DIST.glob(f"{Path(package).name}-*{ending}")
    return str(path)


def from_wheels(*lines: str) -> list[str]:
    """What to install for some requirements, with this tree's wheels wherever one is wanted."""
    needed = [p for package in in_tree([*lines]) for p in [package, *siblings(package)]]
    wheels = [built(package, ".whl") for package in dict.fromkeys(needed)]
    extras = []
    for requirement in map(Requirement, lines):
        package = package_of(requirement)
        if package and requirement.extras:
            wheel = Path(built(package, ".whl")).as_uri()
            extras.append(f"{requirement.name}[{','.join(sorted(requirement.extras))}] @ {wheel}")
        elif not package:
            extras.append(str(requirement))
    return [*wheels, *extras]
