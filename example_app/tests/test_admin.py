"""The admin: who may enter, and rows with files, on disk and on S3."""

import os
import shutil
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.cli import FlaskGroup
from PIL import Image
from sqlalchemy import text

from example_app.accounts import User, datastore
from example_app.models import Album, Document, db
from example_app.tests.support import (
    EMAIL,
    PASSWORD,
    Browser,
    MakeApp,
    Settings,
    stored_files,
    stored_thumbnails,
    the_name,
    the_row,
)

PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def admin(app: Flask) -> Browser:
    """Somebody who has signed in to the admin."""
    browser = Browser(app)
    browser.show("GET", "/login")
    browser.show("POST", "/login", email=EMAIL, password=PASSWORD)
    assert browser.status == 200
    return browser


def create(browser: Browser, model: str, **form: Any) -> None:
    browser.show("GET", f"/admin/{model}/new/")
    browser.show("POST", f"/admin/{model}/new/", **form)


def upload(content: bytes, name: str = "photo.jpg") -> tuple[BytesIO, str]:
    return BytesIO(content), name


@pytest.mark.parametrize("path", ["/admin/", "/admin/thingy/", "/admin/picture/new/"])
def test_a_stranger_is_asked_to_sign_in(make_app: MakeApp, on_disk: Settings, path: str) -> None:
    """A visitor who has not signed in is sent to the page for that, and then back."""
    client = make_app(on_disk).test_client()
    answer = client.get(path)
    assert (answer.status_code, answer.location) == (302, f"/login?next={path}")
    assert client.post("/admin/thingy/delete/", data={"id": "1"}).status_code == 400


def test_its_home_leads_everywhere(make_app: MakeApp, on_disk: Settings) -> None:
    """The first page says who has signed in, and links to all models and to a new password."""
    home = admin(make_app(on_disk)).client.get("/admin/").text
    assert f"Signed in as <strong>{EMAIL}</strong>" in home
    for model in ("thingy", "picture", "document", "album"):
        assert f'<a class="card card-body h-100" href="/admin/{model}/">' in home
    assert 'href="/change-password"' in home


def test_a_user_without_the_role_is_refused(make_app: MakeApp, on_disk: Settings) -> None:
    """Who has signed in, but is no admin, gets a page that says so."""
    app = make_app(on_disk)
    with app.app_context():
        user = db.session.scalars(db.select(User)).one()
        user.roles.clear()
        db.session.commit()
    browser = admin_without_role(app)
    assert browser.client.get("/admin/").status_code == 403


def admin_without_role(app: Flask) -> Browser:
    browser = Browser(app)
    browser.show("GET", "/login")
    browser.client.post(
        "/login",
        data={"csrf_token": browser.page.csrf_token, "email": EMAIL, "password": PASSWORD},
    )
    return browser


def test_a_wrong_password_is_refused(make_app: MakeApp, on_disk: Settings) -> None:
    """A wrong password and an unknown address get the same answer, and no way in."""
    browser = Browser(make_app(on_disk))
    answers = []
    for email in (EMAIL, "nobody@example.com"):
        browser.show("GET", "/login")
        browser.show("POST", "/login", email=email, password="wrong")
        answers.append(browser.page.words)
    assert answers[0] == answers[1] != ""
    assert browser.client.get("/admin/").status_code == 302


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_signing_in_never_leads_elsewhere(
    make_app: MakeApp, on_disk: Settings, target: str
) -> None:
    """A link to the page for signing in that names another site leads to none."""
    browser = Browser(make_app(on_disk))
    browser.show("GET", "/login")
    form = {"csrf_token": browser.page.csrf_token, "email": EMAIL, "password": PASSWORD}
    answer = browser.client.post("/login", query_string={"next": target}, data=form)
    assert urlsplit(answer.location or "").netloc == ""


