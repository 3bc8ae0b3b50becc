"""Permanent URLs of flask_s3_upload by gunicorn: a redirect to a signed URL, next to a view that
redirects and does nothing else.

Nothing is asked of S3: what a redirect leads to is not fetched.
"""

import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

from _table import Table, best_of
from flask import Flask, redirect
from werkzeug.wrappers import Response

from flask_s3_upload import StoredFile, Uploads

CALLS = 200  # in each round
ROUNDS = 25
FILES = 20  # whose permanent URLs are asked for in turn


def make_app() -> Flask:
    """Make the app that gunicorn serves."""
    app = Flask("bench", instance_path=tempfile.gettempdir())
    app.config.update(
        SECRET_KEY="bench",
        S3_BUCKET_NAME="media",
        S3_REGION="eu-north-1",
        S3_ACCESS_KEY_ID="testkey",
        S3_ACCESS_KEY_SECRET="testsecret",
    )
    uploads = Uploads(app)
    with app.test_request_context():
        found = [
            StoredFile(f"cats/{number}.jpg", 10_000, "image/jpeg", "s3", "media", "My cat.jpg")
            for number in range(FILES)
        ]
        shown = [file.bind(uploads.storages) for file in found]
        target = shown[0].url
        app.config["BENCH_PATHS"] = [urlsplit(file.permanent_url).path for file in shown]

    @app.get("/bare/<token>/<filename>")
    def bare(token: str, filename: str) -> Response:
        return redirect(target)

    return app


class Client:
    """A browser that keeps one connection, and is done with an answer as soon as can be."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))

    def get(self, path: str) -> bytes:
        self._socket.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._socket.recv(65536)
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        while len(body) < length:
            body += self._socket.recv(65536)
        assert head.startswith(b"HTTP/1.1 302"), head
        return head


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port: int = server.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    while True:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
            return


def main() -> None:
    table = Table("flask", "gunicorn", "werkzeug")
    port = free_port()
    options = ["--workers=1", "--worker-class=gthread", "--threads=1", "--keep-alive=75"]
    options += [f"--bind=127.0.0.1:{port}", "--log-level=error"]
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", *options, f"{Path(__file__).stem}:make_app()"],
        cwd=Path(__file__).parent,
    )
    try:
        wait_for(port)
        paths: list[str] = make_app().config["BENCH_PATHS"]
        bare_paths = [f"/bare/{path.partition('/stored/')[2]}" for path in paths]
        client = Client(port)

        def ask(these: list[str]) -> Callable[[], None]:
            def work() -> None:
                for number in range(CALLS):
                    client.get(these[number % FILES])

            return work

        ours, bare = best_of(ask(paths), ask(bare_paths), rounds=ROUNDS)
        table.row(
            "redirects of permanent URLs a second",
            f"{CALLS / ours:,.0f}",
            f"a bare redirect {CALLS / bare:,.0f}",
            f"{bare / ours:.2f} ×",
            "≥ 0.8 ×",
            holds=bare / ours >= 0.8,
        )
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
