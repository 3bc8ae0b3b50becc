"""Types of the fixtures, a visitor of the app's pages, and what the app has stored."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from wsgiref.types import WSGIApplication

import requests
from flask import Flask

from example_app.models import Thingy, db
from example_app.storage import read_s3, uploads
from example_app.visitor import Page
from s3_saver import LocalStorage, S3Storage, Storage

EMAIL = "admin@example.com"
PASSWORD = "a password for tests"

Settings = dict[str, Any]
MakeApp = Callable[[Settings], Flask]
Serve = Callable[[WSGIApplication], str]


class Browser:
    """Somebody at the page of an app, without a server in between."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.page = Page("")
        self.status = 0
        self.show("GET", "/")

    def show(self, method: str, path: str, **form: Any) -> None:
        data = {"csrf_token": self.page.csrf_token, **form}
        answer = self.client.open(path, method=method, data=data, follow_redirects=True)
        self.status, self.page = answer.status_code, Page(answer.text)

    def upload(self, content: bytes, name: str = "photo.jpg") -> None:
        self.show("POST", "/", image=(BytesIO(content), name))

    def delete(self) -> None:
        self.show("POST", "/delete")

    @property
    def original_url(self) -> str:
        assert self.page.original_url, f"no picture: {self.page.words}"
        return self.page.original_url

    @property
    def thumbnail_url(self) -> str:
        assert self.page.thumbnail_url, f"no thumbnail: {self.page.words}"
        return self.page.thumbnail_url

    def fetch(self, url: str) -> tuple[int, bytes]:
        """Return the status and the content of a picture, wherever it is."""
        status, _, content = self._get(url)
        return status, content

    def content_type(self, url: str) -> str:
        return self._get(url)[1]

    def _get(self, url: str) -> tuple[int, str, bytes]:
        if url.startswith(("/", "http://localhost/")):
            with self.client.get(url) as local:
                return local.status_code, local.content_type, local.data
        remote = requests.get(url, timeout=10)
        return remote.status_code, remote.headers["Content-Type"], remote.content


def stored_files(app: Flask) -> list[str]:
    """Return the names of all files where the app saves new ones, but those that wait."""
    with app.app_context():
        names = [info.name for info in uploads.storages.current.find()]
        return [name for name in names if not name.startswith("pending/")]


def stored_thumbnails(app: Flask) -> list[str]:
    """Return the names of all thumbnails where the app keeps those of new pictures."""
    s3 = read_s3(app.config)
    storage: Storage = LocalStorage(f"{app.instance_path}/thumbnails")
    if s3.storage_type:
        storage = S3Storage(s3.bucket_name, prefix="thumbnails", **s3.s3_options)
    return [info.name for info in storage.find()]


def the_name(app: Flask) -> str:
    """Return the name of the home page's picture, as it is in the database; empty without one."""
    image = the_row(app).image
    return image.name if image else ""


def the_row(app: Flask) -> Thingy:
    """Return the row of the picture, as it is in the database."""
    with app.app_context():
        thingy = db.session.get(Thingy, 1)
        assert thingy
        return thingy