def test_the_blog_posts_view(
    app: Flask, settings: Settings, jpeg: bytes, other_jpeg: bytes
) -> None:
    """A Thingy of the home page is shown, replaced and deleted in the admin, and its thumbnails go
    with it.
    """
    browser = admin(app)
    browser.show("GET", "/")
    browser.upload(jpeg)

    browser.show("GET", "/admin/thingy/edit/?id=1")
    assert browser.fetch(browser.page.previews[0]) == (200, jpeg)
    browser.show("POST", "/admin/thingy/edit/?id=1", image=upload(other_jpeg))

    image = the_row(app).image
    assert image
    assert stored_files(app) == [image.name]
    assert image.size == len(other_jpeg)
    assert image.storage_type == ("s3" if settings["USE_S3"] else "")
    # Those of the old picture are gone; the list has made one of the new.
    stem = image.name.removesuffix(".jpg")
    assert [name.startswith(f"{stem}_") for name in stored_thumbnails(app)] == [True]
    browser.show("GET", "/")
    assert browser.fetch(browser.original_url) == (200, other_jpeg)

    browser.show("POST", "/admin/thingy/delete/", id="1")
    assert stored_files(app) == stored_thumbnails(app) == []
    browser.show("GET", "/")
    assert browser.page.original_url is None


def test_a_file_field(app: Flask) -> None:
    """A document is stored, listed with a link that downloads it, and deleted with its row."""
    browser = admin(app)

    create(browser, "document", title="A paper", file=upload(PDF, "paper.pdf"))

    (name,) = stored_files(app)
    assert name.startswith("documents/")
    assert "paper.pdf</a>" in browser.client.get("/admin/document/").text
    with app.app_context():
        file = db.session.scalars(db.select(Document)).one().file
        assert (file.name, file.filename) == (name, "paper.pdf")

    create(browser, "document", title="Fake", file=upload(b"<script>", "fake.pdf"))
    assert "This file is an HTML page. Choose a PDF, Word document" in browser.page.words
    browser.show("POST", "/admin/document/delete/", id="1")
    assert stored_files(app) == []


@pytest.mark.parametrize(
    ("name", "disposition"), [("notes.csv", "attachment"), ("notes.txt", "inline")]
)
def test_a_document_on_disk_can_run_nothing(
    make_app: MakeApp, on_disk: Settings, name: str, disposition: str
) -> None:
    """Plain text is shown in an origin of its own, what browsers do not show is a download."""
    browser = admin(make_app(on_disk))
    create(browser, "document", title="Notes", file=upload(b"notes", name))
    browser.show("GET", "/admin/document/edit/?id=1")
    with browser.client.get(browser.page.previews[0]) as answer:
        assert answer.headers["Content-Disposition"].startswith(disposition)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.data == b"notes"


def test_many_pictures_in_one_field(app: Flask, jpeg: bytes, other_jpeg: bytes) -> None:
    """An album takes many pictures at once, and one of them is removed."""
    browser = admin(app)

    create(browser, "album", title="Trip", photos=[upload(jpeg), upload(other_jpeg)])
    with app.app_context():
        names = [photo.name for photo in db.session.scalars(db.select(Album)).one().photos]
    assert len(names) == 2
    assert set(names) <= set(stored_files(app))

    browser.show("GET", "/admin/album/edit/?id=1")
    browser.show("POST", "/admin/album/edit/?id=1", title="Trip", **{"_photos-remove": names[0]})
    with app.app_context():
        album = db.session.scalars(db.select(Album)).one()
        assert [photo.name for photo in album.photos] == names[1:]
    assert names[0] not in stored_files(app)


def test_a_refused_picture_keeps_the_form(app: Flask) -> None:
    """What is no picture is refused in words, with nothing stored."""
    browser = admin(app)
    create(browser, "picture", title="Fake", image=upload(b"not a picture"))
    assert browser.page.words
    assert stored_files(app) == []


def test_a_chosen_picture_survives_an_error_elsewhere(app: Flask, jpeg: bytes) -> None:
    """If another field is wrong, the picture waits with the form and need not be chosen again."""
    browser = admin(app)
    create(browser, "picture", title="", image=upload(jpeg))
    (token,) = browser.page.held
    assert stored_files(app) == []

    browser.show("POST", "/admin/picture/new/", title="One", image=token)

    assert [name.partition("/")[0] for name in stored_files(app)] == ["gallery"]


