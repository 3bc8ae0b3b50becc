"""The gallery: pictures sent directly, or with the form; the same on disk and on S3."""

import os
from io import BytesIO

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select, text

from example_app.models import Picture, db
from example_app.tests.support import (
    Browser,
    MakeApp,
    Serve,
    Settings,
    stored_files,
    stored_thumbnails,
)
from example_app.visitor import Visitor
from untrusted_files.pictures import Limits


def a_picture(format: str = "PNG", size: tuple[int, int] = (64, 48)) -> bytes:
    file = BytesIO()
    Image.new("RGB", size, "teal").save(file, format)
    return file.getvalue()


def visit(app: Flask, serve: Serve) -> Visitor:
    visitor = Visitor(serve(app))
    visitor.open("gallery")
    return visitor


def send(visitor: Visitor, *files: tuple[str, bytes]) -> list[str]:
    return [visitor.send_directly("picture", name, content, "image/png") for name, content in files]


def count(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Picture)) or 0


def post_files(browser: Browser, *files: tuple[str, bytes]) -> None:
    browser.show("GET", "/gallery")
    browser.show("POST", "/gallery", pictures=[(BytesIO(content), name) for name, content in files])


def test_many_are_sent_directly_shown_and_deleted(app: Flask, serve: Serve) -> None:
    """Pictures that the browser sends straight to the storage are shown with thumbnails, the newest
    first; deleting one takes its file and its thumbnail along, and leaves the others.
    """
    visitor = visit(app, serve)
    first, second = a_picture(), a_picture(size=(48, 64))

    page = visitor.submit(
        "gallery", {"pictures": send(visitor, ("a.png", first), ("b.png", second))}
    )

    assert page.words == "2 pictures added."
    assert len(stored_files(app)) == 2
    urls = list(map(visitor.absolute, page.originals))
    visitor.expect_bytes(urls[0], second)
    visitor.expect_bytes(urls[1], first)
    assert len(stored_thumbnails(app)) == 2

    page = visitor.submit(page.deletions[0])
    assert page.words == "Picture deleted."
    visitor.expect_gone(urls[0])
    assert list(map(visitor.absolute, page.originals)) == urls[1:]
    assert len(stored_files(app)) == len(stored_thumbnails(app)) == 1


def test_a_picture_is_deleted_twice(app: Flask) -> None:
    """Deleting a picture that was deleted meanwhile shows so, in a gallery without it."""
    browser = Browser(app)
    post_files(browser, ("a.png", a_picture()))
    (path,) = browser.page.deletions
    for words in ("Picture deleted.", "This picture was deleted already."):
        browser.show("POST", path)
        assert (browser.status, browser.page.originals) == (200, [])
        assert browser.page.words == words


def test_the_form_alone_works_too(app: Flask) -> None:
    """Without JavaScript the form carries the files themselves, and the same happens."""
    browser = Browser(app)
    content = a_picture()

    post_files(browser, ("a.png", content), ("b.png", content))

    assert browser.page.words == "2 pictures added."
    assert browser.fetch(browser.page.originals[0]) == (200, content)
    assert len(stored_files(app)) == 2


def test_no_picture_is_refused(app: Flask) -> None:
    """The form says what it misses."""
    browser = Browser(app)
    browser.show("POST", "/gallery")
    assert browser.page.words == "Choose one or more pictures first."


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.png", b"<!doctype html><script>alert(1)</script>"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("false.jpg", a_picture("PNG")),
        ("broken.png", a_picture(size=(640, 480))[:200]),
    ],
)
def test_what_is_no_picture_is_told_by_name(app: Flask, name: str, content: bytes) -> None:
    """A file that is no whole picture of the type that its name says is refused, and not kept."""
    browser = Browser(app)

    post_files(browser, (name, content))

    assert browser.status == 200
    assert browser.page.words
    assert "added" not in browser.page.words
    assert (count(app), stored_files(app)) == (0, [])


