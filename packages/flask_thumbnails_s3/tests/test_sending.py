"""The app's own routes for what is on disk."""

import time
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from image_files import ImageFile
from thumbnail_place import Place

from flask_thumbnails_s3 import ConfigError, Thumbnail
from s3_saver import PrefixRegistry, StorageUnavailableError

NAME = "a/b%20c_20x20_85.jpg"


def show(app: Flask, image: str = "a/b c.jpg", **options: Any) -> str:
    with app.test_request_context():
        return str(app.jinja_env.filters["thumbnail"](image, "20x20", **options))


@pytest.fixture
def private(disk: Place, image_file: ImageFile) -> Flask:
    """An app on disk with one image, whose thumbnails are private."""
    disk.save("a/b c.jpg", image_file())
    app: Flask = disk.app(THUMBNAIL_S3_PRIVATE=True)
    return app


def test_private(private: Flask, disk: Place) -> None:
    """The page's URL shows the thumbnail, to be kept by the visitor's browser alone."""
    url = show(private)
    assert url.startswith(f"/_thumbnails/file/{NAME}?expires=")
    answer = private.test_client().get(url)
    assert answer.data == disk.read("a/b c_20x20_85.jpg")
    assert answer.headers["Cache-Control"] == "private, max-age=3600"
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_stays_the_same(private: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The URL stays the same within a window, so that browsers keep what it shows, and ends after
    one to two windows.
    """
    start = time.time() // 3600 * 3600
    seen = set()
    for seconds in (0, 1800, 3599):
        monkeypatch.setattr(time, "time", lambda seconds=seconds: start + seconds)
        seen.add(show(private))
    assert len(seen) == 1
    statuses = []
    for seconds in (3600, 7199, 7200):
        monkeypatch.setattr(time, "time", lambda seconds=seconds: start + seconds)
        statuses.append(private.test_client().get(seen.copy().pop()).status_code)
    assert statuses == [200, 200, 410]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("20x20", "40x40"),
        ("b%20c", "other"),
        ("expires=", "expires=9"),
        ("expires=", "expires=%20"),
        ("signature=", "signature=x"),
        ("signature=", "x="),
        ("/file/", "/original/"),
    ],
)
def test_tampered(old: str, new: str, private: Flask, disk: Place) -> None:
    """A private thumbnail is shown by nothing but its own URL."""
    url = show(private)
    assert old in url
    disk.calls.clear()
    assert private.test_client().get(url.replace(old, new, 1)).status_code == 403
    assert not disk.calls


def test_url_of_another_purpose(disk: Place, image_file: ImageFile) -> None:
    """The URL that has a thumbnail made does not show one, nor the other way round."""
    disk.save("a.jpg", image_file())
    app = disk.app(THUMBNAIL_MODE="lazy", THUMBNAIL_S3_PRIVATE=True)
    client = app.test_client()
    url = show(app, "a.jpg")
    assert client.get(url.replace("/new/", "/file/")).status_code == 403
    sent = client.get(url).location
    assert client.get(sent).status_code == 200
    assert client.get(sent.replace("/file/", "/new/")).status_code == 403


def test_public(disk: Place, image_file: ImageFile) -> None:
    """A public thumbnail has a plain URL, needs no SECRET_KEY, and may be kept by everybody."""
    disk.save("a/b c.jpg", image_file())
    app = disk.app(SECRET_KEY=None)
    assert show(app) == f"/_thumbnails/file/{NAME}"
    answer = app.test_client().get(show(app))
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    etag = answer.headers["ETag"]
    assert app.test_client().get(show(app), headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize(
    "name", ["none_20x20_85.jpg", "notes.txt", "../up/a.jpg", "%2e%2e/up/a.jpg", "a%00_2x2_85.jpg"]
)
def test_only_thumbnails(name: str, disk: Place, image_file: ImageFile) -> None:
    """What is not there, or not named as a thumbnail, is not found."""
    disk.save("a.jpg", image_file())
    disk.thumbnails.save("notes.txt", BytesIO(b"private"))
    answer = disk.app().test_client().get(f"/_thumbnails/file/{name}")
    assert answer.status_code == 404


def test_only_what_pages_show_is_made_again(disk: Place, image_file: ImageFile) -> None:
    """Where URLs are not signed, a stranger gets no thumbnail made that no page has shown."""
    disk.save("a.jpg", image_file())
    app = disk.app()
    url = show(app, "a.jpg")
    disk.thumbnails.delete("a_20x20_85.jpg")
    client = app.test_client()
    assert client.get(url.replace("20x20", "40x40")).status_code == 404
    assert disk.names() == []
    assert client.get(url).status_code == 200
    assert disk.names() == ["a_20x20_85.jpg"]


def test_made_again_in_vain(private: Flask, disk: Place) -> None:
    """A thumbnail whose original is gone, too, is looked for once, and then remembered as such."""
    url = show(private)
    disk.thumbnails.delete("a/b c_20x20_85.jpg")
    disk.originals.delete("a/b c.jpg")
    client = private.test_client()
    disk.calls.clear()
    assert [client.get(url).status_code for _ in range(3)] == [404] * 3
    assert disk.calls["open", "a/b c.jpg"] == 1


def test_storage_that_does_not_answer(private: Flask, disk: Place) -> None:
    """Where the storage does not answer, the browser is asked to come again."""
    url = show(private)

    def fail(method: str, name: str) -> None:
        raise StorageUnavailableError("gone")

    disk.hooks.append(fail)
    assert private.test_client().get(url).status_code == 503


def test_secret_key_is_needed(disk: Place, image_file: ImageFile) -> None:
    """Private thumbnails without a SECRET_KEY are refused in words, and never shown unsigned."""
    disk.save("a.jpg", image_file())
    app = disk.app(THUMBNAIL_S3_PRIVATE=True, SECRET_KEY=None)
    with pytest.raises(ConfigError, match="SECRET_KEY is missing"):
        show(app, "a.jpg")


def test_rotated_key(private: Flask, disk: Place) -> None:
    """URLs of a key that was rotated out hold as long as it is a fallback."""
    url = show(private)
    options: dict[str, Any] = {"THUMBNAIL_S3_PRIVATE": True, "SECRET_KEY": "new"}
    app = disk.app(**options, SECRET_KEY_FALLBACKS=["older", "secret"])
    assert app.test_client().get(url).status_code == 200
    assert disk.app(**options).test_client().get(url).status_code == 403


@pytest.mark.parametrize("is_private", [True, False])
def test_original(is_private: bool, disk: Place) -> None:
    """An original's own URL is signed in any case, and an SVG has no rights there."""
    disk.save("d/logo.svg", b"<svg/>")
    app = disk.app(THUMBNAIL_S3_PRIVATE=is_private)
    url = show(app, "d/logo.svg")
    assert url.startswith("/_thumbnails/original/d/logo.svg?expires=")
    answer = app.test_client().get(url)
    assert answer.data == b"<svg/>"
    assert answer.headers["Content-Type"].startswith("image/svg+xml")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.cache_control.private
    assert app.test_client().get(url.partition("?")[0]).status_code == 403


@pytest.mark.parametrize("image", ["pending/x.svg", ".pending/x.svg"])
def test_pending_upload(image: str, place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """What nobody has claimed yet has no URL of its own, on disk and on S3."""
    place.save(image, b"<svg/>")
    app = place.app(THUMBNAIL_S3_PRIVATE=True, THUMBNAIL_ON_ERROR="original")
    assert show(app, image) == ""
    assert "nobody has claimed" in caplog.text


def test_pending_upload_of_a_folder_below(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """Nor has it one where uploads are kept in a folder of the originals."""
    place.save("up/pending/x.svg", b"<svg/>")
    app = place.app(THUMBNAIL_S3_PRIVATE=True, THUMBNAIL_ON_ERROR="original")
    registry = PrefixRegistry.of(app.extensions)
    registry.announce_pending("flask_s3_upload", folder=f"{place.root}/up/up/pending")
    if place.bucket:
        registry.announce_pending(
            "flask_s3_upload", storage_type="s3", bucket_name=place.bucket, prefix="up/up/pending"
        )
    assert show(app, "up/pending/x.svg") == ""
    assert "nobody has claimed" in caplog.text


def test_static_files(disk: Place, image_file: ImageFile) -> None:
    """Originals and thumbnails below the static folder are static files, found by their folders."""
    app = Flask("static", static_folder=disk.root, instance_path="/srv/none")
    app.config.update(MEDIA_FOLDER=f"{disk.root}/up", MEDIA_THUMBNAIL_FOLDER=f"{disk.root}/thumbs")
    Thumbnail(app)
    disk.save("a.jpg", image_file())
    disk.save("a.svg", b"<svg/>")
    folder = disk.root.rpartition("/")[2]
    assert show(app, "a.svg") == f"/{folder}/up/a.svg"
    assert show(app, "a.jpg") == f"/{folder}/thumbs/a_20x20_85.jpg"
    with app.test_client().get(show(app, "a.jpg")) as answer:
        assert answer.status_code == 200


def test_immutable(disk: Place, image_file: ImageFile) -> None:
    """What is named by an id is kept for a year, as no other image will have its URL."""
    name = "things/0123456789abcdef.jpg"
    disk.save(name, image_file())
    app = disk.app()
    answer = app.test_client().get(show(app, name))
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
