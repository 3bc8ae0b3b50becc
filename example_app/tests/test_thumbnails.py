"""The thumbnail of the page: where its original is, and gone with it."""

from io import BytesIO

import pytest
import requests
from flask import Flask
from PIL import Image

from example_app.tests.support import Browser, MakeApp, Settings, stored_thumbnails, the_name
from untrusted_files.pictures import Limits


@pytest.mark.parametrize("place", ["on_disk", "on_s3", "on_public_s3"])
def test_the_page_shows_a_thumbnail(
    make_app: MakeApp, request: pytest.FixtureRequest, place: str, jpeg: bytes
) -> None:
    """The page shows a small picture wherever the original is, and leads to the original."""
    settings: Settings = request.getfixturevalue(place)
    browser = Browser(make_app(settings))

    browser.upload(jpeg)
    status, content = browser.fetch(browser.thumbnail_url)

    assert status == 200
    with Image.open(BytesIO(content)) as image:
        assert image.size == (480, 360)
    assert len(content) < len(jpeg)
    assert ("X-Amz-Signature=" in browser.thumbnail_url) == (place == "on_s3")
    assert browser.fetch(browser.original_url) == (200, jpeg)


def test_a_private_thumbnail_needs_its_signature(
    make_app: MakeApp, on_s3: Settings, jpeg: bytes
) -> None:
    """Without its signature the URL of a thumbnail in a private bucket leads to nothing."""
    browser = Browser(make_app(on_s3))
    browser.upload(jpeg)

    bare_url = browser.thumbnail_url.partition("?")[0]

    assert requests.get(bare_url, timeout=10).status_code == 403


def test_thumbnails_go_with_their_original(app: Flask, jpeg: bytes, other_jpeg: bytes) -> None:
    """Replacing or deleting the picture deletes all its thumbnails, those of other pages too."""
    browser = Browser(app)
    browser.upload(jpeg)
    old_url = browser.thumbnail_url
    browser.client.get("/sizes")
    assert len(stored_thumbnails(app)) > 20

    browser.upload(other_jpeg)
    new_url = browser.thumbnail_url
    stem = the_name(app).removesuffix(".jpg")
    # That of the page, and the preview in its form.
    assert stored_thumbnails(app) == [f"{stem}_480x480_85.jpg", f"{stem}_x128_85.jpg"]
    assert browser.fetch(old_url)[0] == 404
    assert browser.fetch(new_url)[0] == 200

    browser.delete()
    assert stored_thumbnails(app) == []
    assert browser.fetch(new_url)[0] == 404


@pytest.mark.parametrize("s3_first", [False, True])
def test_a_thumbnail_outlives_a_switch_of_storage(
    make_app: MakeApp, on_s3: Settings, jpeg: bytes, s3_first: bool
) -> None:
    """The thumbnail is where the row says that its original is, and is deleted there."""
    before = make_app({**on_s3, "USE_S3": s3_first})
    Browser(before).upload(jpeg)
    after = make_app({**on_s3, "USE_S3": not s3_first})

    browser = Browser(after)

    assert browser.fetch(browser.thumbnail_url)[0] == 200
    assert len(stored_thumbnails(before)) == 2  # that of the page, and the preview in its form
    assert stored_thumbnails(after) == []
    browser.delete()
    assert stored_thumbnails(before) == []


def test_temporary_credentials_serve_thumbnails_too(
    make_app: MakeApp, on_s3: Settings, environment: pytest.MonkeyPatch, jpeg: bytes
) -> None:
    """A session token goes with the keys where thumbnails are read, written and signed for."""
    Browser(make_app(on_s3)).upload(jpeg)
    environment.setenv("AWS_ACCESS_KEY_ID", on_s3["S3_ACCESS_KEY_ID"])
    environment.setenv("AWS_SECRET_ACCESS_KEY", on_s3["S3_ACCESS_KEY_SECRET"])
    environment.setenv("AWS_SESSION_TOKEN", "token")
    # A server that checks tokens refuses this one, and the page shows the original then.
    keys = {"S3_ACCESS_KEY_ID": None, "S3_ACCESS_KEY_SECRET": None}

    browser = Browser(make_app({**on_s3, **keys, "THUMBNAIL_ON_ERROR": "original"}))

    assert "X-Amz-Security-Token=token" in browser.thumbnail_url


def test_the_largest_picture_that_is_no_jpeg_gets_a_thumbnail(
    make_app: MakeApp, on_disk: Settings
) -> None:
    """A PNG of as many pixels as the form lets anybody decode has a thumbnail on the page."""
    most = Limits().max_decoded_pixels
    browser = Browser(make_app(on_disk))

    browser.upload(png(6000, most // 6000), "large.png")

    assert browser.page.words == "Picture saved."
    assert browser.fetch(browser.thumbnail_url)[0] == 200


def png(width: int, height: int) -> bytes:
    file = BytesIO()
    Image.new("1", (width, height)).save(file, "PNG")
    return file.getvalue()
