"""moto's S3 server in a thread. Importing this module imports moto."""

import io
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from moto.moto_server import werkzeug_app
from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


# Newer versions of moto have a handler of their own, which keeps underscores in metadata's names.
_Handler: Any = getattr(werkzeug_app, "MotoRequestHandler", WSGIRequestHandler)


class _QuietHandler(_Handler):  # type: ignore[misc]
    """Logs no requests: a test's output shows what the test does."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@contextmanager
def moto_server() -> Iterator[str]:
    """Run moto's server on a free port of loopback, and return its URL."""
    server = make_server(
        "127.0.0.1", 0, _one_request_at_a_time(), threaded=True, request_handler=_QuietHandler
    )
    # It checks this often (in seconds) whether it should stop.
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _one_request_at_a_time() -> "WSGIApplication":
    # moto checks If-None-Match first and stores later: of two threads, both would succeed.
    moto: Any = werkzeug_app.DomainDispatcherApplication(werkzeug_app.create_backend_app)
    # For each request it searches the folders of all its services: half of a request's time.
    moto.get_backend_for_host = cache(moto.get_backend_for_host)
    lock = threading.Lock()

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        # The client may be reading it from this server: read it before the lock is taken.
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        with lock:
            answer: Iterable[bytes] = moto(environ, start_response)
            return answer

    return application
