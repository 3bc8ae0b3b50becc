"""From endpoint and filename to the URL in the bucket, fast enough for every link of every page."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from urllib.parse import quote, urlencode

from flask import Flask, has_request_context, request

from .._settings import Settings
from ._folders import StaticFolder, static_folder
from ._manifest import Manifest

_MOST_URLS = 16_384  # kept; filenames may come from visitors, so there must be an end

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
        self._folders: dict[str, StaticFolder] = {}
        self.use(Manifest())

    def use(self, manifest: Manifest) -> None:
        """Go by this manifest from now on."""
        self.manifest = manifest
        settings, files = self._settings, manifest.files

        @lru_cache(_MOST_URLS)
        def locate(path: str, scheme: str | None) -> str:
            entry = files.get(path)
            return settings.url(entry.path if entry else path, scheme)

        self._locate: Callable[[str, str | None], str] = locate

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
        """Return the URL path of a static file, without leading slash; ``None`` for any other URL."""
        folder = self.folder(endpoint)
        if folder is None or not filename:
            return None
        name = str(filename).lstrip("/")
        return f"{folder.root}/{name}" if folder.root else name

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
