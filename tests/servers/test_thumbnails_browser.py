"""A real browser replaces placeholders: flask_thumbnails_s3's script in a headless Chromium."""

import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask, Response, g, render_template_string, request
from PIL import Image
from werkzeug.serving import make_server

from flask_thumbnails_s3 import Job, Thumbnail, run_job
from s3_saver import Storages, StoredFile
from s3_saver.testing import MemoryStorage
from servers.webdriver import Browser

pytestmark = pytest.mark.servers

TEMPLATE = """<!doctype html>
<title>Gallery</title>
{% for image in images %}<img src="{{ image|thumbnail('40x40') }}" width="40" alt="">{% endfor %}
<picture>{{ images[0]|thumbnail_picture('30x30') }}</picture>
{{ thumbnail_script(nonce=g.nonce) }}
"""
# What a strict site sends; the placeholders are data URLs.
POLICY = "default-src 'none'; img-src 'self' data:; connect-src 'self'; script-src 'nonce-abc'"
SHOWN = """[...document.images].map((i) => i.getAttribute("src").split("?")[0])"""


class Gallery:
    """A page with pictures whose thumbnails are made when a test says so."""

    def __init__(self, folder: Path) -> None:
        self.storages = Storages(storage=MemoryStorage())
        self.jobs: list[Job] = []
        self.asked = 0
        self.images: list[StoredFile] = []
        self.app = Flask(__name__, instance_path=str(folder))
        self.app.config.update(SECRET_KEY="not a secret", THUMBNAIL_MODE="queue")
        Thumbnail(self.app, originals=self, queue=self)

        @self.app.before_request
        def count() -> None:
            g.nonce = "abc"
            self.asked += request.path.endswith("/ready")

        @self.app.route("/")
        def page() -> Response:
            answer = Response(render_template_string(TEMPLATE, images=self.images))
            answer.headers["Content-Security-Policy"] = POLICY
            return answer

    def init_app(self, app: Flask) -> None:
        """It is its own queue, too."""

    def put(self, app: Flask, job: Job) -> None:
        self.jobs.append(job)

    def add(self, name: str) -> None:
        data = BytesIO()
        Image.new("RGB", (80, 60), "teal").save(data, "JPEG")
        self.images.append(self.storages.save(name, data))

    def work(self) -> None:
        for job in self.jobs:
            run_job(self.app, job)
        self.jobs.clear()


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[tuple[Gallery, str]]:
    gallery = Gallery(tmp_path)
    server = make_server("127.0.0.1", 0, gallery.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield gallery, f"http://127.0.0.1:{server.port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_placeholders_are_replaced(browser: Browser, gallery: tuple[Gallery, str]) -> None:
    """Without a reload, and under a policy that allows scripts by a nonce alone; what is put into
    the page later is replaced, too, and then nothing is asked any more.
    """
    site, url = gallery
    for name in ("a.jpg", "b.jpg"):
        site.add(name)
    browser.open(url)
    shown = browser.run(f"return {SHOWN}")
    assert len(shown) == 3
    assert all(src.startswith("data:image/svg+xml,") for src in shown)
    browser.run(
        "window.heard = [];"
        "document.addEventListener('thumbnail-ready', (e) => heard.push(e.target.alt))"
    )
    site.work()
    browser.until(f"{SHOWN}.every((src) => src.startsWith('/_thumbnails/file/'))")
    browser.until("[...document.images].every((i) => i.complete && i.naturalWidth)")
    assert browser.run("return document.images[0].naturalHeight") == 30
    assert browser.run("return heard.length") == 3

    site.add("c.jpg")
    html = site.app.test_client().get("/").get_data(as_text=True)
    (late,) = [part for part in html.split("<img ") if "data:" in part.partition(">")[0]]
    browser.run(
        "const box = document.createElement('p');"
        "box.innerHTML = arguments[0]; document.body.append(box)",
        f"<img {late.partition('>')[0]}>",
    )
    site.work()
    browser.until(f"{SHOWN}.length === 4 && {SHOWN}.every((src) => src.startsWith('/_thumb'))")
    asked = site.asked
    browser.run("return new Promise((done) => setTimeout(done, 1200))")
    assert site.asked == asked
