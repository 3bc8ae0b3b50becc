"""The static files of an app and its blueprints, and the URL path of each."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from flask import Flask

from .exceptions import CollectError

_FILENAME = "<path:filename>"


class StaticFolder(NamedTuple):
    """A folder that Flask serves below a URL path.

    :param folder: the absolute path of the folder.
    :param root: the URL path without slashes at its ends, such as ``'admin/static'``; may be empty.
    """

    folder: str
    root: str


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file.

    :param path: its URL path without leading slash, such as ``'static/css/app.css'``.
    :param source: the file on disk.
    """

    path: str
    source: str


def static_folder(app: Flask, endpoint: str) -> StaticFolder | None:
    """Give the static folder that an endpoint serves; ``None`` if it is none of Flask's own.

    An endpoint whose URL takes more than the filename (a blueprint registered below ``/<lang>``) is
    ``None`` as well: its files have no one place, so the app goes on serving them.
    """
    holder = app if endpoint == "static" else app.blueprints.get(endpoint.removesuffix(".static"))
    if holder is None or holder.static_folder is None or endpoint not in app.view_functions:
        return None
    for rule in app.url_map.iter_rules(endpoint):
        if rule.arguments == {"filename"} and rule.rule.endswith(_FILENAME):
            root = rule.rule.removesuffix(_FILENAME).strip("/")
            return StaticFolder(os.path.abspath(holder.static_folder), root)
    return None


def static_folders(app: Flask) -> list[StaticFolder]:
    """Give all static folders of an app, its own first."""
    endpoints = ["static", *(f"{name}.static" for name in app.blueprints)]
    found = (static_folder(app, endpoint) for endpoint in endpoints)
    return list(dict.fromkeys(folder for folder in found if folder))


def collect(
    app: Flask, *, include_hidden: bool = False, filepath_filter: str | None = None
) -> list[Asset]:
    """Give all static files of an app and its blueprints, in the order of their URL paths.

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
    """Give the paths of files below a folder, relative to it, with slashes."""
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
