"""The element that flask_s3_upload's ES module takes over, in a headless Chromium: what it says of
files that cannot be uploaded, what it shows, and several of it in one form."""

from pathlib import Path
from typing import Any

import pytest

from servers.uploads_album import HOLD, Page, finish, png
from servers.webdriver import Browser

pytestmark = [pytest.mark.servers, pytest.mark.parametrize("page", ["disk"], indirect=True)]

STATUS = "document.querySelector('[role=status]').textContent"


@pytest.fixture
def refused(tmp_path: Path) -> Path:
    """A file that the rules forbid by its name."""
    path = tmp_path / "page.html"
    path.write_text("<script>")
    return path


def open_page(browser: Browser, page: Page, path: str = "") -> None:
    browser.open(page.url + path)
    browser.until("document.querySelector('[data-direct-upload=on]')")


def choose(browser: Browser, *paths: Path, selector: str = "input[type=file]") -> None:
    browser.type(selector, "\n".join(map(str, paths)))


def problem(browser: Browser) -> str:
    words: str = browser.until(
        "document.querySelector('.is-refused .direct-upload-problem')?.textContent"
    )
    return words


def test_a_refused_file_is_reported_when_it_is_chosen(
    browser: Browser, page: Page, pictures: list[Path], refused: Path, tmp_path: Path
) -> None:
    """Name and size are enough to refuse a file at once, in words, while those chosen before it
    are still on their way; it cannot be tried again."""
    (tmp_path / "large.png").write_bytes(png(20_000_001))
    open_page(browser, page)
    browser.run(HOLD, "part")
    for _ in range(3):
        choose(browser, pictures[2])
    choose(browser, refused, tmp_path / "large.png")
    browser.until("document.querySelectorAll('li.is-refused').length === 2")
    assert browser.run("return document.querySelectorAll('li.is-done').length") == 0
    words = browser.run(
        "return [...document.querySelectorAll('.is-refused')].map((li) => li.textContent)"
    )
    assert "Choose a picture." in words[0]
    assert "the limit is 20 MB" in words[1]
    assert (
        browser.run(
            "return [...document.querySelectorAll('.is-refused button')].map((b) => b.hidden)"
        )
        == [True, False] * 2
    )
    assert ["error", "page.html"] in browser.run("return events")
    browser.run("release()")
    browser.until("document.querySelectorAll('li.is-done').length === 3")


def test_a_refused_file_can_be_sent_past(
    browser: Browser, page: Page, pictures: list[Path], refused: Path
) -> None:
    """The form goes without the file that was refused, and with the others."""
    open_page(browser, page)
    choose(browser, refused, pictures[0])
    browser.until("document.querySelector('li.is-refused') && document.querySelector('li.is-done')")
    finish(browser, page)
    assert [stored["name"] for stored in page.album] == ["album/one.png"]


def test_a_file_that_is_refused_after_the_form_was_submitted(
    browser: Browser, page: Page, pictures: list[Path], refused: Path
) -> None:
    """Nobody loses a file unseen: a form that was submitted before a file was refused waits for
    being submitted once more."""
    open_page(browser, page)
    browser.run(HOLD, "sign")
    choose(browser, refused, pictures[0])
    browser.type("[name=title]", "Holidays")
    browser.click("#save")
    browser.run("release()")
    browser.until(f"{STATUS}.startsWith('Some files were refused.')")
    assert browser.run("return document.querySelectorAll('li').length") == 2
    browser.click("#save")
    browser.until("document.querySelector('#saved')")
    assert [stored["name"] for stored in page.album] == ["album/one.png"]