def test_too_many_pixels_are_refused(app: Flask) -> None:
    """A small file that would need much memory to show is refused in words, by its name; the others
    of the same form wait in it, and are added when it is sent again.
    """
    file = BytesIO()
    most = Limits().max_decoded_pixels
    Image.new("1", (10_000, most // 10_000 + 1)).save(file, "PNG")
    browser = Browser(app)

    post_files(browser, ("large.png", file.getvalue()), ("small.png", a_picture(size=(8, 8))))

    assert browser.page.words == (
        f"large.png: This picture has too many pixels; the limit is {most:,}."
    )
    assert stored_files(app) == []
    browser.show("POST", "/gallery", pictures=browser.page.held)
    assert browser.page.words == "1 picture added."
    assert len(stored_files(app)) == 1


def test_a_token_counts_once_and_for_one_visitor(app: Flask, serve: Serve) -> None:
    """Another visitor can't claim an upload, and its own visitor only once."""
    visitor, other = visit(app, serve), visit(app, serve)
    (token,) = send(visitor, ("a.png", a_picture()))

    assert "somebody else" in other.submit("gallery", {"pictures": token}).words
    assert visitor.submit("gallery", {"pictures": token}).words == "1 picture added."
    assert "used already" in visitor.submit("gallery", {"pictures": token}).words
    assert count(app) == 1


def test_an_upload_that_waits_is_not_served(make_app: MakeApp, on_disk: Settings) -> None:
    """What nobody has checked yet has no URL."""
    app = make_app(on_disk)
    browser = Browser(app)
    post_files(browser, ("a.png", a_picture()))
    folder = f"{app.instance_path}/uploads"
    for waiting, is_asked in (("pending", "uploads"), (".pending", "admin/files")):
        os.makedirs(f"{folder}/{waiting}", exist_ok=True)
        with open(f"{folder}/{waiting}/x.png", "wb") as file:
            file.write(a_picture())
        assert browser.client.get(f"/{is_asked}/{waiting}/x.png").status_code == 404


def test_a_failed_commit_leaves_no_file(app: Flask) -> None:
    """If the row cannot be made, the user gets a message, and no file stays without a row."""
    with app.app_context():
        db.session.execute(
            text(
                "CREATE TRIGGER refuse AFTER INSERT ON picture "
                "BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END"
            )
        )
        db.session.commit()
    browser = Browser(app)

    post_files(browser, ("a.png", a_picture()))

    assert browser.page.words.startswith("Nothing was changed.")
    assert stored_files(app) == []


def test_an_absent_storage_is_told(
    make_app: MakeApp, on_s3: Settings, closed_endpoint: str
) -> None:
    """While the storage does not answer, who sends a form with files gets a page that says so."""
    browser = Browser(make_app({**on_s3, "S3_ENDPOINT_URL": closed_endpoint}))
    browser.show("GET", "/gallery")
    form = {"csrf_token": browser.page.csrf_token, "pictures": (BytesIO(a_picture()), "a.png")}
    answer = browser.client.post("/gallery", data=form)
    assert answer.status_code == 503
    assert "The storage does not answer:" in answer.text


def test_it_has_pages(make_app: MakeApp, on_disk: Settings) -> None:
    """A gallery of many pictures is shown in pages, which lead to each other."""
    app = make_app(on_disk)
    browser = Browser(app)
    content = a_picture(size=(8, 8))
    post_files(browser, *[(f"{number}.png", content) for number in range(25)])

    assert len(browser.page.originals) == 24
    assert "/gallery?page=2" in browser.client.get("/gallery").text
    browser.show("GET", "/gallery?page=2")
    assert len(browser.page.originals) == 1


def test_the_form_needs_its_token(app: Flask) -> None:
    """A form of another site adds nothing, and signs nothing."""
    client = app.test_client()
    files = {"pictures": (BytesIO(a_picture()), "a.png")}

    assert client.post("/gallery", data=files).status_code == 400
    assert client.post("/uploads/-/sign", json={"purpose": "picture"}).status_code == 400
    assert count(app) == 0


def test_its_files_move_to_another_storage(make_app: MakeApp, on_s3: Settings) -> None:
    """``flask uploads migrate`` moves the gallery's files, and the rows say where they are then."""
    content = a_picture()
    before = make_app({**on_s3, "USE_S3": False})
    post_files(Browser(before), ("a.png", content))
    after = make_app(on_s3)

    result = after.test_cli_runner().invoke(args=["uploads", "migrate", "--to", "s3"])

    assert result.exit_code == 0, result.output
    browser = Browser(after)
    browser.show("GET", "/gallery")
    assert on_s3["S3_BUCKET_NAME"] in browser.page.originals[0]
    assert browser.fetch(browser.page.originals[0]) == (200, content)
    assert stored_files(before) == []
