"""Prove that an environment into which a wheel was put holds what it should, and no more.

Run by the session ``imports`` with that environment's Python and the package's name.
"""

import importlib
import pkgutil
import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution, distributions
from types import ModuleType

#: What ``virtualenv`` puts into an environment by itself.
_INSTALLERS = {"pip", "setuptools", "wheel"}


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _needs(name: str, installed: dict[str, Distribution]) -> set[str]:
    """The distribution *name* and all that it requires, extras left out."""
    found: set[str] = set()
    waiting = {_normalized(name)}
    while waiting:
        current = waiting.pop()
        if current in found or current not in installed:
            continue
        found.add(current)
        for line in installed[current].requires or []:
            if not re.search(r";.*\bextra\s*==", line) and (match := re.match(r"[\w.-]+", line)):
                waiting.add(_normalized(match[0]))
    return found


def _public_modules(package: ModuleType) -> Iterator[ModuleType]:
    """Yield the public modules; one that needs an extra must say so when it is imported."""
    yield package
    for found in pkgutil.iter_modules(package.__path__):
        if found.name.startswith("_"):
            continue
        try:
            yield importlib.import_module(f"{package.__name__}.{found.name}")
        except ImportError as error:
            if f"pip install '{_normalized(package.__name__)}[" not in str(error):
                raise
            print(f"{package.__name__}.{found.name}: {error}")


def _main(name: str) -> None:
    files = [str(path) for path in distribution(name).files or []]
    if f"{name}/py.typed" not in files:
        sys.exit(f"{name}: the wheel has no py.typed")
    if strays := [f for f in files if not f.startswith((f"{name}/", f"{name}-", "../"))]:
        sys.exit(f"{name}: the wheel has files outside its package: {strays}")

    installed = {_normalized(found.metadata["Name"]): found for found in distributions()}
    needs = _needs(name, installed)
    if unasked := installed.keys() - needs - _INSTALLERS:
        sys.exit(f"{name}: nothing that it requires requires {sorted(unasked)}")

    for module in _public_modules(importlib.import_module(name)):
        names = getattr(module, "__all__", [])
        for public in names:
            getattr(module, public)
        print(f"{module.__name__}: {', '.join(names)}")
    print(f"{name} installed: {', '.join(sorted(needs))}")


_main(sys.argv[1])
