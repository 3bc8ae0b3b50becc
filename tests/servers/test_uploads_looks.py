"""How the element of flask_s3_upload's ES module looks and what it says, in a headless Chromium."""

from pathlib import Path
from typing import Any

import pytest

from servers.uploads_album import HOLD, Page, png
from servers.webdriver import TAB, Browser

pytestmark = [pytest.mark.servers, pytest.mark.parametrize("page", ["disk"], indirect=True)]

INPUT = "input[type=file]"

#: What Bootstrap, and a page of its own, may say of inputs.
PAGE_RULES = """
.form-control { display: block; width: 100%; padding: 10px; font-size: 30px; }
.form-control::file-selector-button { margin: 0 40px 0 0; font-size: 30px; }
form input[type=file] { font-size: 30px; width: 100%; }
.direct-upload { font-size: 20px; }
"""


def open_page(browser: Browser, page: Page, path: str = "", width: int = 1280) -> None:
    size = {"width": width, "height": 700, "deviceScaleFactor": 1, "mobile": False}
    browser.tell("Emulation.setDeviceMetricsOverride", **size)
    browser.open(page.url + path)
    browser.until("document.querySelector('[data-direct-upload=on]')")


def choose(browser: Browser, *paths: Path) -> None:
    browser.type(INPUT, "\n".join(map(str, paths)))


def description(browser: Browser) -> str:
    """Return what a screen reader reads out after the input's label."""
    browser.tell("Accessibility.enable")
    document = browser.tell("DOM.getDocument")["root"]["nodeId"]
    node = browser.tell("DOM.querySelector", nodeId=document, selector=INPUT)["nodeId"]
    (found,) = browser.tell("Accessibility.getPartialAXTree", nodeId=node, fetchRelatives=False)[
        "nodes"
    ]
    return str(found.get("description", {}).get("value", ""))


def overflow(browser: Browser) -> int:
    width: int = browser.run(
        "const page = document.documentElement; return page.scrollWidth - page.clientWidth"
    )
    return width


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("rules", ["", PAGE_RULES], ids=["no styles", "styles"])
@pytest.mark.parametrize("forced", ["none", "active"])
def test_the_input_is_its_button(
    browser: Browser, page: Page, width: int, rules: str, forced: str
) -> None:
    """The browser's "No file chosen" is not shown, whatever the page's styles and forced colours
    are; what follows stands right after the button, which has the size of the element's text."""
    open_page(browser, page, width=width)
    features = [{"name": "forced-colors", "value": forced}]
    browser.tell("Emulation.setEmulatedMedia", features=features)
    found: Any = browser.run(
        """
        const style = document.createElement("style");
        style.textContent = arguments[0];
        document.head.append(style);
        const input = document.querySelector("input[type=file]");
        if (arguments[0]) input.classList.add("form-control");
        const button = document.createElement("button");
        button.textContent = "Choose Files";
        input.closest("div").append(button);
        button.style.font = "inherit";
        const hint = document.querySelector(".direct-upload-hint").getBoundingClientRect();
        const box = input.getBoundingClientRect();
        return {
            text: getComputedStyle(input).fontSize,
            button: getComputedStyle(input, "::file-selector-button").fontSize,
            wider: box.width - button.getBoundingClientRect().width,
            gap: hint.left - box.right,
            below: hint.top >= box.bottom,
        };
        """,
        rules,
    )
    assert found["text"] == "0px"
    assert found["button"] == ("20px" if rules else "16px")
    assert abs(found["wider"]) < 16
    if width > 320 or not rules:  # else there is no room for both
        assert not found["below"]
        assert 0 < found["gap"] < 10
    assert overflow(browser) == 0


def test_the_input_keeps_its_focus_ring(browser: Browser, page: Page) -> None:
    """Who comes by the tabulator sees where they are."""
    open_page(browser, page)
    browser.run("document.querySelector('[name=title]').focus()")
    browser.press(TAB)
    assert browser.run("return document.activeElement.type") == "file"
    style = browser.run("return getComputedStyle(document.activeElement).outlineStyle")
    assert style not in ("none", "")


