"""What somebody at the page can do, on disk and on S3."""

import re
from io import BytesIO

import pytest
import requests
from flask import Flask
from PIL import Image

from example_app.tests.support import (
    Browser,
    MakeApp,
    Serve,
    Settings,
    stored_files,
    the_name,
    the_row,
)
from s3_saver import PrefixRegistry
from untrusted_files.pictures import Limits

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def test_a_picture_is_saved_shown_replaced_and_deleted(
    app: Flask, jpeg: bytes, other_jpeg: bytes
) -> None:
    """The whole story of a picture is the same on disk and on S3."""
    browser = Browser(app)
    assert browser.page.original_url is None

    browser.upload(jpeg)
    first_url = browser.original_url
    assert browser.page.words == "Picture saved."
    assert browser.fetch(first_url) == (200, jpeg)

    browser.upload(other_jpeg)
    second_url = browser.original_url
    assert browser.fetch(second_url) == (200, other_jpeg)
    assert browser.fetch(first_url)[0] == 404

    browser.delete()
    assert browser.page.words == "Picture deleted."
    assert browser.page.original_url is None
    assert browser.fetch(second_url)[0] == 404
    assert stored_files(app) == []


def test_the_page_needs_no_script_and_no_other_host(
    make_app: MakeApp, on_disk: Settings, jpeg: bytes
) -> None:
    """Everything on the page comes from the app, and works without JavaScript: the only script
    chooses between light and dark.
    """
    browser = Browser(make_app(on_disk))
    browser.upload(jpeg)

    html = browser.client.get("/").text
    addresses = re.findall(r'(?:src|href|action)="([^"]*)"', html)

    assert re.findall("<script[^>]*>", html) == ['<script src="/static/theme.js">']
    assert len(addresses) > 5
    assert all(address.startswith(("/", "#", "http://localhost/")) for address in addresses)


def test_the_row_says_where_its_file_is(app: Flask, settings: Settings, jpeg: bytes) -> None:
    """The row's file has its name, its storage, its bucket and its size in bytes."""
    Browser(app).upload(jpeg)

    row = the_row(app)

    assert row.image
    assert stored_files(app) == [row.image.name]
    assert row.image.storage_type == ("s3" if settings["USE_S3"] else "")
    assert row.image.bucket_name == settings.get("S3_BUCKET_NAME", "")
    assert row.image.size == len(jpeg)


@pytest.mark.parametrize("s3_first", [False, True])
def test_a_picture_outlives_a_switch_of_storage(
    make_app: MakeApp, on_s3: Settings, jpeg: bytes, other_jpeg: bytes, s3_first: bool
) -> None:
    """What was saved on one storage is shown and replaced when new pictures go to the other."""
    before = make_app({**on_s3, "USE_S3": s3_first})
    Browser(before).upload(jpeg)
    after = make_app({**on_s3, "USE_S3": not s3_first})

    browser = Browser(after)
    first_url = browser.original_url
    assert browser.fetch(first_url) == (200, jpeg)

    browser.upload(other_jpeg)
    assert browser.fetch(browser.original_url) == (200, other_jpeg)
    assert browser.fetch(first_url)[0] == 404
    assert stored_files(before) == []
    assert stored_files(after) == [the_name(after)]


@pytest.mark.parametrize("s3_first", [False, True])
def test_a_picture_is_deleted_where_it_is(
    make_app: MakeApp, on_s3: Settings, jpeg: bytes, s3_first: bool
) -> None:
    """A picture is deleted from the storage that it is on, not from today's."""
    before = make_app({**on_s3, "USE_S3": s3_first})
    Browser(before).upload(jpeg)

    browser = Browser(make_app({**on_s3, "USE_S3": not s3_first}))
    browser.delete()

    assert browser.page.words == "Picture deleted."
    assert stored_files(before) == []


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("notes.txt", b"not a picture at all", "is a text file. Choose a JPEG,"),
        ("page.jpg", b"<!doctype html><script>alert(1)</script>", "is an HTML page. Choose"),
        ("drawing.svg", SVG, "is an SVG. Choose a JPEG,"),
        ("drawing.png", SVG, "is an SVG. Choose a JPEG,"),
        ("empty.jpg", b"", "Choose a JPEG, PNG, WebP, AVIF or GIF."),
    ],
)
def test_what_is_no_picture_is_refused(
    app: Flask, jpeg: bytes, name: str, content: bytes, words: str
) -> None:
    """A file that is no picture, whatever its name, is refused in words and stored nowhere."""
    browser = Browser(app)
    browser.upload(jpeg)
    before = stored_files(app)

    browser.upload(content, name)

    assert words in browser.page.words
    assert browser.fetch(browser.original_url) == (200, jpeg)
    assert stored_files(app) == before


