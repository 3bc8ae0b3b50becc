"""Visitors of the example app's pages, by HTTP: no JavaScript, but cookies."""

import re
import time
from collections import deque
from dataclasses import dataclass
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

import requests
from PIL import Image
from urllib3.exceptions import NewConnectionError

#: A visitor's patience, in seconds. The app's own with S3 is less.
PATIENCE = 150


_SAYING = ("div", "h1")


class PageError(AssertionError):
    """A page that a visitor must not see: no words, no page, or none at all."""


@dataclass
class Picture:
    """One of the gallery's pictures, as its page shows it."""

    title: str = ""
    original: str = ""
    thumbnail: str = ""
    delete: str = ""

    @property
    def is_ready(self) -> bool:
        """Whether there is a thumbnail, and not what stands in for it."""
        return not self.thumbnail.startswith("data:")


class Page(HTMLParser):
    """What a visitor sees of a page.

    :ivar words: what it says about what was done, or why it is not the page that was wanted.
    """

    def __init__(self, status: int, text: str) -> None:
        super().__init__()
        self.status = status
        self.text = text
        self.pictures: list[Picture] = []
        self.csrf_token = ""
        self.words: list[str] = []
        self._depth = 0  # within elements that say something
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {key: value or "" for key, value in attrs}
        classes = set(has.get("class", "").split())
        picture = self.pictures[-1] if self.pictures else Picture()
        if tag == "a" and "original" in classes:
            self.pictures.append(Picture(original=has["href"]))
        elif tag == "img" and "picture" in classes:
            picture.thumbnail = has["src"]
        elif tag == "div" and "title" in has:
            picture.title = has["title"]
        elif tag == "form" and has.get("action", "").endswith("/delete"):
            picture.delete = has["action"]
        elif tag == "input" and has.get("name") == "csrf_token":
            self.csrf_token = self.csrf_token or has["value"]
        says = {"alert", "invalid-feedback"} & classes or (tag == "h1" and self.status >= 400)
        if tag in _SAYING and (says or self._depth):
            self._depth += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in _SAYING and self._depth:
            self._depth -= 1

    def handle_data(self, data: str) -> None:
        if self._depth and data.strip():
            self.words.append(data.strip())


class Visitor:
    """Somebody with a browser, whom a balancer leads to another web server each time.

    As balancers do, it leaves out a server that takes no connection, and counts that in
    ``left_out``.
    """

    def __init__(self, *urls: str) -> None:
        self._urls = deque(urls)
        self.left_out = 0
        self._session = requests.Session()
        self._session.trust_env = False
        # A server may close a kept connection at the very moment at which it is used again. Who
        # asks for a page can try again then, who posts cannot know.
        self._session.headers["Connection"] = "close"
        self.times: list[float] = []

    def see(self, path: str, **data: str) -> Page:
        return self.ask("GET", path, params=data)

    def add(self, title: str, content: bytes) -> Page:
        """Add a picture to the gallery by its form; it has been added if :func:`is_added`."""
        token = self.see("/gallery").csrf_token
        return self.ask(
            "POST", "/gallery", data={"csrf_token": token}, files={"pictures": (title, content)}
        )

    def send(self, title: str, content: bytes) -> str:
        """Send a picture straight to where it is kept, as the page's script does; give its token.

        It waits then until somebody adds it.
        """
        headers = {"X-CSRFToken": self.see("/gallery").csrf_token}
        question = {"purpose": "picture", "filename": title, "size": len(content)}
        told = self._ask(
            "POST", "/uploads/-/sign", json={**question, "type": "image/jpeg"}, headers=headers
        )
        told.raise_for_status()
        answer = told.json()
        body: dict[str, Any] = {"data": content, "headers": answer["headers"]}
        if fields := answer["fields"]:
            body = {"data": fields, "files": {"file": (title, content, "image/jpeg")}}
        self._ask(answer["method"], answer["url"], **body).raise_for_status()
        return str(answer["token"])

    def add_sent(self, *tokens: str) -> Page:
        """Add what was sent to the gallery."""
        token = self.see("/gallery").csrf_token
        return self.ask("POST", "/gallery", data={"csrf_token": token, "pictures": tokens})

    def save(self, content: bytes) -> Page:
        """Save the picture of the home page."""
        token = self.see("/").csrf_token
        return self.ask(
            "POST", "/", data={"csrf_token": token}, files={"image": ("a.jpg", content)}
        )

    def delete(self, picture: Picture, page: Page) -> Page:
        """Delete a picture that *page* shows."""
        return self.ask("POST", picture.delete, data={"csrf_token": page.csrf_token})

    def fetch(self, url: str) -> requests.Response:
        """Get a file by the URL that a page has."""
        return self._ask("GET", url)

    def ask(self, method: str, path: str, **options: Any) -> Page:
        """Get a page.

        :raises PageError: it has not the look of the app's pages.
        """
        answer = self._ask(method, path, **options)
        if "<title>" not in answer.text or "Traceback" in answer.text:
            raise PageError(f"{method} {path}: {answer.status_code} {answer.text}")
        return Page(answer.status_code, answer.text)

    def _ask(self, method: str, path: str, **options: Any) -> requests.Response:
        begun = time.monotonic()
        for last in [False] * (len(self._urls) - 1) + [True]:
            self._urls.rotate()
            try:
                url = urljoin(self._urls[0], path)
                answer = self._session.request(method, url, timeout=PATIENCE, **options)
            except requests.ConnectionError as error:
                reason = getattr(error.args[0], "reason", None) if error.args else None
                if last or not isinstance(reason, NewConnectionError):
                    raise
                self.left_out += 1
            else:
                break
        self.times.append(time.monotonic() - begun)
        return answer


def is_added(page: Page) -> bool:
    return any(re.fullmatch(r"\d+ pictures? added\.", words) for words in page.words)


def is_deleted(page: Page) -> bool:
    return "Picture deleted." in page.words


def photo(words: str) -> bytes:
    """A JPEG that no other words give."""
    file = BytesIO()
    Image.new("RGB", (320, 240), "teal").save(file, "JPEG", comment=words)
    return file.getvalue()
