"""The whole round trip of a picture over HTTP, as somebody with a browser makes it."""

import time
from collections.abc import Sequence
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

import click
import requests
from PIL import Image

_TIMEOUT = 60  # seconds; the app itself gives up on a storage that is gone before that
_PAUSE = 0.5  # seconds

# In pixels: a picture, and what fits of it into the 480x480 that the page asks for.
_PICTURE_SIZE = (640, 480)
_THUMBNAIL_SIZE = (480, 360)


class CheckError(Exception):
    """A step did not end as it should; the message says how it did."""


def check(app_url: str) -> None:
    """Upload, view, replace and delete a picture, and print each step with its URLs and statuses.

    :param app_url: the URL of the page, on which no picture is yet.
    :raises CheckError: a step failed, or a byte did not come back.
    """
    visitor = Visitor(app_url)
    first, second = make_jpeg(), make_jpeg()

    click.echo("Open the page")
    visitor.open_page()

    click.echo(f"Upload a JPEG of {len(first):,} bytes")
    first_url = visitor.upload(first)
    click.echo("View the original")
    visitor.expect_bytes(first_url, first)
    click.echo("View the thumbnail")
    first_thumbnail_url = visitor.expect_thumbnail()

    click.echo(f"Replace it by a JPEG of {len(second):,} bytes")
    second_url = visitor.upload(second)
    click.echo("View the new original")
    visitor.expect_bytes(second_url, second)
    click.echo("View the new thumbnail")
    second_thumbnail_url = visitor.expect_thumbnail()
    click.echo("View the old original and its thumbnail")
    visitor.expect_gone(first_url)
    visitor.expect_gone(first_thumbnail_url)

    click.echo("Delete the picture")
    visitor.delete()
    click.echo("View its original and its thumbnail")
    visitor.expect_gone(second_url)
    visitor.expect_gone(second_thumbnail_url)


class Visitor:
    """Somebody with a browser at the app's page."""

    def __init__(self, app_url: str) -> None:
        self._app_url = app_url
        self._page = Page("")
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy leads to loopback

    def open_page(self) -> None:
        self._load_page()
        if self._page.original_url:
            raise CheckError("There is a picture already.")

    def upload(self, picture: bytes) -> str:
        """Save a picture and give the URL of its original."""
        earlier = self._page.original_url
        self._submit("", files={"image": ("photo.jpg", picture, "image/jpeg")})
        if self._page.original_url in (None, earlier):
            raise CheckError(f"The page does not show it, but says: {self._page.words}")
        return urljoin(self._app_url, self._page.original_url)

    def delete(self) -> None:
        self._submit("delete")
        if self._page.original_url:
            raise CheckError(f"The page still shows it, and says: {self._page.words}")

    def expect_bytes(self, url: str, picture: bytes) -> None:
        content = self._request("GET", url).content
        if content != picture:
            raise CheckError(
                f"{_short(url)} gives {len(content):,} bytes that are not those that were uploaded."
            )
        click.echo(f"  all {len(picture):,} bytes came back")

    def expect_thumbnail(self) -> str:
        """View the thumbnail that the page shows, and give the URL where it is."""
        deadline = time.monotonic() + _TIMEOUT
        while self._page.thumbnail_url.startswith("data:"):
            # A queue is making it, while the page shows a placeholder.
            if time.monotonic() > deadline:
                raise CheckError(f"There is no thumbnail after {_TIMEOUT} seconds.")
            time.sleep(_PAUSE)
            self._load_page()
        response = self._request("GET", urljoin(self._app_url, self._page.thumbnail_url))
        try:
            with Image.open(BytesIO(response.content)) as image:
                width, height = image.size
        except OSError as error:
            raise CheckError(f"{_short(response.url)} is no picture: {error}") from error
        if (width, height) != _THUMBNAIL_SIZE:
            raise CheckError(
                f"{_short(response.url)} has {width} x {height} pixels, "
                f"not {_THUMBNAIL_SIZE[0]} x {_THUMBNAIL_SIZE[1]}."
            )
        click.echo(f"  it has {width} x {height} pixels")
        return response.url

    def expect_gone(self, url: str) -> None:
        # S3 says that an object is missing only to those who may list the bucket.
        self._request("GET", url, wanted=(404, 403))
        click.echo("  it is gone")

    def _load_page(self) -> None:
        self._page = Page(self._request("GET", self._app_url).text)

    def _submit(self, path: str, **options: Any) -> None:
        url, form = urljoin(self._app_url, path), {"csrf_token": self._page.csrf_token}
        self._page = Page(self._request("POST", url, data=form, **options).text)

    def _request(
        self, method: str, url: str, wanted: Sequence[int] = (200,), **options: Any
    ) -> requests.Response:
        try:
            response = self._session.request(method, url, timeout=_TIMEOUT, **options)
        except requests.RequestException as error:
            raise CheckError(f"{method} {_short(url)} has no answer: {error}") from error
        for answer in (*response.history, response):
            click.echo(f"  {answer.status_code} {answer.request.method:4} {_short(answer.url)}")
        if response.status_code not in wanted:
            raise CheckError(f"{_short(url)} answers {response.status_code}, not {wanted[0]}.")
        return response


def _short(url: str) -> str:
    # A signature is long, and gives access.
    path, _, query = url.partition("?")
    return f"{path}?…" if query else path


class Page(HTMLParser):
    """What the app's page tells people and browsers."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.csrf_token = ""
        self.original_url: str | None = None
        self.thumbnail_url = ""
        self.words = ""
        self._is_message = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "input" and attributes.get("name") == "csrf_token":
            self.csrf_token = attributes["value"]
        if tag == "a" and attributes.get("id") == "original":
            self.original_url = attributes["href"]
        if tag == "img" and attributes.get("id") == "thumbnail":
            self.thumbnail_url = attributes["src"]
        if tag == "div":
            self._is_message = attributes.get("class", "").startswith(("alert", "invalid-feedback"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "div":
            self._is_message = False

    def handle_data(self, data: str) -> None:
        if self._is_message:
            self.words += data.strip()


def make_jpeg() -> bytes:
    """Make a picture of shades and grain, as a camera would write it: a JPEG with EXIF."""
    size = _PICTURE_SIZE
    light = Image.linear_gradient("L").resize(size)
    lens = Image.radial_gradient("L").resize(size)
    grain = Image.effect_noise(size, 40)
    exif = Image.Exif()
    exif[0x010E] = "A picture for the check of the example app"  # ImageDescription
    file = BytesIO()
    Image.merge("RGB", (light, grain, lens)).save(file, "JPEG", exif=exif)
    return file.getvalue()