def test_the_input_is_described_by_what_is_listed(
    browser: Browser, page: Page, pictures: list[Path]
) -> None:
    """A screen reader, which reads out that no file is chosen, adds how many are listed; what
    described the input before still does."""
    open_page(browser, page, "described")
    assert description(browser) == "Pictures only."
    choose(browser, pictures[0])
    browser.until("document.querySelector('li.is-done')")
    assert description(browser) == "Pictures only. 1 file is listed below."
    choose(browser, pictures[1])
    browser.until("document.querySelectorAll('li.is-done').length === 2")
    assert description(browser) == "Pictures only. 2 files are listed below."
    for name in ("one.png", "two.png"):
        browser.click(f"li button[aria-label='Remove {name}']")
    assert description(browser) == "Pictures only."


def test_thirty_files(browser: Browser, page: Page, tmp_path: Path) -> None:
    """Files that go at the same time are announced together, and one that fails by itself; those
    that follow are counted for themselves."""
    paths = [tmp_path / f"{number}.png" for number in range(30)]
    for path in paths:
        path.write_bytes(png())
    (tmp_path / "page.html").write_text("<script>")
    open_page(browser, page)
    browser.run(
        "window.said = [];"
        "const status = document.querySelector('[role=status]');"
        "new MutationObserver(() => said.push(status.textContent))"
        ".observe(status, {childList: true})"
    )
    choose(browser, tmp_path / "page.html", *paths)
    browser.until("document.querySelectorAll('li.is-done').length === 30")
    first, refusal, last = browser.run("return said")
    assert (first, last) == ("31 files were added.", "30 files are uploaded.")
    assert refusal.startswith("page.html: ")
    choose(browser, paths[0])
    browser.until("document.querySelectorAll('li.is-done').length === 31")
    assert browser.run("return said.slice(3)") == ["0.png was added.", "0.png is uploaded."]


def test_the_last_of_many_is_cancelled(browser: Browser, page: Page, pictures: list[Path]) -> None:
    """Who cancels the file that is still on its way hears of the others as well."""
    open_page(browser, page)
    browser.run(HOLD, "part")
    choose(browser, *pictures)
    browser.until("document.querySelectorAll('li.is-done').length === 2")
    browser.click("li button[aria-label='Cancel big.png']")
    assert browser.run("return document.querySelector('[role=status]').textContent") == (
        "big.png was removed. 2 files are uploaded."
    )


def test_a_long_name(browser: Browser, page: Page, tmp_path: Path) -> None:
    """A name without a blank is shown whole, on the narrowest phone, and so is a message of it."""
    path = tmp_path / f"{'n' * 200}.png"
    path.write_bytes(png())
    open_page(browser, page, width=320)
    choose(browser, path)
    browser.until("document.querySelector('li.is-done')")
    assert browser.run("return document.querySelector('[role=status]').textContent") == (
        f"{path.name} is uploaded."
    )
    assert overflow(browser) == 0


def test_a_name_from_right_to_left(browser: Browser, page: Page, tmp_path: Path) -> None:
    """A name in Arabic letters is in an order of its own, begins where others begin, and leaves the
    order of the sentence that it is in."""
    path = tmp_path / "صورة 1.png"
    path.write_bytes(png())
    open_page(browser, page)
    choose(browser, path)
    browser.until("document.querySelector('li.is-done')")
    said = browser.run("return document.querySelector('[role=status]').textContent")
    assert said == f"\u2068{path.name}\u2069 is uploaded."
    name = "document.querySelector('.direct-upload-name')"
    assert browser.run(f"return {name}.textContent") == path.name
    assert browser.run(f"return getComputedStyle({name}.firstChild).direction") == "rtl"
    lefts = browser.run(
        f"return [{name}.firstChild, document.querySelector('li progress')]"
        ".map((element) => element.getBoundingClientRect().left)"
    )
    assert abs(lefts[0] - lefts[1]) < 2
