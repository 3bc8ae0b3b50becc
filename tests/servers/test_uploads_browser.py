"""A real browser uploads: flask_s3_upload's ES module in a headless Chromium, on disk and on S3."""

from pathlib import Path
from typing import Any

import pytest
from flask import request

from s3_saver import S3Storage
from servers.processes import free_port
from servers.uploads_album import Page, finish, png
from servers.webdriver import ENTER, TAB, Browser

pytestmark = pytest.mark.servers

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
VISITOR = {"username": "ann", "password": "secret"}
SPOIL = """
for (const name of Object.keys(body.fields ?? {}))
    if (/signature/i.test(name)) body.fields[name] = "0".repeat(64);
body.url = body.url.replace(/(Signature=|receive.)[^&]{5}/, "$1" + "00000");
"""


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


def test_a_page_opened_with_name_and_password(
    browser: Browser, page: Page, pictures: list[Path]
) -> None:
    """A page behind Basic auth, whose address has name and password, uploads like any other."""

    @page.app.before_request
    def ask_for_password() -> Any:
        given = request.authorization
        if request.method == "OPTIONS" or (given and given.parameters == VISITOR):
            return None
        return "who?", 401, {"WWW-Authenticate": "Basic"}

    browser.open(page.url.replace("//", "//ann:secret@"))
    browser.type("input[type=file]", "\n".join(map(str, pictures[:2])))
    browser.until("document.querySelectorAll('li.is-done').length === 2")
    assert page.asked("sign") == 2


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
    """All is reached by the tab key and has a name; what happens is announced in a status, once
    for all files that go at the same time."""
    browser.open(page.url)
    browser.run(
        "window.said = [];"
        "const status = document.querySelector('[role=status]');"
        "new MutationObserver(() => said.push(status.textContent))"
        ".observe(status, {childList: true})"
    )
    browser.type("input[type=file]", "\n".join(map(str, pictures)))
    browser.until("document.querySelectorAll('li.is-done').length === 3")
    assert browser.run("return said") == ["3 files were added.", "3 files are uploaded."]
    for name in ("big.png", "two.png", "one.png"):
        browser.click(f"li button[aria-label='Remove {name}']")
    browser.type("input[type=file]", str(pictures[0]))
    browser.until("document.querySelector('li.is-done')")
    assert browser.run("return said.slice(-2)") == ["one.png was added.", "one.png is uploaded."]
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
    """DirectUpload alone sends a file and returns the token, with progress in bytes."""
    browser.open(page.url + "?plain")
    browser.run(
        """
        import("/uploads/-/direct-upload.js").then(async ({ DirectUpload }) => {
            const file = new File([new Uint8Array(arguments[0])], "own.png", {type: "image/png"});
            const onprogress = (loaded, total) => { window.progress = [loaded, total]; };
            const options = { url: "/uploads/-/", purpose: "photo", onprogress };
            const upload = new DirectUpload(file, options);
            await upload.prepare();
            window.bytesBefore = window.progress;
            const token = await upload.send();
            const form = document.querySelector("form");
            form.append(Object.assign(document.createElement("input"),
                { type: "hidden", name: "photos", value: token }));
            window.ready = true;
        });
        """,
        list(png()),
    )
    browser.until("window.ready")
    assert browser.run("return bytesBefore") is None
    assert browser.run("return progress") == [len(png()), len(png())]
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
