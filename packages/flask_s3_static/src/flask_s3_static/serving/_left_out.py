"""What stays with the app: files of users, which others announce, and what settings exclude.

A push never takes these, ``url_for`` never leads to the bucket for them, and no policy opens them.
"""

import os
from collections.abc import Iterable
from fnmatch import fnmatchcase

from flask import Flask

from s3_saver import AnnouncedPrefix, PrefixRegistry

from .._settings import Settings
from ._folders import StaticFolder

EXCLUDED = "FLASKS3_EXCLUDE"


class LeftOut:
    """Which static files of an app stay with it, by what was announced when this was made.

    :param announced: folders and prefixes that hold users' files.
    """

    def __init__(self, settings: Settings, announced: Iterable[AnnouncedPrefix]) -> None:
        self._settings = settings
        self.announced = tuple(announced)
        # A link may lead there, or be on the way to either.
        self._folders = [
            (os.path.join(os.path.realpath(one.prefix), ""), one)
            for one in self.announced
            if not one.storage_type
        ]

    @classmethod
    def of(cls, app: Flask, settings: Settings) -> "LeftOut":
        return cls(settings, PrefixRegistry.of(app.extensions))

    def reason(self, folder: StaticFolder, name: str) -> str:
        """Return why a file stays with the app: its owner or the setting; empty if it does not.

        :param name: relative to the static folder, with slashes; that of a folder ends in one.
        """
        if not self.announced and not self._settings.exclude:
            return ""
        if owner := self._owner(folder, name):
            return owner.owner
        return EXCLUDED if self._is_excluded(folder, name.rstrip("/")) else ""

    def reason_of_key(self, folders: Iterable[StaticFolder], key: str) -> str:
        """Return why the object of that key should not be there; empty if it may be.

        :param folders: all static folders of the app.
        """
        if owner := self.owner_of(key):
            return owner
        path = self._settings.path(key)
        reasons = (
            self.reason(folder, name)
            for folder in folders
            if (name := folder.name_of(path)) is not None
        )
        return next(filter(None, reasons), "")

    def owner_of(self, key: str) -> str:
        """Return who keeps the object of that key as a user's file; empty if nobody does."""
        return next((one.owner for one in self.announced if self._holds(one, key)), "")

    def key_prefixes(self, folders: Iterable[StaticFolder]) -> list[str]:
        """Return the prefixes of all keys that a push may have.

        :param folders: all static folders of the app.
        """
        roots = {folder.path("") for folder in folders if not self.reason(folder, "")}
        if self._settings.prefix:
            return [f"{self._settings.prefix}/"] if roots else []
        return [""] if "" in roots else sorted(roots)

    def is_in_bucket(self, announced: AnnouncedPrefix) -> bool:
        """Report whether it is a prefix in the bucket of the static files."""
        return announced[1:3] == ("s3", self._settings.s3.bucket_name)

    def _owner(self, folder: StaticFolder, name: str) -> AnnouncedPrefix | None:
        if self._folders:
            path = os.path.join(_real_path(os.path.join(folder.folder, name)), "")
            for start, one in self._folders:
                if path.startswith(start):
                    return one
        key = self._settings.key(folder.path(name))
        return next((one for one in self.announced if self._holds(one, key)), None)

    def _holds(self, announced: AnnouncedPrefix, key: str) -> bool:
        return announced.holds("s3", self._settings.s3.bucket_name, key)

    def _is_excluded(self, folder: StaticFolder, name: str) -> bool:
        if not self._settings.exclude:
            return False
        names = [*_with_folders(name), *_with_folders(_name_behind_links(folder, name))]
        return any(
            fnmatchcase(one, pattern.strip("/"))
            for pattern in self._settings.exclude
            for one in names
        )


def _with_folders(name: str) -> list[str]:
    """Return a name and those of the folders that it is in."""
    parts = name.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]


def _name_behind_links(folder: StaticFolder, name: str) -> str:
    """Return the name of the file in the static folder to which links lead, if there are any."""
    root = os.path.join(os.path.realpath(folder.folder), "")
    path = _real_path(os.path.join(root, name))
    return path.removeprefix(root).replace(os.sep, "/") if path.startswith(root) else name


def _real_path(path: str) -> str:
    try:
        return os.path.realpath(path)
    except ValueError:  # it has a NUL, as no file's name has; who makes its URL reports that
        return path
