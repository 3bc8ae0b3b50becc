"""A site with flask_s3_upload, running: an album that a browser uploads pictures into."""

import re
import struct
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask, render_template_string, request
from flask_wtf import FlaskForm
from werkzeug.serving import make_server
from wtforms import StringField
from wtforms.validators import InputRequired

from flask_s3_upload import DirectUploadField, Uploads
from flask_s3_upload.commands._bucket_check import cors
from s3_saver import LocalStorage, S3Storage
from servers.webdriver import Browser

PART = 5 * 1024 * 1024

PAGE = """<!doctype html><title>Album</title>
<form method=post enctype=multipart/form-data>
{{ form.csrf_token }}{{ form.title }}{{ form.photos }}
{{ form.photos.errors }}<button id=save>Save</button></form>
<script>window.events = []; window.errors = [];
addEventListener("error", (e) => errors.push(e.message));
for (const type of ["start", "progress", "done", "error", "cancel"])
  addEventListener("direct-upload:" + type, (e) => events.push([type, e.detail.file?.name]));
</script>
{% if "plain" not in request.args %}
<script type=module src="{{ url_for('uploads.module') }}"></script>
{% endif %}
"""

TRANSLATED = """<!doctype html><title>Album</title><form>{{ form.photos }}</form>
<script type=module>
import { text } from "{{ url_for('uploads.module') }}";
text.drop = "oder hierher ziehen";
</script>
"""

DESCRIBED = """<!doctype html><title>Album</title><form>
{{ form.photos(aria_describedby="help") }}<p id=help>Pictures only.</p></form>
<script type=module src="{{ url_for('uploads.module') }}"></script>
"""

README = Path(__file__).parents[2] / "packages" / "flask_s3_upload" / "README.md"
(ELEMENT,) = re.findall(
    r'^ *<div class="direct-upload".*?</div>', README.read_text(), re.MULTILINE | re.DOTALL
)

#: Two elements in one form, the first as README.md shows it; nothing inline is allowed.
TWO = f"""<!doctype html><title>Two</title><form method=post enctype=multipart/form-data>
{ELEMENT}
<div data-direct-upload data-url="/uploads/-/" data-purpose=photo>
<label>Pages <input type=file name=pages multiple></label></div>
<button id=save>Save</button></form>
<script type=module src="/uploads/-/direct-upload.js"></script>
"""
STRICT = "default-src 'none'; script-src 'self'; connect-src 'self'; form-action 'self'"

#: Keeps the questions of one kind waiting until `release()` is called.
HOLD = """
const released = new Promise((resolve) => { window.release = resolve; });
const real = window.fetch;
window.fetch = async (url, options) => {
    if (url.endsWith("/" + arguments[0])) await released;
    return real(url, options);
};
"""


@dataclass
class Page:
    """A running site with an album that pictures are uploaded into."""

    app: Flask
    uploads: Uploads
    storage: LocalStorage | S3Storage
    url: str = ""
    album: list[dict[str, Any]] = field(default_factory=list)
    #: Of each request to the extension: its last word, and the size of its body in bytes.
    requests: list[tuple[str, int]] = field(default_factory=list)
    #: The forms that /two was sent.
    posts: list[dict[str, list[str]]] = field(default_factory=list)
    #: Answers to give in place of the app's own, by the last word of the path.
    failing: dict[str, list[int]] = field(default_factory=dict)

    @property
    def by_post(self) -> bool:
        return isinstance(self.storage, S3Storage) and (
            self.app.config["UPLOADS_S3_DIRECT_METHOD"] == "POST"
        )

    def asked(self, question: str) -> int:
        return [word for word, _ in self.requests].count(question)


def serve(app: Flask, uploads: Uploads, bucket: S3Storage | None) -> Iterator[Page]:
    local = LocalStorage(Path(app.instance_path) / "uploads")
    page = Page(app, uploads, bucket or local)

    class Form(FlaskForm):  # type: ignore[misc]
        title = StringField(validators=[InputRequired()])
        photos = DirectUploadField(multiple=True, to="album/", purpose="photo")

        class Meta:
            csrf = False

    @app.before_request
    def note() -> Any:
        if "/-/" in request.path:
            word = request.path.split("/-/")[1].partition("/")[0]
            page.requests.append((word, request.content_length or 0))
            if page.failing.get(word):
                return "failing", page.failing[word].pop(0)
        return None

    @app.route("/", methods=["GET", "POST"])
    def album() -> str:
        page.uploads.user_id()  # before anything is asked at once
        form = Form()
        if form.validate_on_submit():
            page.album += [stored.to_dict() for stored in form.photos.store_all()]
            return "<p id=saved>saved</p>"
        return render_template_string(PAGE, form=form)

    @app.route("/two", methods=["GET", "POST"])
    def two() -> Any:
        if request.method == "POST":
            page.posts.append(request.form.to_dict(flat=False))
            tokens = [token for tokens in page.posts[-1].values() for token in tokens]
            claimed = page.uploads.claim_all(tokens, "album/", purpose="photo")
            page.album += [stored.to_dict() for stored in claimed]
            return "<p id=saved>saved</p>"
        return TWO, {"Content-Security-Policy": STRICT}

    @app.get("/translated")
    def translated() -> str:
        return render_template_string(TRANSLATED, form=Form())

    @app.get("/described")
    def described() -> str:
        return render_template_string(DESCRIBED, form=Form())

    server = make_server("127.0.0.1", 0, app, threaded=True)
    page.url = f"http://127.0.0.1:{server.server_port}/"
    if bucket:
        rules: Any = cors([page.url.rstrip("/")], app.config["UPLOADS_S3_DIRECT_METHOD"])
        bucket.client.put_bucket_cors(Bucket=bucket.bucket_name, CORSConfiguration=rules)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield page
    server.shutdown()
    thread.join()
    server.server_close()


def png(size: int = 0) -> bytes:
    """A PNG of one pixel, followed by so many bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        end = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", end)

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0\0"))
        + chunk(b"IEND", b"")
        + bytes(size)
    )


def finish(browser: Browser, page: Page) -> None:
    """Submit the form, and wait for the page that says so."""
    browser.type("[name=title]", "Holidays")
    browser.click("#save")
    browser.until("document.querySelector('#saved')")
    assert browser.run("return (window.errors || []).length") == 0
