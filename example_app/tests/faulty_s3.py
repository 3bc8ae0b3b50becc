"""S3 servers that do wrong: proxies before one that does right."""

from collections.abc import Callable, Iterable
from io import BytesIO
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from PIL import Image
from werkzeug.exceptions import NotFound
from werkzeug.middleware.http_proxy import ProxyMiddleware
from werkzeug.wrappers import Response

from example_app.tests.support import Settings


def corrupting(settings: Settings) -> WSGIApplication:
    """Returns each picture with one bit changed."""
    proxy = _proxy(settings)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        content = b"".join(proxy(environ, start_response))
        if environ["REQUEST_METHOD"] == "GET" and content[:2] == b"\xff\xd8":
            content = content[:-1] + bytes([content[-1] ^ 1])
        return [content]

    return app


def keeping(settings: Settings) -> WSGIApplication:
    """Says that it has deleted a picture, and has not."""
    return _proxy_but(settings, _deletes, Response(status=204))


def keeping_thumbnails(settings: Settings) -> WSGIApplication:
    """Says that it has no thumbnails, and has."""
    empty = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
    return _proxy_but(settings, _lists, Response(empty, mimetype="application/xml"))


def refusing_lists(settings: Settings) -> WSGIApplication:
    """Refuses listings, as without the permission s3:ListBucket."""
    denied = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    return _proxy_but(settings, _lists, Response(denied, 403, mimetype="application/xml"))


def shrinking(settings: Settings) -> WSGIApplication:
    """Returns a picture of one pixel in place of each thumbnail."""
    pixel = BytesIO()
    Image.new("RGB", (1, 1)).save(pixel, "JPEG")
    answer = Response(pixel.getvalue(), mimetype="image/jpeg")
    return _proxy_but(settings, _gets_thumbnail, answer)


def _deletes(environ: WSGIEnvironment) -> bool:
    return bool(environ["REQUEST_METHOD"] == "DELETE")


def _lists(environ: WSGIEnvironment) -> bool:
    return "list-type=2" in environ["QUERY_STRING"]


def _gets_thumbnail(environ: WSGIEnvironment) -> bool:
    return environ["REQUEST_METHOD"] == "GET" and "/thumbnails/" in environ["PATH_INFO"]


def _proxy_but(
    settings: Settings, is_meant: Callable[[WSGIEnvironment], bool], answer: Response
) -> WSGIApplication:
    """Answer the requests that are meant, and hand on all others."""
    proxy = _proxy(settings)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return (answer if is_meant(environ) else proxy)(environ, start_response)

    return app


def _proxy(settings: Settings) -> WSGIApplication:
    options = {
        "target": settings["S3_ENDPOINT_URL"],
        "host": None,  # stays that of the request, for which the request is signed
        "remove_prefix": False,
        "headers": {},
    }
    # The middleware's own targets are folders, which the bucket itself is not.
    proxy = ProxyMiddleware(NotFound(), {})

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return proxy.proxy_to(options, environ["PATH_INFO"], "/")(environ, start_response)

    return app
