"""The gallery: pictures go straight from the browser to where they are kept."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Route, expect
from servers.processes import wait_for

from browser.site import Site
from browser.visit import Visit


def choose(visit: Visit, *paths: Path) -> None:
    visit.page.get_by_label("Add pictures").set_input_files(list(paths))


def add(visit: Visit) -> None:
    visit.page.get_by_role("button", name="Add to the gallery").click()


def pictures(visit: Visit) -> Locator:
    return visit.page.locator("ul.pictures > li")


def delete_all(visit: Visit) -> None:
    while pictures(visit).count():
        left = pictures(visit).count()
        pictures(visit).first.get_by_role("button", name="Delete").click()
        expect(pictures(visit)).to_have_count(left - 1)


def is_sending(route: Route) -> bool:
    """Whether a request carries a picture's bytes, and is not the form's or a signing one."""
    request = route.request
    return request.method in ("POST", "PUT") and not request.url.endswith(("/sign", "/gallery"))


@pytest.mark.parametrize("who", ["visit", "phone"])
def test_story(who: str, site: Site, request: pytest.FixtureRequest, jpegs: list[Path]) -> None:
    """Many pictures are sent at once with progress, are shown as thumbnails byte for byte of what
    was chosen, and are deleted singly: at a desk and on a phone.
    """
    visit: Visit = request.getfixturevalue(who)
    visit.open("gallery")
    visit.screenshot(f"gallery-empty-{who}")
    choose(visit, *jpegs)
    expect(visit.page.locator(".direct-upload-files > li.is-done")).to_have_count(3)
    for progress in visit.page.get_by_role("progressbar").all():
        assert progress.get_attribute("value") == "1"
    expect(visit.page.locator("canvas.direct-upload-preview")).to_have_count(3)
    assert visit.overflow() <= 0
    assert visit.violations() == []
    visit.screenshot(f"gallery-sent-{who}")
    add(visit)
    expect(visit.page.get_by_text("3 pictures added.")).to_be_visible()
    expect(pictures(visit)).to_have_count(3)
    visit.wait_for_pictures()
    visit.screenshot(f"gallery-{who}")
    urls = [link.get_attribute("href") or "" for link in visit.page.locator("a.original").all()]
    full = [visit.page.evaluate("(url) => new URL(url, document.baseURI).href", u) for u in urls]
    assert {visit.bytes_of(url) for url in full} == {path.read_bytes() for path in jpegs}
    delete_all(visit)
    expect(visit.page.get_by_text("No pictures yet")).to_be_visible()
    assert all(map(visit.is_gone, full))


def test_progress(visit: Visit, jpegs: list[Path], tmp_path: Path) -> None:
    """While a large picture is on its way over a slow line, its bar shows how far it has come."""
    large = tmp_path / "large.jpg"
    large.write_bytes(jpegs[0].read_bytes() + bytes(2_000_000))
    visit.open("gallery")
    line = visit.page.context.new_cdp_session(visit.page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 500_000}
    line.send("Network.emulateNetworkConditions", slow)
    choose(visit, large)
    bar = visit.page.get_by_role("progressbar")
    wait_for(lambda: 0 < bar.evaluate("bar => bar.value") < 1)
    line.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1})
    expect(visit.page.locator(".direct-upload-files > li.is-done")).to_have_count(1)
    expect(visit.page.get_by_role("progressbar")).to_have_js_property("value", 1)


def test_keyboard(visit: Visit, jpegs: list[Path]) -> None:
    """Pictures are chosen, taken back, added and deleted without a mouse."""
    visit.open("gallery")
    expect(visit.page.get_by_text("or drop files here")).to_be_visible()  # the module has begun
    visit.choose_by_keyboard(visit.page.get_by_label("Add pictures"), *jpegs[:2])
    expect(visit.page.locator(".direct-upload-files > li.is-done")).to_have_count(2)
    visit.tab_to(visit.page.locator(".direct-upload-files > li").last.get_by_role("button").last)
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator(".direct-upload-files > li")).to_have_count(1)
    visit.tab_to(visit.page.get_by_role("button", name="Add to the gallery"))
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_text("1 picture added.")).to_be_visible()
    visit.tab_to(pictures(visit).first.get_by_role("button", name="Delete"))
    visit.page.keyboard.press("Enter")
    expect(visit.page.get_by_text("No pictures yet")).to_be_visible()


def test_without_script(scriptless: Visit, jpegs: list[Path]) -> None:
    """Without JavaScript the same form posts the pictures itself."""
    scriptless.open("gallery")
    choose(scriptless, *jpegs[:2])
    add(scriptless)
    expect(scriptless.page.get_by_text("2 pictures added.")).to_be_visible()
    delete_all(scriptless)


def test_cancel(visit: Visit, jpegs: list[Path]) -> None:
    """A picture that is taken back while it is on its way is not added; the others are."""
    visit.open("gallery")
    held: list[Route] = []
    visit.page.route(
        lambda url: True,
        lambda route: held.append(route) if is_sending(route) and not held else route.continue_(),
    )
    choose(visit, jpegs[0])
    cancel = visit.page.get_by_role("button", name="Cancel")
    expect(cancel).to_be_visible()
    choose(visit, jpegs[1])
    expect(visit.page.locator(".direct-upload-files > li.is-done")).to_have_count(1)
    visit.page.locator(".direct-upload-files > li:not(.is-done)").get_by_role("button").last.click()
    expect(visit.page.locator(".direct-upload-files > li")).to_have_count(1)
    expect(visit.page.get_by_label("Add pictures")).to_be_focused()
    visit.page.unroute_all(behavior="ignoreErrors")
    add(visit)
    expect(visit.page.get_by_text("1 picture added.")).to_be_visible()
    expect(pictures(visit)).to_have_count(1)
    delete_all(visit)


def test_retry(visit: Visit, jpegs: list[Path]) -> None:
    """A picture whose sending fails says so, is sent again by a button, and is then added."""
    # It is tried again by itself first, after pauses: here they are short.
    visit.page.add_init_script(
        "{ const later = setTimeout;"
        " window.setTimeout = (what, ms, ...rest) => later(what, ms / 20, ...rest) }"
    )
    visit.open("gallery")
    visit.page.route(
        lambda url: True,
        lambda route: route.abort() if is_sending(route) else route.continue_(),
    )
    choose(visit, jpegs[0])
    failed = visit.page.locator(".direct-upload-files > li.is-failed")
    expect(failed).to_have_count(1)
    expect(failed.locator(".direct-upload-problem")).not_to_be_empty()
    assert visit.violations() == []
    visit.screenshot("gallery-failed")
    visit.page.unroute_all(behavior="wait")
    visit.page.get_by_role("button", name="Try").click()
    expect(visit.page.locator(".direct-upload-files > li.is-done")).to_have_count(1)
    add(visit)
    expect(visit.page.get_by_text("1 picture added.")).to_be_visible()
    delete_all(visit)
    visit.forgive("ERR_FAILED", "net::")


def test_refusal(visit: Visit, jpegs: list[Path], not_a_picture: Path) -> None:
    """A file that is not a picture is refused when it is added; the others stay chosen, and are
    added without being sent again.
    """
    visit.open("gallery")
    choose(visit, jpegs[0], not_a_picture)
    expect(visit.page.locator(".direct-upload-files > li.is-done")).to_have_count(2)
    add(visit)
    expect(visit.page.locator(".invalid-feedback")).to_be_visible()
    assert visit.violations() == []
    visit.screenshot("gallery-refused")
    expect(visit.page.locator(".direct-upload-files > li.is-done")).to_have_count(1)
    add(visit)
    expect(visit.page.get_by_text("1 picture added.")).to_be_visible()
    delete_all(visit)
