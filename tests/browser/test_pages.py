"""Every page: accessible, in light and dark, at a desk and on a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.site import PAGES
from browser.test_admin import edit_first
from browser.test_gallery import add, choose, delete_all
from browser.test_home import upload
from browser.visit import Visit

ADMIN_PAGES = [
    "admin/",
    *(
        f"admin/{model}/{page}"
        for model in ("thingy", "picture", "document", "album")
        for page in ("", "new/")
    ),
]


@pytest.fixture
def filled(visit: Visit, jpegs: list[Path]) -> Visit:
    """A visitor of a site that has pictures everywhere."""
    visit.open()
    upload(visit, jpegs[0])
    visit.open("gallery")
    choose(visit, *jpegs[1:])
    add(visit)
    expect(visit.page.get_by_text("2 pictures added.")).to_be_visible()
    return visit


def empty(visit: Visit) -> None:
    visit.open()
    visit.page.get_by_role("button", name="Delete").click()
    visit.open("gallery")
    delete_all(visit)


@pytest.mark.parametrize("page", [*PAGES, "no-such-page"])
def test_empty(page: str, visit: Visit, phone: Visit) -> None:
    """A page of an empty site is accessible, and fits a desk and a phone."""
    for who, suffix in ((visit, ""), (phone, "-phone")):
        who.open(page)
        assert who.overflow() <= 0
        assert who.violations() == []
        who.screenshot(f"page-{page or 'home'}-empty{suffix}")
        who.forgive("no-such-page", "404")


def test_filled(filled: Visit, phone: Visit) -> None:
    """A page with pictures is accessible, shows every picture, and fits a phone."""
    for page in PAGES:
        filled.open(page)
        filled.wait_for_pictures()
        assert filled.violations() == [], page
        filled.screenshot(f"page-{page or 'home'}")
        phone.open(page)
        assert phone.overflow() <= 0, page
        assert phone.violations() == [], page
        phone.screenshot(f"page-{page or 'home'}-phone")
    empty(filled)


def test_admin(filled: Visit, phone: Visit) -> None:
    """The admin's pages are accessible, with rows and without, at a desk and on a phone."""
    phone.sign_in()
    filled.sign_in()
    for page in ADMIN_PAGES:
        filled.open(page)
        filled.wait_for_pictures()
        assert filled.violations() == [], page
        filled.screenshot(f"admin-{page.strip('/').replace('/', '-')}")
        phone.open(page)
        phone.wait_for_pictures()
        phone.screenshot(f"admin-{page.strip('/').replace('/', '-')}-phone")
        assert phone.overflow() <= 0, page
        assert phone.violations() == [], page
    for visit in (filled, phone):
        visit.open("admin/picture/")
        edit_first(visit)
        visit.wait_for_pictures()
        assert visit.overflow() <= 0
        assert visit.violations() == []
    phone.screenshot("admin-picture-edit-phone")
    empty(filled)


def test_dark(visit: Visit, scriptless: Visit) -> None:
    """Pages have the colors that the visitor's system asks for, also when it changes its mind; the
    admin's have them without JavaScript, too.
    """

    def brightness(page: Page) -> float:
        numbers = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g)")
        return sum(map(float, numbers[:3])) / 3

    for who in (visit, scriptless):
        who.sign_in()
        for path in ("admin/", "gallery"):
            who.open(path)
            for scheme in who.schemes():
                is_dark = scheme == "dark" and (who is visit or path == "admin/")
                assert (brightness(who.page) < 100) == is_dark, (path, scheme)


def test_links_to_all_pages(phone: Visit) -> None:
    """On the narrowest phone, too, the links to all pages are next to each other in one line."""
    for path in PAGES:
        phone.open(path)
        links = phone.page.get_by_role("navigation", name="Pages").get_by_role("link").all()
        boxes = [link.bounding_box() for link in links]
        assert len(links) == 5
        assert len({box["y"] for box in boxes if box}) == 1, path


def test_assets(visit: Visit) -> None:
    """Files of static folders come from S3 if uploads are there, and otherwise from the app."""
    visit.open("gallery")
    sheets = visit.page.evaluate("[...document.styleSheets].map((sheet) => sheet.href)")
    scripts = visit.page.evaluate(
        "[...document.scripts].map((script) => script.src).filter((src) => !src.includes('/-/'))"
    )  # the module of uploads is the app's own
    assert len(sheets) >= 2
    assert scripts
    for url in [*sheets, *scripts]:
        assert url.startswith(visit.site.url) == (visit.site.name == "disk"), url
