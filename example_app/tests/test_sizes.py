"""The page of sizes, in each mode and on each storage."""

import time
from html.parser import HTMLParser
from io import BytesIO
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from PIL import Image

from example_app.sizes import SECTIONS, Exhibit
from example_app.tests.support import Browser, MakeApp, Serve, Settings

# All images of the page: those by density are 1 + 2, by width 1 + 3, in the <picture> 1 + 3 * 2.
IMAGES = sum(map(len, SECTIONS.values())) + 3 + 4 + 7


class Shown(NamedTuple):
    """An image that the page shows or offers.

    :param size: its width and height in pixels, where the page has them.
    :param type: its content type, where the page has it.
    """

    url: str
    size: tuple[int, int] | None = None
    type: str | None = None

    @property
    def is_real(self) -> bool:
        path = urlsplit(self.url).path
        return "/_thumbnails/file/" in path or "/thumbnails/" in path


class Figures(HTMLParser):
    """All images in the figures of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.shown: list[Shown] = []
        self._is_figure = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "figure":
            self._is_figure = True
        if not self._is_figure or tag not in {"img", "source"}:
            return
        if "src" in attributes:
            sides = attributes.get("width"), attributes.get("height")
            size = (int(sides[0]), int(sides[1])) if sides[0] and sides[1] else None
            self.shown.append(Shown(attributes["src"], size))
        for candidate in filter(None, attributes.get("srcset", "").split(", ")):
            self.shown.append(Shown(candidate.split()[0], type=attributes.get("type")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "figure":
            self._is_figure = False


def wait_until_all_are_real(url: str) -> tuple[list[Shown], list[Shown]]:
    """Show the page again and again, and fetch what makes its images; return its first and last."""
    deadline = time.monotonic() + 120
    first: list[Shown] | None = None
    while True:
        shown = Figures(requests.get(url, timeout=60).text).shown
        first = first or shown
        if len(shown) == IMAGES and all(one.is_real for one in shown):
            return first, shown
        assert time.monotonic() < deadline, [one for one in shown if not one.is_real]
        for one in shown:
            if not one.is_real and not one.url.startswith("data:"):
                fetch(urljoin(url, one.url))
        time.sleep(0.05)


def fetch(url: str) -> tuple[tuple[int, int], str]:
    """Return the size of an image and its content type, which must be that of its bytes."""
    answer = requests.get(url, timeout=60)
    assert answer.status_code == 200, url
    with Image.open(BytesIO(answer.content)) as image:
        image.load()
        assert answer.headers["Content-Type"] == f"image/{(image.format or '').lower()}"
        return image.size, answer.headers["Content-Type"]


@pytest.mark.parametrize(
    ("mode", "beginnings"),
    [
        ("inline", ("/_thumbnails/file/", "http")),
        ("lazy", ("/_thumbnails/new/",)),
        ("queue", ("data:image/svg",)),
    ],
)
def test_every_thumbnail_comes(
    make_app: MakeApp,
    serve: Serve,
    settings: Settings,
    jpeg: bytes,
    mode: str,
    beginnings: tuple[str, ...],
) -> None:
    """In each mode every image of the page becomes a real thumbnail, of the size in the page.

    The mode decides what the first page has: the thumbnail, a URL that makes it, or a placeholder.
    """
    app = make_app({**settings, "THUMBNAIL_MODE": mode})
    Browser(app).upload(jpeg)
    url = f"{serve(app)}sizes"

    first, last = wait_until_all_are_real(url)

    assert first[0].url.startswith(beginnings)
    assert f"THUMBNAIL_MODE={mode}" in requests.get(url, timeout=60).text
    fetched = {one: fetch(urljoin(url, one.url)) for one in last}
    for one, (size, type) in fetched.items():
        assert one.size in (None, size), one
        assert one.type in (None, type), one
    assert {size for size, _ in fetched.values()} >= {(80, 60), (133, 100), (160, 80), (400, 300)}
    assert {type for _, type in fetched.values()} == {
        f"image/{name}" for name in ("jpeg", "png", "webp", "avif")
    }


def test_without_a_picture_it_leads_home(make_app: MakeApp, on_disk: Settings) -> None:
    """Where there is no picture yet, the page says so and leads to where one is uploaded."""
    html = make_app(on_disk).test_client().get("/sizes").text

    assert "No picture yet" in html
    assert Figures(html).shown == []
    assert '<a class="btn btn-primary" href="/">' in html


@pytest.mark.parametrize(
    ("path", "name"),
    [("/", "Home"), ("/gallery", "Gallery"), ("/sizes", "Sizes"), ("/status", "Status")],
)
def test_every_page_leads_to_the_others(
    make_app: MakeApp, on_disk: Settings, path: str, name: str
) -> None:
    """The header of each page has links to all, and marks the current one."""
    html = make_app(on_disk).test_client().get(path).text
    navigation = html.partition("<nav ")[2].partition("</nav>")[0]

    for other in ("/", "/gallery", "/sizes", "/status", "/admin/"):
        assert f'href="{other}"' in navigation
    assert navigation.count("aria-current") == 1
    assert name in navigation.partition("aria-current")[2].partition("</a>")[0]


def test_an_exhibit_is_labelled_with_its_call() -> None:
    """What stands below an image is what a template writes to get it."""
    assert str(Exhibit("80x")) == "thumbnail('80x')"
    assert str(Exhibit("80x80", bg=(1, 2, 3))) == "thumbnail('80x80', bg=(1, 2, 3))"