def test_a_failed_commit_keeps_the_old_file(app: Flask, jpeg: bytes, other_jpeg: bytes) -> None:
    """If the database refuses the change, the old picture is there, and the new one is not."""
    browser = admin(app)
    create(browser, "picture", title="One", image=upload(jpeg))
    before = stored_files(app)
    with app.app_context():
        db.session.execute(
            text("CREATE TRIGGER refuse AFTER UPDATE ON picture BEGIN SELECT RAISE(FAIL, ''); END")
        )
        db.session.commit()

    browser.show("GET", "/admin/picture/edit/?id=1")
    browser.show("POST", "/admin/picture/edit/?id=1", title="One", image=upload(other_jpeg))

    assert stored_files(app) == before
    browser.show("GET", "/admin/picture/edit/?id=1")
    assert browser.fetch(browser.page.previews[0]) == (200, jpeg)


def test_two_windows_with_the_same_row(app: Flask, jpeg: bytes, other_jpeg: bytes) -> None:
    """Who saves a form that was opened before another saved the same row takes nothing of that
    back but what both changed, and no file is lost or left.
    """
    one, other = admin(app), admin(app)
    create(one, "picture", title="One", image=upload(jpeg))
    edit = "/admin/picture/edit/?id=1"
    one.show("GET", edit)
    other.show("GET", edit)

    one.show("POST", edit, title="Two", image=upload(other_jpeg))
    other.show("POST", edit, title="Three")

    one.show("GET", edit)
    assert one.fetch(one.page.previews[0]) == (200, other_jpeg)
    assert 'value="Three"' in one.client.get(edit).text
    assert len(stored_files(app)) == 1

    other.show("POST", edit, title="Four", image=upload(jpeg))
    one.show("GET", edit)
    assert one.fetch(one.page.previews[0]) == (200, jpeg)
    assert len(stored_files(app)) == 1


def test_a_row_is_deleted_twice(app: Flask, jpeg: bytes) -> None:
    """Deleting, editing or saving a row that was deleted meanwhile shows that it is not there."""
    one, other = admin(app), admin(app)
    create(one, "picture", title="One", image=upload(jpeg))
    edit = "/admin/picture/edit/?id=1"
    other.show("GET", edit)

    one.show("POST", "/admin/picture/delete/", id="1")
    assert "successfully deleted" in one.page.words

    other.show("POST", edit, title="Two", image=upload(jpeg))
    assert other.page.words == "Record does not exist."
    other.show("POST", "/admin/picture/delete/", id="1")
    assert (other.status, other.page.words) == (200, "Record does not exist.")
    assert stored_files(app) == []


def test_a_form_without_its_token_is_refused(
    make_app: MakeApp, on_disk: Settings, jpeg: bytes
) -> None:
    """The admin's forms take nothing from other sites either."""
    app = make_app(on_disk)
    browser = admin(app)
    answer = browser.client.post("/admin/thingy/new/", data={"image": upload(jpeg)})
    assert answer.status_code == 400
    assert stored_files(app) == []


def test_files_that_no_row_names_are_listed(make_app: MakeApp, on_disk: Settings) -> None:
    """What a killed process leaves behind is listed by a command, and what rows name is not."""
    app = make_app(on_disk)
    browser = Browser(app)
    file = BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG")
    browser.upload(file.getvalue(), "photo.png")
    name = the_name(app)
    orphan = name.replace("thingy/", "gallery/")
    folder = f"{app.instance_path}/uploads"
    os.makedirs(f"{folder}/gallery", exist_ok=True)
    shutil.copy(f"{folder}/{name}", f"{folder}/{orphan}")
    for path in (name, orphan):
        os.utime(f"{folder}/{path}", (0, 0))

    # As `flask` itself, which finds the commands of installed packages.
    flask = FlaskGroup(create_app=lambda: app)
    result = app.test_cli_runner().invoke(flask, ["uploads", "prune", "--dry-run"])

    assert result.exit_code == 0, result.output
    assert orphan in result.output
    assert name not in result.output


def test_the_first_start_makes_an_admin_once(
    make_app: MakeApp, on_disk: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """A random password is printed by the first start alone, and it is the one that works."""
    settings = {**on_disk, "ADMIN_PASSWORD": None}
    make_app(settings)
    first = capsys.readouterr().out
    app = make_app(settings)

    assert capsys.readouterr().out == ""
    assert EMAIL in first
    password = first.partition("the password ")[2].split()[0]
    with app.app_context():
        assert len(password) >= 16
        user = datastore.find_user(email=EMAIL)
        assert user
        assert user.verify_and_update_password(password)
