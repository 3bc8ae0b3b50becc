"""The static files of an app and its blueprints, and the URL path of each."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask

from ..exceptions import CollectError
from ..serving._folders import static_folders


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file.

    :param path: its URL path without leading slash, such as ``'static/css/app.css'``.
    :param source: the file on disk.
    """

    path: str
    source: str


def collect(
    app: Flask, *, include_hidden: bool = False, filepath_filter: str | None = None
) -> list[Asset]:
    """Return all static files of an app and its blueprints, in the order of their URL paths.

    Links are followed. A folder that is not there is empty.

    :param include_hidden: also files and folders whose names begin with a dot.
    :param filepath_filter: a regular expression, searched in each path relative to its static
        folder.
    :raises CollectError: two files have one URL path, a link leads nowhere or in a circle, or
        there is no file (that matches the filter).
    """
    try:
        wanted = re.compile(filepath_filter or "").search
    except re.error as error:
        raise CollectError(f"the filter {filepath_filter!r} is no regular expression") from error
    found: dict[str, Asset] = {}
    folders = static_folders(app)
    for folder, root in folders:
        for name in _walk(folder, "", (), include_hidden=include_hidden):
            if not wanted(name):
                continue
            asset = Asset(f"{root}/{name}" if root else name, f"{folder}/{name}")
            other = found.setdefault(asset.path, asset)
            if other is not asset and not os.path.samefile(other.source, asset.source):
                raise CollectError(
                    f"two files have the URL path /{asset.path}: {other.source!r} and "
                    f"{asset.source!r}. Rename one, or give the blueprint another url_prefix or "
                    "static_url_path"
                )
    if not found:
        places = ", ".join(repr(folder) for folder, _ in folders) or "no static folder"
        if filepath_filter:
            raise CollectError(f"the filter {filepath_filter!r} matches no file of {places}")
        raise CollectError(f"there is no static file: looked into {places}")
    return [found[path] for path in sorted(found)]


def _walk(
    folder: str, start: str, parents: tuple[str, ...], *, include_hidden: bool
) -> Iterator[str]:
    """Return the paths of files below a folder, relative to it, with slashes."""
    here = os.path.join(folder, start)
    real = os.path.realpath(here)
    if real in parents:
        raise CollectError(f"the link {here!r} leads back to a folder above it: remove it")
    try:
        entries = sorted(os.scandir(here), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.name.startswith(".") and not include_hidden:
            continue
        name = start + entry.name
        if entry.is_dir():
            yield from _walk(folder, f"{name}/", (*parents, real), include_hidden=include_hidden)
        elif entry.is_file():
            yield name
        else:
            raise CollectError(
                f"{entry.path!r} is no file: it is a link that leads nowhere, a socket or a "
                "device. Remove it"
            )
