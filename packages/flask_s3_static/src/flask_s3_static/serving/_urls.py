"""From endpoint and filename to the URL in the bucket, fast enough for every link of every page."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from urllib.parse import quote, urlencode

from flask import Flask, has_request_context, request

from s3_saver import PrefixRegistry

from .._settings import Settings
from ._folders import StaticFolder, static_folder
from ._left_out import LeftOut
from ._manifest import Manifest

_MOST_URLS = 16_384  # kept; filenames may come from visitors, so there must be an end
_MOST_WARNINGS = 100

# What flask.url_for leaves alone in a query, and in an anchor. That is written here, and not by
# url_for_s3, since a query may have any name: ``region`` or ``scheme`` are parameters there.
_QUERY_SAFE = "!$'()*,/:;?@"
_ANCHOR_SAFE = "%!#$&'()*+,/:;=?@"


def absolute(endpoint: str) -> str:
    """Return the endpoint that a relative one, such as ``.static``, is in the request of now."""
    if endpoint[:1] != "." or not has_request_context():
        return endpoint
    return f"{request.blueprint}{endpoint}" if request.blueprint else endpoint[1:]


class StaticUrls:
    """The URLs of an app's static files. Nothing here asks the network or imports an SDK."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._registry = PrefixRegistry.of(app.extensions)
        self._folders: dict[str, StaticFolder] = {}
        self._announced: tuple[object, ...] = ()
        self._warned: set[object] = set()
        self.use(Manifest())

    def use(self, manifest: Manifest) -> None:
        """Go by this manifest from now on."""
        self.manifest = manifest
        settings, files = self._settings, manifest.files

        @lru_cache(_MOST_URLS)
        def locate(path: str, scheme: str | None) -> str:
            entry = files.get(path)
            if files and not entry:
                self._warn_once(path)
            return settings.url(entry.path if entry else path, scheme)

        self._locate: Callable[[str, str | None], str] = locate
        self._look_around()

    def folder(self, endpoint: str) -> StaticFolder | None:
        """Return the static folder that an endpoint serves, if it serves one."""
        known = self._folders.get(endpoint)
        if known is None and (endpoint == "static" or endpoint.endswith(".static")):
            # Found when it is first asked for: blueprints are registered after extensions.
            known = static_folder(self._app, endpoint)
            if known:
                self._folders[endpoint] = known
        return known

    def path(self, endpoint: str, filename: object) -> str | None:
        """Return the URL path in the bucket, without leading slash, of a static file.

        ``None`` for any other URL, and for a file that stays with the app.
        """
        folder = self.folder(endpoint)
        if folder is None or not filename:
            return None
        if tuple(self._registry) != self._announced:  # extensions may come after this one
            self._look_around()
        return self._path_in(folder, str(filename).lstrip("/"))

    def url(
        self, path: str, scheme: str | None, anchor: str | None, query: Mapping[str, object]
    ) -> str:
        """Return the URL of a URL path, as :func:`flask.url_for` gives query and anchor.

        :raises ValueError: the path has dot segments or what else no URL can carry.
        """
        url = self._locate(path, scheme)
        if query:
            values = {
                name: list(value) if isinstance(value, set | tuple) else value
                for name, value in query.items()
                if value is not None
            }
            if pairs := urlencode(values, doseq=True, safe=_QUERY_SAFE):
                url += f"?{pairs}"
        if anchor is not None:
            url += f"#{quote(anchor, safe=_ANCHOR_SAFE)}"
        return url

    def _look_around(self) -> None:
        """Note which folders and prefixes are announced as users' now."""
        left_out = LeftOut(self._settings, self._registry)
        self._announced = left_out.announced

        @lru_cache(_MOST_URLS)
        def path_in(folder: StaticFolder, name: str) -> str | None:
            if not left_out.reason(folder, name):
                return folder.path(name)
            if folder == self._folders.get("static"):
                self._warn_of(left_out.reason(folder, ""))
            return None

        self._path_in: Callable[[StaticFolder, str], str | None] = path_in

    def _warn_once(self, path: str) -> None:
        """Log that the last push has not seen a file: made since, or misspelt."""
        if path not in self._warned and len(self._warned) < _MOST_WARNINGS:
            self._warned.add(path)
            self._app.logger.warning(
                "the manifest of static files has no /%s: make it before `flask s3-static push` "
                "or correct the name",
                path,
            )

    def _warn_of(self, reason: str) -> None:
        """Log once that nothing of the app's own static folder is served from the bucket."""
        if reason and reason not in self._warned:
            self._warned.add(reason)
            self._app.logger.warning(
                "all static files stay with the app: their folder, or their place in the bucket, "
                "is inside one for users' files (%s); give each a place of its own",
                reason,
            )
