"""The static files of an app and its blueprints, and the URL path of each."""

import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask

from ..exceptions import CollectError
from ..serving._folders import StaticFolder, static_folders
from ..serving._left_out import LeftOut

_log = logging.getLogger("flask_s3_static")


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file.

    :param path: its URL path without leading slash, such as ``'static/css/app.css'``.
    :param source: the file on disk.
    """

    path: str
    source: str


@dataclass(frozen=True)
class Collection:
    """All static files of an app.

    :param assets: what is to be pushed, in the order of the URL paths.
    :param left_out: what stays with the app, by URL path; that of a folder ends in a slash. The
        values are who keeps the users' files that are there, or the setting.
    :param warnings: a sentence for each file that is stored under another name than it has.
    """

    assets: list[Asset]
    left_out: dict[str, str]
    warnings: list[str]


def collect(
    app: Flask,
    left_out: LeftOut,
    *,
    include_hidden: bool = False,
    filepath_filter: str | None = None,
) -> Collection:
    """Return the static files of an app and its blueprints.

    Links inside a static folder are followed. A folder that is not there is empty, and logged. A
    name in decomposed Unicode (NFD), as macOS writes it, is stored composed (NFC), as URLs have it.

    :param left_out: which files stay with the app.
    :param include_hidden: also files and folders whose names begin with a dot.
    :param filepath_filter: a regular expression, searched in each path relative to its static
        folder.
    :raises CollectError: two files have one URL path, a link leads out of its static folder,
        nowhere or in a circle, or there is no file (that matches the filter).
    """
    try:
        wanted = re.compile(filepath_filter or "").search
    except re.error as error:
        raise CollectError(
            f"the filter must be a regular expression, got {filepath_filter!r}: {error}"
        ) from error
    found: dict[str, Asset] = {}
    stays: dict[str, str] = {}
    warnings: list[str] = []
    folders = static_folders(app)
    for folder in folders:
        if not os.path.isdir(folder.folder):
            _log.warning("the static folder %s does not exist", folder.folder)
        if reason := left_out.reason(folder, ""):
            stays[folder.path("")] = reason
            continue
        for name in _Walk(folder, left_out, stays, include_hidden=include_hidden):
            if not wanted(name):
                continue
            asset = Asset(folder.path(name), f"{folder.folder}/{name}")
            if not asset.path.endswith(name):
                warnings.append(
                    f"{asset.source} has a decomposed name (Unicode NFD), as macOS makes them: it "
                    f"is stored composed, as /{asset.path}, and found by references that are "
                    "written composed. FLASKS3_HASHED_NAMES rewrites the others"
                )
            other = found.setdefault(asset.path, asset)
            if other is not asset and not os.path.samefile(other.source, asset.source):
                raise CollectError(
                    f"two files have the URL path /{asset.path}: {other.source!r} and "
                    f"{asset.source!r}. Rename one, or give the blueprint another url_prefix or "
                    "static_url_path"
                )
    if not found:
        places = ", ".join(repr(folder.folder) for folder in folders) or "no static folder"
        if filepath_filter:
            raise CollectError(f"the filter {filepath_filter!r} matches no file of {places}")
        but = "".join(f"; /{path} stays with the app, by {why}" for path, why in stays.items())
        raise CollectError(f"there is no static file: looked into {places}{but}")
    return Collection([found[path] for path in sorted(found)], stays, warnings)


class _Walk:
    """The names of files below a static folder, with slashes; what stays with the app is noted."""

    def __init__(
        self,
        folder: StaticFolder,
        left_out: LeftOut,
        stays: dict[str, str],
        *,
        include_hidden: bool,
    ) -> None:
        self._folder = folder
        self._real = os.path.realpath(folder.folder)
        self._left_out = left_out
        self._stays = stays
        self._include_hidden = include_hidden

    def __iter__(self) -> Iterator[str]:
        return self._names("", ())

    def _names(self, start: str, parents: tuple[str, ...]) -> Iterator[str]:
        here = os.path.join(self._folder.folder, start)
        real = os.path.realpath(here)
        if real in parents:
            raise CollectError(f"the link {here!r} leads back to a folder above it: remove it")
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except FileNotFoundError:
            return
        for entry in entries:
            if entry.name.startswith(".") and not self._include_hidden:
                continue
            name = start + entry.name + ("/" if entry.is_dir() else "")
            if reason := self._left_out.reason(self._folder, name):
                self._stays[self._folder.path(name)] = reason
                continue
            if entry.is_symlink():
                self._check_link(entry.path)
            if entry.is_dir():
                yield from self._names(name, (*parents, real))
            elif entry.is_file():
                yield name
            else:
                raise CollectError(
                    f"{entry.path!r} is no file: it is a link that leads nowhere, a socket or a "
                    "device. Remove it"
                )

    def _check_link(self, path: str) -> None:
        target = os.path.realpath(path)
        is_inside = target.startswith(os.path.join(self._real, "")) or target == self._real
        if not is_inside and os.path.exists(target):
            raise CollectError(
                f"the link {path!r} leads out of its static folder, to {target!r}, which a push "
                "would make public: put a copy of what pages need there, or name the link in "
                "FLASKS3_EXCLUDE"
            )
