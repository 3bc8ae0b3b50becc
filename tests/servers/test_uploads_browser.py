"""A real browser uploads: flask_s3_upload's ES module in a headless Chromium, on disk and on S3.

Chromium is driven through chromedriver by W3C WebDriver, which is plain HTTP and JSON.
"""

import json
import re
import shutil
import struct
import subprocess
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from flask import Flask, render_template_string, request
from flask_wtf import FlaskForm
from werkzeug.serving import make_server
from wtforms import StringField
from wtforms.validators import InputRequired

from flask_s3_upload import DirectUploadField, Rules, Uploads
from flask_s3_upload._check import cors
from s3_saver import LocalStorage, S3Storage
from servers.ceph import S3Server
from servers.processes import free_port

pytestmark = pytest.mark.servers

PACKAGE = Path(__file__).parents[2] / "packages" / "flask_s3_upload"
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # WebDriver's name for a reference to one
TAB, ENTER = "\ue004", "\ue007"
SNAPSHOT = "return document.documentElement.outerHTML + JSON.stringify(window.errors)"
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

#: Changes the first answer to a question before the module sees it.
MEDDLE = """
const real = window.fetch;
window.fetch = async (url, options) => {
    const answer = await real(url, options);
    if (!url.endsWith(arguments[0]) || window.meddled) return answer;
    window.meddled = true;
    const body = await answer.json();
    new Function("body", arguments[1])(body);
    return new Response(JSON.stringify(body), {status: 200});
};
"""
SPOIL = """
for (const name of Object.keys(body.fields ?? {}))
    if (/signature/i.test(name)) body.fields[name] = "0".repeat(64);
body.url = body.url.replace(/(Signature=|receive.)[^&]{5}/, "$1" + "00000");
"""


