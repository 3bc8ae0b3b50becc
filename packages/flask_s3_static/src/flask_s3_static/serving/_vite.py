"""The tags of what Vite has built, by the manifest that it writes.

``build.manifest`` and "Backend Integration" in Vite's documentation say what the manifest has, and
which tags a page needs.
"""

import json
import os
import posixpath
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from ..exceptions import ManifestError

_MANIFEST = ".vite/manifest.json"
_DAMAGE = (ValueError, KeyError, TypeError, AttributeError, RecursionError)

_STYLE = Markup('<link rel="stylesheet" href="{}" integrity="{}" crossorigin="anonymous">')
_PRELOAD = Markup('<link rel="modulepreload" href="{}" integrity="{}" crossorigin="anonymous">')
_SCRIPT = Markup('<script type="module" src="{}" integrity="{}" crossorigin="anonymous"></script>')
_SERVED_STYLE = Markup('<link rel="stylesheet" href="{}">')
_SERVED_SCRIPT = Markup('<script type="module" src="{}"></script>')
_STYLES = (".css", ".less", ".sass", ".scss", ".styl", ".stylus", ".pcss", ".postcss")

#: From a file's name in the static folder to its URL and its hash for ``integrity``.
Locate = Callable[[str], tuple[str, str]]


def server_tags(server_url: str, name: str) -> Markup:
    """Return the tags of an entry that Vite's development server builds as it is asked for."""
    form = _SERVED_STYLE if name.endswith(_STYLES) else _SERVED_SCRIPT
    client = _SERVED_SCRIPT.format(f"{server_url}/@vite/client")
    return Markup("\n").join([client, form.format(f"{server_url}/{name.lstrip('/')}")])


def built_tags(static_folder: str, vite_folder: str, name: str, locate: Locate) -> Markup:
    """Return the tags of an entry as it was built: stylesheets, the script, what it imports.

    :param vite_folder: where Vite builds to, relative to the static folder.
    :raises ManifestError: there is no manifest, or it is damaged.
    :raises FileNotFoundError: the manifest has no such entry.
    """
    path = os.path.join(static_folder, vite_folder, _MANIFEST)
    chunks = _read(path)
    entry = chunks.get(name)
    if entry is None or not entry.get("isEntry"):
        entries = ", ".join(sorted(key for key, one in chunks.items() if one.get("isEntry")))
        raise FileNotFoundError(
            f"{path} has no entry {name!r}: it has {entries or 'none'}; name it in Vite's "
            "build.rollupOptions.input and build again"
        )

    def tag(form: Markup, file: str) -> Markup:
        return form.format(*locate(f"{vite_folder}/{file}" if vite_folder else file))

    try:
        reached = list(_reached(chunks, name))
        styles = dict.fromkeys(file for one in reached for file in one.get("css", ()))
        first, *imported = (one["file"] for one in reached)
        tags = [tag(_STYLE, file) for file in styles if file != first]
        tags.append(tag(_STYLE if first.endswith(".css") else _SCRIPT, first))
        tags += [tag(_PRELOAD, file) for file in dict.fromkeys(imported) if file.endswith(".js")]
    except _DAMAGE as error:
        raise _damaged(path) from error
    return Markup("\n").join(tags)


def built_files(static_folder: str, vite_folder: str) -> set[str]:
    """Return the files that Vite's manifest names, relative to the static folder.

    They are none if there is no manifest.

    :raises ManifestError: it is damaged.
    """
    path = os.path.join(static_folder, vite_folder, _MANIFEST)
    if not os.path.isfile(path):
        return set()
    names: set[str] = set()
    try:
        for chunk in _read(path).values():
            names |= {chunk["file"], *chunk.get("css", ()), *chunk.get("assets", ())}
        return {posixpath.join(vite_folder, name) for name in names}
    except _DAMAGE as error:
        raise _damaged(path) from error


def _reached(chunks: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    """Return a chunk and all that it imports, each once; imports of a chunk follow it."""
    waiting, seen = [name], set()
    while waiting:
        key = waiting.pop()
        if key not in seen:
            seen.add(key)
            yield chunks[key]
            waiting += reversed(chunks[key].get("imports", ()))


def _read(path: str) -> dict[str, Any]:
    try:
        status = os.stat(path)
    except FileNotFoundError as error:
        raise ManifestError(
            f"there is no {path}: set build.manifest to true in Vite's configuration and run `vite "
            "build`, or correct FLASKS3_VITE_FOLDER, the folder in the static folder that "
            "build.outDir leads to"
        ) from error
    return _parse(path, status.st_mtime_ns, status.st_size)


@lru_cache(16)
def _parse(path: str, _modified: int, _size: int) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            chunks: dict[str, Any] = json.load(file)
        for chunk in chunks.values():
            chunk.get("isEntry")
    except _DAMAGE as error:
        raise _damaged(path) from error
    return chunks


def _damaged(path: str) -> ManifestError:
    return ManifestError(f"{path} is no manifest of Vite's: run `vite build` again")
