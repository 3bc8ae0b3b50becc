"""The home page's picture: uploaded, replaced, refused, deleted."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from browser.site import Site
from browser.visit import Visit


def upload(visit: Visit, path: Path) -> None:
    visit.page.get_by_label("Picture", exact=True).set_input_files(path)
    visit.page.get_by_role("button", name=re.compile("(Upload|Replace) picture")).click()


def original_url(visit: Visit) -> str:
    url = visit.page.get_by_role("link", name="View original").get_attribute("href")
    assert url
    return visit.page.evaluate("(url) => new URL(url, document.baseURI).href", url)  # type: ignore[no-any-return]


@pytest.mark.parametrize("who", ["visit", "phone", "scriptless"])
def test_story(who: str, site: Site, request: pytest.FixtureRequest, jpegs: list[Path]) -> None:
    """A picture is shown as soon as it is saved, is replaced byte for byte, and is gone when it is
    deleted: at a desk, on a phone, and without JavaScript.
    """
    visit: Visit = request.getfixturevalue(who)
    first, second, _ = jpegs
    visit.open()
    visit.screenshot(f"home-empty-{who}")
    expect(visit.page.get_by_text("No picture yet")).to_be_visible()

    upload(visit, first)
    expect(visit.page.get_by_text("Picture saved.")).to_be_visible()
    expect(visit.page.get_by_text(visit.site.place).first).to_be_visible()
    expect(visit.page.get_by_alt_text("The picture of the Thingy")).to_have_js_property(
        "complete", True
    )
    old = original_url(visit)
    assert visit.bytes_of(old) == first.read_bytes()

    upload(visit, second)
    expect(visit.page.get_by_text("Picture saved.")).to_be_visible()
    assert visit.bytes_of(original_url(visit)) == second.read_bytes()
    assert visit.is_gone(old)
    visit.screenshot(f"home-{who}")

    last = original_url(visit)
    visit.page.get_by_role("button", name="Delete").click()
    expect(visit.page.get_by_text("No picture yet")).to_be_visible()
    assert visit.is_gone(last)


def test_refusal(visit: Visit, jpegs: list[Path], not_a_picture: Path) -> None:
    """A file that is no picture is refused with a message next to the field; the old one stays."""
    visit.open()
    upload(visit, jpegs[0])
    before = original_url(visit)
    upload(visit, not_a_picture)
    expect(visit.page.locator(".invalid-feedback")).to_contain_text(
        "This file is an HTML page. Choose a JPEG, PNG, WebP, AVIF or GIF."
    )
    assert visit.violations() == []
    visit.screenshot("home-refused")
    assert original_url(visit).partition("?")[0] == before.partition("?")[0]
    assert visit.bytes_of(before) == jpegs[0].read_bytes()
    visit.page.get_by_role("button", name="Delete").click()


def test_keyboard(visit: Visit, jpegs: list[Path]) -> None:
    """Everything on the page is reached by the tabulator alone, and done by Enter."""
    visit.open()
    visit.page.keyboard.press("Tab")
    expect(visit.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    visit.choose_by_keyboard(visit.page.get_by_label("Picture", exact=True), jpegs[0])
    visit.tab_to(visit.page.get_by_role("button", name="Upload picture"))
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_text("Picture saved.")).to_be_visible()
    visit.tab_to(visit.page.get_by_role("button", name="Delete"))
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_text("Picture deleted.")).to_be_visible()