class Browser:
    """One Chromium."""

    def __init__(self, driver: str, profile: Path) -> None:
        self._driver = driver
        arguments = [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", f"--user-data-dir={profile}",
        ]  # fmt: skip
        options = {"args": arguments, "binary": shutil.which("chromium")}
        capabilities = {"alwaysMatch": {"goog:chromeOptions": options}}
        session = self._call("POST", "/session", capabilities=capabilities)
        self._session = f"/session/{session['sessionId']}"

    def close(self) -> None:
        self._call("DELETE", self._session)

    def open(self, url: str) -> None:
        self._post("/url", url=url)

    def run(self, script: str, *args: object) -> Any:
        return self._post("/execute/sync", script=script, args=args)

    def until(self, condition: str) -> Any:
        """Ask until an expression is true, on whichever page is shown then; give its value."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if found := self.run(f"return {condition}"):
                return found
        raise AssertionError(f"never came true: {condition}\n{self.run(SNAPSHOT)}")

    def find(self, selector: str) -> Any:
        return self._post("/element", using="css selector", value=selector)

    def type(self, selector: str, text: str) -> None:
        reference = self.find(selector)[ELEMENT]
        self._post(f"/element/{reference}/value", text=text)

    def click(self, selector: str) -> None:
        reference = self.find(selector)[ELEMENT]
        self._post(f"/element/{reference}/click")

    def press(self, *keys: str) -> None:
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._post("/actions", actions=[{"type": "key", "id": "keys", "actions": actions}])

    def _post(self, path: str, **body: object) -> Any:
        return self._call("POST", self._session + path, **body)

    def _call(self, method: str, path: str, **body: object) -> Any:
        data = json.dumps(body).encode() if method == "POST" else None
        call = Request(self._driver + path, data, {"Content-Type": "application/json"})
        call.get_method = lambda: method  # type: ignore[method-assign]
        try:
            with urlopen(call) as answer:
                return json.load(answer)["value"]
        except HTTPError as error:
            with error:
                raise AssertionError(json.load(error)["value"]["message"]) from None


@pytest.fixture(scope="session")
def driver() -> Iterator[str]:
    process = subprocess.Popen(
        ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout
    for line in process.stdout:
        if "on port " in line and "started" in line:
            break
    port = line.rpartition(" ")[2].strip(".\n")
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait()
    process.stdout.close()


@pytest.fixture
def browser(driver: str, tmp_path: Path) -> Iterator[Browser]:
    browser = Browser(driver, tmp_path / "profile")
    yield browser
    browser.close()


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
    #: Answers to give in place of the app's own, by the last word of the path.
    failing: dict[str, list[int]] = field(default_factory=dict)

    @property
    def by_post(self) -> bool:
        return isinstance(self.storage, S3Storage) and (
            self.app.config["UPLOADS_S3_DIRECT_METHOD"] == "POST"
        )

    def asked(self, question: str) -> int:
        return [word for word, _ in self.requests].count(question)


@pytest.fixture(params=["disk", "s3", "s3 by PUT"])
def page(
    request: pytest.FixtureRequest, tmp_path: Path, storage: S3Storage, server: S3Server
) -> Iterator[Page]:
    """The site, on each kind of storage in turn."""
    app = Flask(__name__, instance_path=str(tmp_path))
    app.config.update(SECRET_KEY="not a secret", UPLOADS_PARTS_ABOVE=PART, UPLOADS_PART_BYTES=PART)
    if request.param != "disk":
        app.config.update(
            UPLOADS_S3_BUCKET_NAME=storage.bucket,
            UPLOADS_S3_REGION="us-east-1",
            UPLOADS_S3_ENDPOINT_URL=server.endpoint,
            UPLOADS_S3_ACCESS_KEY_ID=server.access_key_id,
            UPLOADS_S3_ACCESS_KEY_SECRET=server.secret_access_key,
            UPLOADS_S3_DIRECT_METHOD="PUT" if "PUT" in request.param else "POST",
        )
    uploads = Uploads(app)
    rules = Rules(max_bytes=20_000_000, types=("image/*",))
    uploads.allow_direct("photo", rules=rules, authorize=lambda upload: True)
    yield from _serve(app, uploads, storage if request.param != "disk" else None)


def _serve(app: Flask, uploads: Uploads, bucket: S3Storage | None) -> Iterator[Page]:
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

    @app.get("/translated")
    def translated() -> str:
        return render_template_string(TRANSLATED, form=Form())

    server = make_server("127.0.0.1", 0, app, threaded=True)
    page.url = f"http://127.0.0.1:{server.server_port}/"
    if bucket:
        rules: Any = cors([page.url.rstrip("/")], app.config["UPLOADS_S3_DIRECT_METHOD"])
        bucket.client.put_bucket_cors(Bucket=bucket.bucket, CORSConfiguration=rules)
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


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """Files to choose: two small, one of two parts."""
    files = {"one.png": png(), "two.png": png(10), "big.png": png(PART)}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    return [tmp_path / name for name in files]


def finish(browser: Browser, page: Page) -> None:
    """Submit the form, and wait for the page that says so."""
    browser.type("[name=title]", "Holidays")
    browser.click("#save")
    browser.until("document.querySelector('#saved')")
    assert browser.run("return (window.errors || []).length") == 0


def test_many_pictures(browser: Browser, page: Page, pictures: list[Path]) -> None:
    """Several files, one of them in parts, go to the storage with progress and events, and the
    form's tokens make them stored files."""
    browser.open(page.url)
    browser.type("input[type=file]", "\n".join(map(str, pictures)))
    browser.until("document.querySelectorAll('li.is-done').length === 3")
    values = browser.run("return [...document.querySelectorAll('progress')].map((p) => p.value)")
    assert values == [1, 1, 1]
    events = browser.run("return events")
    for name in ("one.png", "two.png", "big.png"):
        kinds = [kind for kind, file in events if file == name]
        assert (kinds[0], kinds[-1]) == ("start", "done")
        assert "progress" in kinds
    finish(browser, page)
    assert {stored["name"] for stored in page.album} == {f"album/{p.name}" for p in pictures}
    for path in pictures:
        with page.storage.open(f"album/{path.name}") as file:
            assert file.read() == path.read_bytes()
    if isinstance(page.storage, S3Storage):
        assert max(size for _, size in page.requests) < 5000  # no file passed through the app
        assert page.asked("receive") == 0


