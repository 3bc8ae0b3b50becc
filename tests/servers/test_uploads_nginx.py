"""With UPLOADS_SERVE = 'x-accel-redirect' a real nginx sends the files on disk."""

import io
import os
import re
import threading
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from layout import home
from werkzeug.serving import make_server

from flask_s3_upload import Uploads
from s3_saver import StoredFile
from servers.machine import missing
from servers.nginx import COMMANDS, nginx

pytestmark = pytest.mark.servers

CONTENT = b"0123456789" * 1000


class Shop:
    """An app behind nginx; its files are private."""

    def __init__(self, folder: Path) -> None:
        self.app = Flask("shop", instance_path=str(folder / "instance"))
        self.app.config.update(SECRET_KEY="not a secret", UPLOADS_SERVE="x-accel-redirect")
        self.uploads = Uploads(self.app)
        self.url = ""

    def save(self, name: str, content: bytes = CONTENT) -> StoredFile:
        with self.app.app_context():
            return self.uploads.save(io.BytesIO(content), to=name)

    def path(self, stored: StoredFile, which: str = "url") -> str:
        with self.app.test_request_context():
            parts = urlsplit(getattr(stored, which))
        return f"{parts.path}?{parts.query}"

    def get(self, path: str, **headers: str) -> tuple[HTTPResponse, bytes]:
        """Ask nginx."""
        connection = HTTPConnection(urlsplit(self.url).netloc)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer, body


@pytest.fixture(autouse=True)
def _nginx() -> None:
    if words := missing(*COMMANDS):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(words)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path)
    readme = (home("flask_s3_upload") / "README.md").read_text()
    (location,) = re.findall(r"(?ms)^```nginx\n(.*?)^```", readme)
    location = location.replace("/srv/app/instance", f"{tmp_path}/instance")
    server = make_server("127.0.0.1", 0, shop.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with nginx(tmp_path, server.server_port, location) as shop.url:
        yield shop
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("name", ["a.txt", "ä b/50% off?.txt"])
@pytest.mark.parametrize("which", ["url", "permanent_url"])
def test_nginx_sends_the_bytes(shop: Shop, name: str, which: str) -> None:
    """The app decides who may read; nginx sends the file, or a part, with the app's headers."""
    path = shop.path(shop.save(name), which)
    answer, body = shop.get(path)
    assert (answer.status, body) == (200, CONTENT)
    assert answer.headers["Server"].startswith("nginx")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    part, body = shop.get(path, Range="bytes=2-4")
    assert (part.status, body) == (206, b"234")
    same, _ = shop.get(path, **{"If-None-Match": answer.headers["ETag"]})
    assert same.status == 304


def test_what_can_run_script_stays_a_download(shop: Shop) -> None:
    """nginx passes on what keeps a stranger's file from doing harm."""
    answer, _ = shop.get(shop.path(shop.save("page.html", b"<script>alert(1)</script>")))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Type"] == "application/octet-stream"


def test_nobody_reads_past_the_app(shop: Shop) -> None:
    """The location is nginx's own, and a private file without its signature is refused."""
    path = shop.path(shop.save("a.txt"))
    assert shop.get(path.partition("?")[0])[0].status == 403
    assert shop.get("/uploads-files/a.txt")[0].status == 404
