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
    """What is no picture is refused in words beside the field, and the old picture stays."""
    visit.open()
    upload(visit, jpegs[0])
    before = original_url(visit)
    upload(visit, not_a_picture)
    expect(visit.page.locator(".invalid-feedback")).to_contain_text("picture")
    visit.screenshot("home-refused")
    assert original_url(visit).partition("?")[0] == before.partition("?")[0]
    assert visit.bytes_of(before) == jpegs[0].read_bytes()
    visit.page.get_by_role("button", name="Delete").click()


def test_keyboard(visit: Visit, jpegs: list[Path]) -> None:
    """Everything on the page is reached by the tabulator alone, and done by Enter."""
    visit.open()
    visit.page.keyboard.press("Tab")
    expect(visit.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    visit.page.get_by_label("Picture", exact=True).set_input_files(jpegs[0])
    tab_to(visit, "Upload picture")
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_text("Picture saved.")).to_be_visible()
    tab_to(visit, "Delete")
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_text("Picture deleted.")).to_be_visible()


def tab_to(visit: Visit, words: str) -> None:
    """Press the tabulator until something with these words has the focus."""
    for _ in range(40):
        visit.page.keyboard.press("Tab")
        if words in str(visit.page.evaluate("document.activeElement.textContent")):
            return
    raise AssertionError(f"the tabulator does not lead to {words!r}")