def test_dropped_files(browser: Browser, page: Page) -> None:
    """A file that is dropped on the element is uploaded like a chosen one."""
    browser.open(page.url)
    browser.until("document.querySelector('[data-direct-upload=on]')")
    browser.run(
        """
        const data = new DataTransfer();
        const bytes = new Uint8Array(arguments[0]);
        data.items.add(new File([bytes], "dropped.png", {type: "image/png"}));
        const box = document.querySelector(".direct-upload");
        box.dispatchEvent(new DragEvent("dragover", {dataTransfer: data, bubbles: true}));
        window.over = box.classList.contains("is-over");
        box.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true}));
        """,
        list(png()),
    )
    browser.until("document.querySelector('li.is-done')")
    assert browser.run("return over") is True
    finish(browser, page)
    assert [stored["name"] for stored in page.album] == ["album/dropped.png"]


def test_a_form_submitted_too_early_waits(
    browser: Browser, page: Page, pictures: list[Path]
) -> None:
    """Submitting while files are under way sends the form as soon as they are there."""
    browser.open(page.url)
    browser.type("[name=title]", "Holidays")
    browser.type("input[type=file]", "\n".join(map(str, pictures)))
    browser.click("#save")
    browser.until("document.querySelector('#saved')")
    assert len(page.album) == 3


def test_a_refused_file(browser: Browser, page: Page, tmp_path: Path) -> None:
    """A file that the rules forbid is told in words, and can be removed; the others go."""
    (tmp_path / "page.html").write_text("<script>")
    (tmp_path / "good.png").write_bytes(png())
    browser.open(page.url)
    browser.type("input[type=file]", f"{tmp_path / 'page.html'}\n{tmp_path / 'good.png'}")
    browser.until("document.querySelector('li.is-failed') && document.querySelector('li.is-done')")
    assert ["error", "page.html"] in browser.run("return events")
    problem = browser.run("return document.querySelector('.direct-upload-problem').textContent")
    assert "accepted are: image/*" in problem
    browser.type("[name=title]", "Holidays")
    browser.click("#save")
    said = browser.until("document.querySelector('[role=status]').textContent.match(/try again/)")
    assert said
    browser.click("li.is-failed button:last-of-type")
    browser.click("#save")
    browser.until("document.querySelector('#saved')")
    assert [stored["name"] for stored in page.album] == ["album/good.png"]


def test_an_interrupted_upload_goes_on(browser: Browser, page: Page, pictures: list[Path]) -> None:
    """What fails in passing is tried again by itself; parts that have arrived are not sent
    again."""
    page.failing = {"part": [503], "complete": [500], "receive": [502]}
    browser.open(page.url)
    browser.type("input[type=file]", str(pictures[2]))
    browser.until("document.querySelector('li.is-done')")
    assert page.asked("complete") == 2
    assert page.asked("part") == 3 + (page.asked("receive") > 0)
    finish(browser, page)
    with page.storage.open("album/big.png") as file:
        assert file.read() == pictures[2].read_bytes()


@pytest.mark.parametrize(("failing", "parts"), [("complete", 2), ("part", 3)])
def test_retry_by_hand_resumes(
    browser: Browser, page: Page, pictures: list[Path], failing: str, parts: int
) -> None:
    """A failed upload has a button; pressed, it goes on where it was: what has arrived stays, and
    only what is missing is sent."""
    page.failing = {failing: [422]}
    browser.open(page.url)
    browser.type("input[type=file]", str(pictures[2]))
    browser.until("document.querySelector('li.is-failed')")
    assert page.asked("part") == 2
    browser.click("li button[aria-label^='Try']")
    browser.until("document.querySelector('li.is-done')")
    assert page.asked("part") == parts
    assert page.asked("sign") == 1
    finish(browser, page)
    with page.storage.open("album/big.png") as file:
        assert file.read() == pictures[2].read_bytes()


@pytest.mark.parametrize("in_parts", [False, True])
def test_an_expired_signature_is_asked_for_again(
    browser: Browser, page: Page, pictures: list[Path], in_parts: bool
) -> None:
    """A signature that the storage refuses is asked for once more, and the new one is used; of a
    file in parts that of the one part."""
    question, again, path = ("part", 3, pictures[2]) if in_parts else ("sign", 2, pictures[0])
    browser.open(page.url)
    browser.until("document.querySelector('[data-direct-upload=on]')")
    browser.run(MEDDLE, question, SPOIL)
    browser.type("input[type=file]", str(path))
    browser.until("document.querySelector('li.is-done')")
    assert page.asked(question) == again
    finish(browser, page)
    assert [stored["name"] for stored in page.album] == [f"album/{path.name}"]


