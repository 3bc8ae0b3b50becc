"""Fixtures: the site on each kind of storage, and Chromium before it."""

from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from browser import landscapes
from browser.site import Site, on_ceph, on_disk, on_embedded_s3
from browser.visit import Visit, new_context
from s3_saver.testing import S3Server

PHONE = {"width": 320, "height": 640}  # pixels: the narrowest
DESKTOP = {"width": 1280, "height": 900}


@pytest.fixture(scope="session", params=["disk", "embedded", "ceph"])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server
) -> Iterator[Site]:
    """The example app on each kind of storage in turn."""
    folder = tmp_path_factory.mktemp(request.param)
    started = {
        "disk": lambda: on_disk(folder),
        "embedded": lambda: on_embedded_s3(folder),
        "ceph": lambda: on_ceph(folder, s3_server),
    }
    with started[request.param]() as site:
        yield site


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=60_000)  # milliseconds
    with sync_playwright() as playwright:
        options = ["--no-sandbox"]  # which root cannot have
        browser = playwright.chromium.launch(executable_path=which("chromium"), args=options)
        yield browser
        browser.close()


def _visit(site: Site, chromium: Browser, size: dict[str, int], script: bool) -> Iterator[Visit]:
    context = new_context(chromium, size, script=script)
    visit = Visit(site, context.new_page())
    yield visit
    context.close()
    assert visit.faults == []


@pytest.fixture
def visit(site: Site, chromium: Browser) -> Iterator[Visit]:
    """A visitor with a desktop's window. The test fails if the browser's console has an error."""
    yield from _visit(site, chromium, DESKTOP, script=True)


@pytest.fixture
def phone(site: Site, chromium: Browser) -> Iterator[Visit]:
    """A visitor with a phone."""
    yield from _visit(site, chromium, PHONE, script=True)


@pytest.fixture
def scriptless(site: Site, chromium: Browser) -> Iterator[Visit]:
    """A visitor who has turned JavaScript off."""
    yield from _visit(site, chromium, DESKTOP, script=False)


@pytest.fixture(scope="session")
def jpegs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three pictures, each with other bytes."""
    return landscapes.paint(tmp_path_factory.mktemp("jpegs"))


@pytest.fixture
def not_a_picture(tmp_path: Path) -> Path:
    path = tmp_path / "page.jpg"
    path.write_text("<!doctype html><script>alert(1)</script>")
    return path