def test_a_file_that_failed_holds_the_form_up(
    browser: Browser, page: Page, pictures: list[Path]
) -> None:
    """A file that may arrive by another attempt is not left out: the form waits for it to be tried
    again, or removed."""
    page.failing = {"sign": [418]}
    open_page(browser, page)
    choose(browser, pictures[0])
    browser.until("document.querySelector('li.is-failed:not(.is-refused)')")
    browser.type("[name=title]", "Holidays")
    browser.click("#save")
    browser.until(f"{STATUS}.match(/try again, or remove/)")
    browser.click("li button[aria-label^=Try]")
    browser.until("document.querySelector('li.is-done')")
    browser.click("#save")
    browser.until("document.querySelector('#saved')")
    assert len(page.album) == 1


def test_a_folder(browser: Browser, page: Page, pictures: list[Path], tmp_path: Path) -> None:
    """A folder that is dropped is refused, at once, without asking the server; a file that is
    dropped with it goes."""
    folder = tmp_path / "holidays"
    folder.mkdir()
    open_page(browser, page)
    x, y = browser.run(
        "const box = document.querySelector('.direct-upload').getBoundingClientRect();"
        " return [box.x + box.width / 2, box.y + box.height / 2]"
    )
    data = {"items": [], "files": [str(folder), str(pictures[0])], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        browser.tell("Input.dispatchDragEvent", type=kind, x=x, y=y, data=data)
    assert problem(browser) == "Folders cannot be uploaded: choose the files in it."
    browser.until("document.querySelector('li.is-done')")
    assert page.asked("sign") == 1
    finish(browser, page)
    assert [stored["name"] for stored in page.album] == ["album/one.png"]


@pytest.mark.parametrize("question", ["sign", "part"])
def test_a_file_that_changes_on_the_disk(
    browser: Browser, page: Page, pictures: list[Path], question: str
) -> None:
    """A file that is changed after it was chosen is not sent, and not tried again: what is there
    now has to be chosen."""
    open_page(browser, page)
    browser.run(HOLD, question)
    number = 2 if question == "part" else 0
    choose(browser, pictures[number])
    browser.until("document.querySelector('li')")
    if question == "part":
        browser.until("document.querySelector('canvas')")  # it was read
    pictures[number].write_bytes(png(7))
    browser.run("release()")
    assert "it was changed, moved or deleted. Choose it again." in problem(browser)
    assert page.asked("receive") == 0
    choose(browser, pictures[number])
    browser.until("document.querySelector('li.is-done')")
    finish(browser, page)
    assert [stored["size"] for stored in page.album] == [len(png(7))]


def test_previews_and_styles_under_a_strict_policy(
    browser: Browser, page: Page, pictures: list[Path]
) -> None:
    """A chosen picture is shown small, and the element has its looks, on a page whose policy allows
    no inline style and no picture."""
    open_page(browser, page, "two")
    browser.run(
        "window.broken = [];"
        "addEventListener('securitypolicyviolation', (e) => broken.push(e.violatedDirective))"
    )
    choose(browser, *pictures[:2], selector="input[multiple]")
    browser.until("document.querySelectorAll('li.is-done canvas').length === 2")
    pixel = browser.run(
        "return [...document.querySelector('canvas').getContext('2d')"
        ".getImageData(48, 48, 1, 1).data]"
    )
    assert pixel == [0, 0, 0, 255]
    assert computed(browser, "li", "display") == "grid"
    assert computed(browser, ".direct-upload", "borderTopStyle") == "dashed"
    assert browser.run("return document.querySelectorAll('[style], img').length") == 0
    assert browser.run("return broken") == []


def test_what_is_no_picture_has_no_preview(browser: Browser, page: Page, tmp_path: Path) -> None:
    """What the browser cannot decode is listed without a preview."""
    (tmp_path / "bad.png").write_bytes(png()[:20])
    open_page(browser, page)
    choose(browser, tmp_path / "bad.png")
    browser.until("document.querySelector('li.is-done')")
    assert browser.run("return document.querySelectorAll('canvas').length") == 0


def computed(browser: Browser, selector: str, name: str) -> Any:
    return browser.run(
        "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]",
        selector,
        name,
    )


def test_looks(browser: Browser, page: Page, refused: Path) -> None:
    """Colours follow the page's color-scheme and forced colours, nothing moves for who wants none,
    and every rule of the page for a class goes before the module's."""
    open_page(browser, page)
    choose(browser, refused)
    browser.until("document.querySelector('li.is-refused')")
    message, box = ".direct-upload-problem", ".direct-upload"
    assert computed(browser, message, "color") == "rgb(179, 38, 30)"
    browser.run("document.documentElement.style.colorScheme = 'dark'")
    assert computed(browser, message, "color") == "rgb(242, 184, 181)"
    assert computed(browser, box, "transitionDuration") == "0.15s"
    features = [
        {"name": "forced-colors", "value": "active"},
        {"name": "prefers-reduced-motion", "value": "reduce"},
    ]
    browser.tell("Emulation.setEmulatedMedia", features=features)
    assert computed(browser, message, "fontWeight") == "700"
    assert computed(browser, box, "transitionDuration") == "0s"
    browser.run(
        "document.head.append(Object.assign(document.createElement('style'),"
        " {textContent: '.direct-upload-files { margin: 7px } ul { margin: 9px }'}))"
    )
    assert computed(browser, ".direct-upload-files", "marginTop") == "7px"


def test_several_elements_in_one_form(
    browser: Browser, page: Page, pictures: list[Path], refused: Path
) -> None:
    """Each element has files, and a required one, of its own; a form that is submitted while files
    of several are under way is sent once, with all tokens."""
    open_page(browser, page, "two")
    cover, pages = "[data-name=cover] input[type=file]", "input[multiple]"
    choose(browser, refused, selector=cover)
    browser.until("document.querySelector('li.is-refused')")
    required = "return [...document.querySelectorAll('input[type=file]')].map((i) => i.required)"
    assert browser.run(required) == [True, False]
    browser.run(HOLD, "part")
    choose(browser, pictures[2], selector=cover)
    choose(browser, pictures[0], pictures[2], selector=pages)
    assert browser.run(required) == [False, False]
    browser.until("document.querySelectorAll('li.is-done').length === 1")
    browser.click("#save")
    browser.click("#save")
    browser.run("release()")
    browser.until("document.querySelector('#saved')")
    (post,) = page.posts
    assert {name: len(tokens) for name, tokens in post.items()} == {"cover": 1, "pages": 2}
    assert len({*post["cover"], *post["pages"]}) == 3
    assert len(page.album) == 3


def test_files_that_are_chosen_before_there_is_a_session(
    browser: Browser, page: Page, pictures: list[Path]
) -> None:
    """The tokens of all files belong to the session whose cookie the first answer has brought, as
    only then several are signed for at once."""
    open_page(browser, page, "two")
    browser.run("document.querySelector('[data-required]').remove()")
    choose(browser, *pictures, selector="input[multiple]")
    browser.until("document.querySelectorAll('li.is-done').length === 3")
    browser.click("#save")
    browser.until("document.querySelector('#saved')")
    assert len(page.album) == 3


def test_an_element_that_lacks_something(
    browser: Browser, page: Page, pictures: list[Path]
) -> None:
    """An element without what the module needs says so in the console, and the others work."""
    browser.open(page.url + "?plain")
    browser.run(
        """
        const box = document.querySelector("[data-direct-upload]");
        const [without, inputless] = [box.cloneNode(true), box.cloneNode()];
        without.removeAttribute("data-url");
        box.before(without, inputless);
        import("/uploads/-/direct-upload.js");
        """
    )
    browser.until("errors.length === 2")
    assert browser.run("return errors") == [
        "Uncaught TypeError: an element with data-direct-upload needs data-url",
        'Uncaught TypeError: an element with data-direct-upload needs an <input type="file">',
    ]
    choose(browser, pictures[0], selector="#photos:not([name])")
    browser.until("document.querySelector('li.is-done')")
