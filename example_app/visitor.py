"""Somebody with a browser at the app's pages: sends requests, reads pages, and prints each step."""

import time
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

import click
import requests
from PIL import Image

_TIMEOUT = 60  # seconds; the app itself gives up on a storage that is gone before that
_PAUSE = 0.5  # seconds


class CheckError(Exception):
    """A step did not end as it should; the message says how it did."""


class Page(HTMLParser):
    """The contents of one of the app's pages.

    :ivar originals: the URLs that lead from thumbnails to their originals.
    :ivar thumbnails: the thumbnails' URLs, in the same order.
    :ivar previews: the URLs of files that the admin's form shows.
    :ivar held: the tokens of files that wait for a form to be sent again.
    :ivar rows: the ids of the rows that the admin's list shows.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.csrf_token = ""
        self.originals: list[str] = []
        self.thumbnails: list[str] = []
        self.deletions: list[str] = []
        self.stylesheets: list[str] = []
        self.previews: list[str] = []
        self.rows: list[str] = []
        self.held: list[str] = []
        self.words = ""
        self._is_message = self._is_preview = False
        self.feed(html)

    @property
    def original_url(self) -> str | None:
        return self.originals[0] if self.originals else None

    @property
    def thumbnail_url(self) -> str:
        return self.thumbnails[0] if self.thumbnails else ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        kinds = attributes.get("class", "").split()
        name = attributes.get("name")
        if tag == "input" and name == "csrf_token":
            self.csrf_token = attributes["value"]
        elif tag == "input" and "data-filename" in attributes:
            self.held.append(attributes["value"])
        elif tag == "input" and name == "id":
            self.rows.append(attributes["value"])
        elif tag == "a" and (attributes.get("id") == "original" or "original" in kinds):
            self.originals.append(attributes["href"])
        elif tag == "img" and "picture" in kinds:
            self.thumbnails.append(attributes["src"])
        elif tag == "a" and self._is_preview:
            self.previews.append(attributes["href"])
        elif tag == "form" and attributes.get("action", "").endswith("/delete"):
            self.deletions.append(attributes["action"])
        elif tag == "link" and attributes.get("rel") == "stylesheet":
            self.stylesheets.append(attributes["href"])
        elif tag == "div":
            self._is_message = bool({"alert", "invalid-feedback"} & set(kinds))
            self._is_preview = "image-thumbnail" in kinds

    def handle_endtag(self, tag: str) -> None:
        if tag == "div":
            self._is_message = self._is_preview = False

    def handle_data(self, data: str) -> None:
        if self._is_message:
            self.words += data.strip(" \n×")


class Visitor:
    """One visitor, with cookies, and the page that is open."""

    def __init__(self, app_url: str) -> None:
        self.app_url = app_url
        self.page = Page("")
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy leads to loopback

    def open(self, path: str, *, quiet: bool = False) -> Page:
        self.page = Page(self.ask("GET", path, quiet=quiet).text)
        return self.page

    def submit(self, path: str, form: dict[str, Any] | None = None, **options: Any) -> Page:
        """Send a form with the open page's token, and open the page that comes then."""
        data = {"csrf_token": self.page.csrf_token, **(form or {})}
        self.page = Page(self.ask("POST", path, data=data, **options).text)
        return self.page

    def send_directly(self, purpose: str, name: str, content: bytes, type: str) -> str:
        """Send a file as flask_s3_upload's script does, and return its token."""
        question = {"purpose": purpose, "filename": name, "size": len(content), "type": type}
        headers = {"X-CSRFToken": self.page.csrf_token}
        answer = self.ask("POST", "uploads/-/sign", json=question, headers=headers).json()
        if fields := answer.get("fields"):
            body = {"data": fields, "files": {"file": (name, content, type)}}
        else:
            body = {"data": content}
        headers = answer.get("headers", {})
        self.ask(answer["method"], answer["url"], wanted=(204, 200, 201), headers=headers, **body)
        return str(answer["token"])

    def expect_bytes(self, url: str, content: bytes) -> None:
        got = self.ask("GET", url).content
        if got != content:
            raise CheckError(
                f"{_short(self.absolute(url))} has {len(got):,} bytes that are not those that "
                "were uploaded."
            )
        click.echo(f"  all {len(content):,} bytes came back")

    def expect_thumbnail(
        self, path: str, size: tuple[int, int], pick: Callable[[Page], str]
    ) -> str:
        """View a thumbnail of the open page, and return its URL.

        :param path: of that page, which is opened again until a queue has made the thumbnail.
        """
        deadline = time.monotonic() + _TIMEOUT
        while pick(self.page).startswith("data:"):
            if time.monotonic() > deadline:
                raise CheckError(f"There is no thumbnail after {_TIMEOUT} seconds.")
            time.sleep(_PAUSE)
            self.open(path, quiet=True)
        response = self.ask("GET", pick(self.page))
        try:
            with Image.open(BytesIO(response.content)) as image:
                width, height = image.size
        except OSError as error:
            raise CheckError(f"{_short(response.url)} is no picture: {error}") from error
        if (width, height) != size:
            raise CheckError(
                f"{_short(response.url)} has {width} x {height} pixels, not {size[0]} x {size[1]}."
            )
        click.echo(f"  it has {width} x {height} pixels")
        return response.url

    def expect_gone(self, *urls: str) -> None:
        for url in urls:
            # S3 says that an object is missing only to those who may list the bucket.
            self.ask("GET", url, wanted=(404, 403))
        click.echo("  gone")

    def ask(
        self,
        method: str,
        url: str,
        wanted: Sequence[int] = (200,),
        *,
        quiet: bool = False,
        **options: Any,
    ) -> requests.Response:
        url = self.absolute(url)
        try:
            response = self._session.request(method, url, timeout=_TIMEOUT, **options)
        except requests.RequestException as error:
            raise CheckError(f"{method} {_short(url)} has no answer: {error}") from error
        answers = [*response.history, response]
        if not quiet:
            first = answers[0]
            steps = f"  {first.status_code} {method:4} {_short(first.url)}"
            click.echo(steps + "".join(f", then {later.status_code}" for later in answers[1:]))
        if response.status_code not in wanted:
            raise CheckError(
                f"{_short(response.url)} answers {response.status_code}, not {wanted[0]}."
            )
        return response

    def absolute(self, url: str) -> str:
        return urljoin(self.app_url, url)


def _short(url: str) -> str:
    # Signatures are secret and long, as is the URL that an upload to disk goes to.
    path, _, query = url.partition("?")
    path, ticket, _ = path.partition("/receive/")
    return path + (f"{ticket}…" if ticket else "") + ("?…" if query else "")