def test_a_broken_picture_is_refused(app: Flask, jpeg: bytes) -> None:
    """An upload that was cut off is refused in words and stored nowhere."""
    browser = Browser(app)

    browser.upload(jpeg[: len(jpeg) // 2])

    assert "damaged" in browser.page.words
    assert stored_files(app) == []


def test_a_picture_of_too_many_pixels_is_refused(make_app: MakeApp, on_disk: Settings) -> None:
    """A small file that would need much memory to show is refused in words."""
    app = make_app(on_disk)
    file = BytesIO()
    most = Limits().max_decoded_pixels
    Image.new("1", (10_000, most // 10_000 + 1)).save(file, "PNG")

    browser = Browser(app)
    browser.upload(file.getvalue(), "large.png")

    assert browser.page.words == f"This picture has too many pixels; the limit is {most:,}."
    assert stored_files(app) == []


def test_no_file_is_refused(app: Flask) -> None:
    """The form says what it misses when no file was chosen."""
    browser = Browser(app)

    browser.show("POST", "/")

    assert browser.page.words == "Choose a picture first."


def test_a_file_that_is_too_large_is_refused(
    make_app: MakeApp, serve: Serve, settings: Settings
) -> None:
    """An upload beyond the limit gets a page that names the limit, and is stored nowhere."""
    app = make_app({**settings, "MAX_CONTENT_LENGTH": 1_000_000})

    answer = requests.post(serve(app), files={"image": bytes(2_000_000)}, timeout=10)

    assert answer.status_code == 413
    assert "This file is too large:" in answer.text
    assert "The limit is 1 MB." in answer.text
    assert stored_files(app) == []


@pytest.mark.parametrize("path", ["/", "/delete"])
def test_a_form_of_another_site_changes_nothing(app: Flask, jpeg: bytes, path: str) -> None:
    """Without the CSRF token of our own page, nothing is saved or deleted."""
    browser = Browser(app)
    browser.upload(jpeg)
    before = stored_files(app)

    answer = browser.client.post(path, data={"image": (BytesIO(jpeg), "photo.jpg")})

    assert answer.status_code == 400
    assert "The form has expired:" in answer.text
    assert stored_files(app) == before


def test_the_type_is_that_of_the_bytes(app: Flask) -> None:
    """A PNG under a JPEG's name is refused, and under its own kept and served as the PNG it is."""
    file = BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG")
    browser = Browser(app)

    browser.upload(file.getvalue(), "../../evil.php.jpg")
    assert "This file is a PNG, but its name says something else" in browser.page.words
    browser.upload(file.getvalue(), "../../evil.php.png")

    assert browser.content_type(browser.original_url) == "image/png"
    assert [name.rpartition(".")[2] for name in stored_files(app)] == ["png"]


@pytest.mark.parametrize("extension", ["jpg", "png", "gif", "webp", "avif"])
def test_files_on_disk_are_never_sniffed(
    make_app: MakeApp, on_disk: Settings, extension: str
) -> None:
    """A picture from disk has its type on every machine, and browsers must not guess another."""
    app = make_app(on_disk)
    file = BytesIO()
    Image.new("RGB", (64, 64)).save(file, extension.replace("jpg", "jpeg"))
    browser = Browser(app)
    browser.upload(file.getvalue(), f"photo.{extension}")

    with browser.client.get(browser.original_url) as answer:
        assert answer.content_type == f"image/{extension.replace('jpg', 'jpeg')}"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("address", ["/uploads/", "/static/", "/_thumbnails/file/"])
def test_only_uploads_are_served(make_app: MakeApp, on_disk: Settings, address: str) -> None:
    """The addresses of files lead to nothing outside their folder, such as the database."""
    client = make_app({**on_disk, "S3_PRIVATE": False}).test_client()

    answers = [
        client.get(address + path)
        for path in ("../example_app.sqlite", "%2e%2e/example_app.sqlite", "nothing.jpg")
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_a_picture_on_disk_needs_its_signature(
    make_app: MakeApp, on_disk: Settings, jpeg: bytes
) -> None:
    """Pictures and thumbnails are private on disk as on S3: without its signature a URL leads to
    nothing.
    """
    browser = Browser(make_app(on_disk))
    browser.upload(jpeg)

    for url in (browser.original_url, browser.thumbnail_url):
        assert browser.fetch(url)[0] == 200
        assert browser.fetch(url.partition("?")[0])[0] == 403


def test_no_file_of_a_user_is_below_a_static_folder(app: Flask, jpeg: bytes) -> None:
    """Uploads, thumbnails and static files have folders and prefixes that don't hold each other,
    and those of users' files are announced.
    """
    Browser(app).upload(jpeg)

    announced = list(PrefixRegistry.of(app.extensions))
    static = [app.static_folder, *(one.static_folder for one in app.blueprints.values())]
    folders = {one.prefix for one in announced if not one.storage_type}
    assert folders >= {f"{app.instance_path}/{name}/" for name in ("uploads", "thumbnails")}
    for folder in filter(None, static):
        assert not any(
            one.startswith(f"{folder}/") or f"{folder}/".startswith(one) for one in folders
        )
    if bucket_name := app.config.get("S3_BUCKET_NAME"):
        prefixes = {one.prefix for one in announced if one.bucket_name == bucket_name}
        assert {one.partition("/")[0] for one in prefixes} == {"uploads", "thumbnails"}
        assert app.config["FLASKS3_PREFIX"] == "assets"


def test_deleting_nothing_is_no_error(app: Flask) -> None:
    """A form that was sent twice deletes once, and says nothing wrong the second time."""
    browser = Browser(app)
    browser.show("POST", "/delete")
    assert browser.status == 200
