"""A server that lists any number of keys, without storing objects first."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

_PAGE = 1000


@contextmanager
def listing_server(keys: int) -> Iterator[tuple[str, list[str]]]:
    """Where it is, and the list of requests that it will have met."""
    requests: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            requests.append(self.path)
            query = parse_qs(urlsplit(self.path).query)
            body = _page(int(query.get("continuation-token", ["0"])[0]), keys).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", requests
    finally:
        server.shutdown()
        server.server_close()


def _page(start: int, keys: int) -> str:
    end = min(start + _PAGE, keys)
    entries = "".join(
        f"<Contents><Key>uploads/{number:09}.jpg</Key><Size>12345</Size>"
        "<LastModified>2026-11-21T10:00:00.000Z</LastModified>"
        f'<ETag>"{number:032x}"</ETag></Contents>'
        for number in range(start, end)
    )
    more = end < keys
    token = f"<NextContinuationToken>{end}</NextContinuationToken>" if more else ""
    return (
        '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<IsTruncated>{str(more).lower()}</IsTruncated>{token}{entries}</ListBucketResult>"
    )