@pytest.mark.parametrize("in_parts", [False, True])
def test_a_connection_that_breaks(
    browser: Browser, page: Page, pictures: list[Path], in_parts: bool
) -> None:
    """Bytes that cannot be sent because nobody answers are sent again, a part by itself."""
    question, again, path = ("part", 3, pictures[2]) if in_parts else ("sign", 2, pictures[0])
    browser.open(page.url)
    browser.until("document.querySelector('[data-direct-upload=on]')")
    browser.run(MEDDLE, question, f"body.url = 'http://127.0.0.1:{free_port()}/'")
    browser.type("input[type=file]", str(path))
    browser.until("document.querySelector('li.is-done')")
    assert page.asked(question) == again
    finish(browser, page)
    with page.storage.open(f"album/{path.name}") as file:
        assert file.read() == path.read_bytes()


def test_cancel(browser: Browser, page: Page, pictures: list[Path]) -> None:
    """A file that is taken away is gone from the form, and from the storage."""
    browser.open(page.url)
    browser.type("input[type=file]", str(pictures[0]))
    browser.until("document.querySelector('li.is-done')")
    assert len(list(page.storage.find("pending/"))) == 1
    browser.click("li button[aria-label='Remove one.png']")
    assert browser.run("return document.querySelectorAll('li').length") == 0
    browser.until("performance.getEntriesByName(location.href + 'uploads/-/cancel').length")
    assert list(page.storage.find()) == []
    finish(browser, page)
    assert page.album == []


def test_by_keyboard_and_screen_reader(browser: Browser, page: Page, pictures: list[Path]) -> None:
    """All is reached by the tab key and has a name; what happens is said in a status."""
    browser.open(page.url)
    browser.type("input[type=file]", str(pictures[0]))
    said = browser.until("document.querySelector('[role=status]').textContent")
    assert said == "one.png is uploaded."
    names = browser.run(
        "return [...document.querySelectorAll('.direct-upload li :is(button, progress)')]"
        ".map((e) => e.getAttribute('aria-label'))"
    )
    assert names == ["Progress of one.png", "Try one.png again", "Remove one.png"]
    browser.run("document.querySelector('input[type=file]').focus()")
    browser.press(TAB)
    focused = "document.activeElement.getAttribute('aria-label')"
    assert browser.run(f"return {focused}") == "Remove one.png"
    browser.press(ENTER)
    assert browser.until("document.querySelector('[role=status]').textContent.match(/removed/)")
    assert browser.run("return document.activeElement.type") == "file"


def test_shown_again_after_another_field_s_error(
    browser: Browser, page: Page, pictures: list[Path]
) -> None:
    """The title was forgotten: the form comes back with the picture, which needs no second
    upload."""
    browser.open(page.url)
    browser.run("document.querySelector('form').noValidate = true")
    browser.type("input[type=file]", str(pictures[0]))
    browser.until("document.querySelector('li.is-done')")
    browser.run("document.querySelector('form').submit()")
    browser.until("document.querySelector('li.is-done')")
    assert browser.run("return document.querySelector('li span').textContent") == "one.png"
    signed = page.asked("sign")
    finish(browser, page)
    assert page.asked("sign") == signed
    assert [stored["name"] for stored in page.album] == ["album/one.png"]


def test_a_user_interface_of_ones_own(browser: Browser, page: Page) -> None:
    """DirectUpload alone sends a file and gives the token, with progress in bytes."""
    browser.open(page.url + "?plain")
    browser.run(
        """
        import("/uploads/-/direct-upload.js").then(async ({ DirectUpload }) => {
            const file = new File([new Uint8Array(arguments[0])], "own.png", {type: "image/png"});
            const onprogress = (loaded, total) => { window.told = [loaded, total]; };
            const options = { url: "/uploads/-/", purpose: "photo", onprogress };
            const token = await new DirectUpload(file, options).send();
            const form = document.querySelector("form");
            form.append(Object.assign(document.createElement("input"),
                { type: "hidden", name: "photos", value: token }));
            window.ready = true;
        });
        """,
        list(png()),
    )
    browser.until("window.ready")
    assert browser.run("return told") == [len(png()), len(png())]
    finish(browser, page)
    assert [stored["name"] for stored in page.album] == ["album/own.png"]


