"""The static folders of an app and its blueprints, and where their files are in the bucket."""

import os
import unicodedata
from typing import NamedTuple

from flask import Flask

_FILENAME = "<path:filename>"


def composed(name: str) -> str:
    """Return a name in composed Unicode (NFC), as people and browsers write it; macOS does not."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


class StaticFolder(NamedTuple):
    """A folder that Flask serves below a URL path.

    :param folder: the absolute path of the folder.
    :param root: the URL path without slashes at its ends, such as ``'admin/static'``; may be empty.
    """

    folder: str
    root: str

    def path(self, name: str) -> str:
        """Return the URL path, without leading slash, of a file by its name in the folder."""
        name = composed(name)
        return f"{self.root}/{name}" if self.root else name

    def name_of(self, path: str) -> str | None:
        """Return the name in the folder of a URL path; ``None`` if it is not below the folder's."""
        start = self.path("")
        return path.removeprefix(start) if path.startswith(start) else None


def static_folder(app: Flask, endpoint: str) -> StaticFolder | None:
    """Return the static folder that an endpoint serves; ``None`` if it is none of Flask's own.

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
    """Return all static folders of an app, its own first."""
    endpoints = ["static", *(f"{name}.static" for name in app.blueprints)]
    found = (static_folder(app, endpoint) for endpoint in endpoints)
    return list(dict.fromkeys(folder for folder in found if folder))
