"""Uploads with a storage that is neither the disk nor S3."""

from typing import Any

import pytest
from flask import Flask, session
from sent_files import PART, big, picture, posted
from upload_site import PICTURES
from web import path_of

from flask_s3_upload import ConfigError, Uploads
from s3_saver import S3Storage
from s3_saver.testing import MemoryStorage


class Shelf:
    """An app that keeps its files in memory."""

    def __init__(self, uploads: Uploads | None = None, **settings: Any) -> None:
        self.storage = MemoryStorage()
        self.uploads = uploads or Uploads(storage=self.storage)
        self.app = Flask("shelf")
        self.app.config.update(SECRET_KEY="not a secret", UPLOADS_PART_BYTES=PART, **settings)
        self.uploads.init_app(self.app)
        self.uploads.allow_direct(rules=PICTURES, authorize=lambda upload: True)
        self.client = self.app.test_client()


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def test_files_go_there_and_come_back(shelf: Shelf) -> None:
    """A file is stored in it, opened, shown by a route of the app, and deleted."""
    with shelf.app.test_request_context():
        stored = shelf.uploads.save(posted(picture(), "me.png"), to="a/")
        assert [info.name for info in shelf.storage.find()] == ["a/me.png"]
        with stored.open() as file:
            assert file.read() == picture()
        urls = stored.url, stored.permanent_url, stored.download_url()
    for url in urls:
        answer = shelf.client.get(path_of(url))
        assert (answer.status_code, answer.data, answer.mimetype) == (200, picture(), "image/png")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    with shelf.app.app_context():
        stored.delete()
    assert [shelf.client.get(path_of(url)).status_code for url in urls] == [404] * 3
    assert shelf.client.get("/uploads/a/me.png").status_code == 403  # it is private, too


def test_its_files_have_ranges_and_conditions(shelf: Shelf) -> None:
    """A player may ask for a part, and a browser whether the file has changed."""
    with shelf.app.test_request_context():
        url = path_of(shelf.uploads.save(posted(b"0123456789", "a.txt")).url)
    part = shelf.client.get(url, headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.data) == (206, b"234")
    assert part.headers["Content-Range"] == "bytes 2-4/10"
    etag = part.headers["ETag"]
    assert shelf.client.get(url, headers={"If-None-Match": etag}).status_code == 304
    head = shelf.client.head(url)
    assert (head.content_length, head.data) == (10, b"")
    assert shelf.client.get(url, headers={"Range": "bytes=20-"}).status_code == 416


def test_the_url_may_be_your_own() -> None:
    """A function makes the URLs of what is in it; a permanent URL of private files still asks the
    app."""
    memory = MemoryStorage()
    uploads = Uploads(storage=memory, url=lambda file: f"https://files.example/{file.name}")
    shelf = Shelf(uploads)
    with shelf.app.test_request_context():
        stored = shelf.uploads.save(posted(b"x", "a.txt"))
        assert stored.url == "https://files.example/a.txt"
        assert path_of(stored.permanent_url).startswith("/uploads/-/stored/")
    public = Shelf(uploads, UPLOADS_PRIVATE=False)
    with public.app.test_request_context():
        assert public.uploads.save(posted(b"x", "b.txt")).permanent_url.endswith("example/b.txt")


@pytest.mark.parametrize("data", [picture(), big()])
def test_direct_uploads_go_through_the_app(shelf: Shelf, data: bytes) -> None:
    """Browsers send files to the app's own route, in one piece or in parts, as for the disk."""
    parts = len(data) > PART
    body = {"filename": "a.png", "size": len(data), "type": "image/png", "parts": parts}
    answer: Any = shelf.client.post("/uploads/-/sign", json=body).get_json()
    ways = [answer]
    if parts:
        ask = {"token": answer["token"]}
        numbers = range(1, -(-len(data) // answer["partSize"]) + 1)
        ways = [
            shelf.client.post("/uploads/-/part", json={**ask, "part": number}).get_json()
            for number in numbers
        ]
    for number, way in enumerate(ways):
        piece = data[number * PART : (number + 1) * PART] if parts else data
        sent = shelf.client.put(way["url"], data=piece, headers=way["headers"])
        assert sent.status_code == 204
    if parts:
        assert shelf.client.post("/uploads/-/complete", json=ask).status_code == 200
    with shelf.client.session_transaction() as visitor:
        user = dict(visitor)
    with shelf.app.test_request_context():
        session.update(user)
        stored = shelf.uploads.claim(answer["token"], "pictures/")
        with stored.open() as file:
            assert file.read() == data
    assert [i.name for i in shelf.storage.find() if not i.name.endswith(".claimed")] == [
        "pictures/a.png"
    ]


def test_a_bucket_of_the_settings_stays_for_rows() -> None:
    """New files go to it although a bucket is known: tests of an app need not unset anything."""
    shelf = Shelf(S3_BUCKET_NAME="media", S3_REGION="eu-north-1")
    with shelf.app.app_context():
        assert shelf.uploads.save(posted(b"x", "a.txt"), background=True).storage_type == ""
        assert isinstance(shelf.uploads.storages.find("s3", "media"), S3Storage)


def test_commands(shelf: Shelf) -> None:
    """check and prune-pending work with it."""
    run = shelf.app.test_cli_runner().invoke
    checked = run(args=["uploads", "check"])
    assert checked.exit_code == 0, checked.output
    with shelf.app.app_context():
        shelf.uploads.hold(posted(picture()), user=1)
    assert "1 deleted" in run(args=["uploads", "prune-pending", "--older-than=0", "--yes"]).output
    assert list(shelf.storage.find()) == []


def test_what_is_no_storage() -> None:
    """The class of one, a bucket, and a function of URLs without a storage are refused."""
    with pytest.raises(TypeError, match="storage must be a storage"):
        Uploads(storage=MemoryStorage)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="S3_BUCKET_NAME"):
        Uploads(storage=S3Storage("media"))
    with pytest.raises(ConfigError, match="pass storage, too"):
        Uploads(url=lambda file: file.name)
    with pytest.raises(TypeError, match="url must be a function"):
        Uploads(storage=MemoryStorage(), url="https://x/")  # type: ignore[arg-type]


def test_a_file_that_goes_meanwhile(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look at it and its sending a file may be deleted: it is not found then."""
    with shelf.app.test_request_context():
        url = path_of(shelf.uploads.save(posted(b"x", "a.txt")).url)
    plain = shelf.storage.stat

    def look(name: str) -> Any:
        info = plain(name)
        shelf.storage.delete(name)
        return info

    monkeypatch.setattr(shelf.storage, "stat", look)
    assert shelf.client.get(url).status_code == 404