def test_the_words_can_be_translated(browser: Browser, page: Page) -> None:
    """A module that imports ours changes its words before anything is shown."""
    browser.open(page.url + "translated")
    browser.until("document.querySelector('[data-direct-upload=on]')")
    hint = browser.run("return document.querySelector('.direct-upload-hint').textContent")
    assert hint == "oder hierher ziehen"


def test_without_javascript(browser: Browser, page: Page, pictures: list[Path]) -> None:
    """Without the module the same form posts the files itself."""
    browser.open(page.url + "?plain")
    browser.type("input[type=file]", "\n".join(map(str, pictures[:2])))
    finish(browser, page)
    assert page.asked("sign") == 0
    assert [stored["name"] for stored in page.album] == ["album/one.png", "album/two.png"]


UPPY = """
import Uppy from "@uppy/core";
import AwsS3 from "@uppy/aws-s3";
const csrfToken = "";
const uppy = (window.uppy = new Uppy());
%s
uppy.getPlugin("AwsS3Multipart").setOptions({
  shouldUseMultipart: (file) => file.size > 5 * 1024 * 1024,
});
window.send = async (files) => {
  for (const [name, size] of files) {
    const bytes = new Uint8Array(size);
    bytes.set([137, 80, 78, 71, 13, 10, 26, 10]);
    uppy.addFile({ name, type: "image/png", data: new File([bytes], name, { type: "image/png" }) });
  }
  const { failed } = await uppy.upload();
  window.sent = { failed: failed.map((file) => file.error) };
};
window.submit = async () => {
  const form = new FormData();
  form.append("title", "Holidays");
  for (const file of uppy.getFiles()) form.append("photos", file.meta.token);
  const answer = await fetch("/", { method: "POST", body: form });
  window.answer = await answer.text();
};
"""


def npm(folder: Path, *packages: str) -> None:
    """Install packages of the npm registry into a folder."""
    command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), *packages]
    subprocess.run(command, check=True)


@pytest.fixture(scope="session")
def uppy(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The real Uppy with what the package's README tells to write, as one script."""
    folder = tmp_path_factory.mktemp("uppy")
    (block,) = re.findall(r"```js\n(.*?)```", (PACKAGE / "README.md").read_text(), re.DOTALL)
    (folder / "entry.js").write_text(UPPY % block)
    npm(folder, "@uppy/core@5", "@uppy/aws-s3@5", "esbuild@0.25")
    bundle = ["node_modules/.bin/esbuild", "entry.js", "--bundle", "--outfile=bundle.js"]
    subprocess.run(bundle, cwd=folder, check=True)
    return (folder / "bundle.js").read_text()


def test_uppy(browser: Browser, page: Page, uppy: str) -> None:
    """The signing answers fit Uppy's own plugin, for whole files and for parts; what it has sent is
    claimed like any other."""
    browser.open(page.url + "?plain")
    browser.run(
        "document.head.append(Object.assign(document.createElement('script'),"
        " {textContent: arguments[0]}))",
        uppy,
    )
    browser.run("send(arguments[0]); return 1", [["a.png", 1000], ["big.png", PART + 1000]])
    if page.by_post:
        # Ceph's answer to a POST has no ETag, for which Uppy waits: look for the file itself.
        while len(list(page.storage.find("pending/"))) < 2:
            assert browser.run("return window.sent") is None
    else:
        assert browser.until("window.sent")["failed"] == []
    browser.run("submit()")
    assert "saved" in browser.until("window.answer")
    assert {(stored["name"], stored["size"]) for stored in page.album} == {
        ("album/a.png", 1000),
        ("album/big.png", PART + 1000),
    }
    assert page.asked("part") > 0


def test_the_module_s_types_hold(tmp_path: Path) -> None:
    """TypeScript's checker finds nothing in the module, whose types are in its comments."""
    npm(tmp_path, "typescript@5")
    options = ["--noEmit", "--allowJs", "--checkJs", "--strict", "--target", "es2022"]
    options += ["--module", "es2022", "--lib", "es2022,dom,dom.iterable"]
    module = PACKAGE / "src" / "flask_s3_upload" / "static" / "direct-upload.js"
    command = [str(tmp_path / "node_modules" / ".bin" / "tsc"), *options, str(module)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
