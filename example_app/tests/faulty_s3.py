"""S3 servers that do wrong: proxies before one that does right."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.exceptions import NotFound
from werkzeug.middleware.http_proxy import ProxyMiddleware

from example_app.tests.support import Settings


def _proxy(settings: Settings) -> WSGIApplication:
    # The host stays that of the request, for which the request is signed.
    target = {"target": settings["S3_ENDPOINT_URL"], "host": None}
    return ProxyMiddleware(NotFound(), {settings["S3_BUCKET_NAME"]: target})


def corrupting(settings: Settings) -> WSGIApplication:
    """Gives each picture back with one bit changed."""
    proxy = _proxy(settings)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        content = b"".join(proxy(environ, start_response))
        if environ["REQUEST_METHOD"] == "GET" and content[:2] == b"\xff\xd8":
            content = content[:-1] + bytes([content[-1] ^ 1])
        return [content]

    return app


def keeping(settings: Settings) -> WSGIApplication:
    """Says that it has deleted a picture, and has not."""
    proxy = _proxy(settings)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "DELETE":
            start_response("204 No Content", [])
            return []
        return proxy(environ, start_response)

    return app
