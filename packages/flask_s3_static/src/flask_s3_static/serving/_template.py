"""The globals of templates: a file's hash, and the tags of what Vite has built."""

import hashlib
import os
from functools import lru_cache

from flask import Flask, current_app
from markupsafe import Markup
from werkzeug.security import safe_join

from ._manifest import integrity_of
from ._state import is_active, state_of
from ._urls import absolute
from ._vite import built_tags, server_tags


def static_integrity(filename: str, endpoint: str = "static") -> str:
    """Return a static file's hash for the attribute ``integrity`` of ``<script>`` and ``<link>``.

    It is that of the file to which ``url_for(endpoint, filename=filename)`` leads. In templates
    this function is a global. Browsers compare it only together with ``crossorigin="anonymous"``.

    :param filename: relative to the static folder.
    :raises FileNotFoundError: there is no such file.
    """
    app = _current_app()
    urls = state_of(app).urls
    endpoint = absolute(endpoint)
    path = urls.path(endpoint, filename) if is_active(app) else None
    if path and (entry := urls.manifest.files.get(path)):
        return entry.integrity
    folder = urls.folder(endpoint)
    source = safe_join(folder.folder, filename) if folder else None
    if source is None or not os.path.isfile(source):
        raise FileNotFoundError(f"{endpoint!r} has no static file {filename!r}")
    status = os.stat(source)
    return _integrity_of_file(source, status.st_mtime_ns, status.st_size)


@lru_cache(4096)
def _integrity_of_file(source: str, _modified: int, _size: int) -> str:
    with open(source, "rb") as file:
        return integrity_of(hashlib.file_digest(file, "sha256").digest())


def vite_asset(name: str) -> Markup:
    """Return the tags of an entry of Vite's: its stylesheets, its script, and preloads of what that
    imports, with their hashes.

    In templates this function is a global. In debug mode, if ``FLASKS3_VITE_SERVER_URL`` is set,
    the tags lead to Vite's development server.

    :param name: the entry as Vite's manifest names it, such as ``'src/main.js'``.
    :raises ManifestError: there is no manifest of Vite's, or it is damaged.
    :raises FileNotFoundError: the manifest has no such entry, or a file of it is not there.
    """
    app = _current_app()
    settings = state_of(app).settings
    if app.debug and settings.vite_server_url:
        return server_tags(settings.vite_server_url, name)

    def locate(filename: str) -> tuple[str, str]:
        return app.url_for("static", filename=filename), static_integrity(filename)

    return built_tags(app.static_folder or "", settings.vite_folder, name, locate)


def _current_app() -> Flask:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001
    return app
