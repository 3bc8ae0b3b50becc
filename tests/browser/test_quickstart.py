"""The app of one file: pictures are added, replaced and deleted, in the pages and in the admin."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from browser.conftest import DESKTOP, PHONE
from browser.site import Site, quickstart_on_ceph, quickstart_on_disk, quickstart_on_embedded_s3
from browser.visit import Visit, new_context
from s3_saver.testing import S3Server


@pytest.fixture(scope="module", params=["disk", "embedded", "ceph"])
def quickstart(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server
) -> Iterator[Site]:
    """The app of one file on each kind of storage in turn."""
    folder = tmp_path_factory.mktemp(request.param)
    started = {
        "disk": lambda: quickstart_on_disk(folder),
        "embedded": lambda: quickstart_on_embedded_s3(folder),
        "ceph": lambda: quickstart_on_ceph(folder, s3_server),
    }
    with started[request.param]() as site:
        yield site


@pytest.fixture(params=["desk", "phone"])
def visit(request: pytest.FixtureRequest, quickstart: Site, chromium: Browser) -> Iterator[Visit]:
    """A visitor at a desk, and one with a phone, who know the admin's password."""
    size = {"desk": DESKTOP, "phone": PHONE}[request.param]
    context = new_context(chromium, size, site=quickstart)
    visit = Visit(quickstart, context.new_page())
    yield visit
    context.close()
    assert visit.faults == []


def look(visit: Visit, name: str) -> None:
    """Check how a page looks, and keep it."""
    visit.wait_for_pictures()
    assert visit.overflow() <= 0, name
    assert visit.violations() == [], name
    keep(visit, name)


def keep(visit: Visit, name: str) -> None:
    """Keep how a page looks."""
    visit.screenshot(f"quickstart-{name}{'-phone' * (visit.page.viewport_size == PHONE)}")


def original(visit: Visit) -> bytes:
    """Return the bytes to which the page of a picture leads."""
    return visit.bytes_of(str(visit.page.locator("#original").evaluate("a => a.href")))


def test_story(visit: Visit, jpegs: list[Path]) -> None:
    """Pictures go straight from the browser, are shown small and in full, replaced, deleted by the
    box, and deleted with their row.
    """
    page = visit.page
    visit.open()
    look(visit, "empty")
    sent = []
    page.on("request", lambda request: sent.append(request.url))
    page.get_by_label("Add").set_input_files(jpegs[:2])
    expect(page.locator(".direct-upload-files > li.is-done")).to_have_count(2)
    expect(page.locator("canvas.direct-upload-preview")).to_have_count(2)
    assert any(url.endswith("/sign") for url in sent)
    look(visit, "chosen")
    page.get_by_role("button", name="Add to the gallery").click()
    expect(page.locator("ul.pictures img")).to_have_count(2)
    expect(page.locator(".direct-upload-files")).to_be_attached()  # the module has taken over
    page.get_by_label("Add").set_input_files(jpegs[2])
    expect(page.locator(".direct-upload-files > li.is-done")).to_have_count(1)
    look(visit, "gallery")

    page.locator("ul.pictures a").first.click()
    expect(page.get_by_alt_text("The picture in full")).to_be_visible()
    look(visit, "picture")
    assert original(visit) in [path.read_bytes() for path in jpegs[:2]]

    page.get_by_label("Picture", exact=True).set_input_files(jpegs[2])
    page.get_by_role("button", name="Save").click()
    page.wait_for_load_state()
    assert original(visit) == jpegs[2].read_bytes()

    last = str(page.locator("#original").evaluate("a => a.href"))
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#original")).to_have_count(0)
    assert visit.is_gone(last)
    look(visit, "picture-none")

    visit.open()
    for left in (1, 0):
        page.locator("ul.pictures a").first.click()
        page.get_by_role("button", name="Delete", exact=True).click()
        expect(page.locator("ul.pictures a")).to_have_count(left)
    expect(page.get_by_text("No pictures yet.")).to_be_visible()


def test_refusal(visit: Visit, not_a_picture: Path) -> None:
    """A file that is not a picture is refused with a message above the button."""
    visit.open()
    visit.page.get_by_label("Add").set_input_files(not_a_picture)
    visit.page.get_by_role("button", name="Add to the gallery").click()
    expect(visit.page.get_by_role("alert")).to_contain_text("Choose a JPEG")
    look(visit, "refused")


def test_admin(visit: Visit, jpegs: list[Path]) -> None:
    """The admin makes, shows and deletes rows with pictures."""
    page = visit.page
    visit.open("admin/")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    visit.open("admin/picture/new/")
    page.locator("input[type=file]").set_input_files(jpegs[0])
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Record was successfully created.")).to_be_visible()
    visit.wait_for_pictures()
    keep(visit, "admin")
    visit.forgive("/favicon.ico")  # Flask-Admin's pages name no icon
    visit.open()
    page.locator("ul.pictures a").first.click()
    assert original(visit) == jpegs[0].read_bytes()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("No pictures yet.")).to_be_visible()


def test_password(quickstart: Site, chromium: Browser) -> None:
    """Without its password the admin shows nothing."""
    context = new_context(chromium, DESKTOP)
    for path in ("admin/", "admin/picture/"):
        answer = context.request.get(quickstart.url + path)
        assert answer.status == 401
        assert "<table" not in answer.text()
    context.close()
