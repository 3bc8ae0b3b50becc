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
from example_app.models import Album, Document, Thingy, db
from example_app.tests.support import (
    EMAIL,
    PASSWORD,
    Browser,
    MakeApp,
    Settings,
    stored_files,
    stored_thumbnails,
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
    """Without having signed in, every page of the admin leads to the page for that, and back."""
    client = make_app(on_disk).test_client()
    answer = client.get(path)
    assert (answer.status_code, answer.location) == (302, f"/login?next={path}")
    assert client.post("/admin/thingy/delete/", data={"id": "1"}).status_code == 400


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

    row = the_row(app)
    assert stored_files(app) == [row.image]
    assert row.image_size == len(other_jpeg)
    assert row.image_storage_type == ("s3" if settings["USE_S3"] else "")
    # Those of the old picture are gone; the list has made one of the new.
    stem = row.image.removesuffix(".jpg")
    assert stored_thumbnails(app) == [f"{stem}_80x80_85.jpg"]
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
    assert name.endswith("-paper.pdf")
    assert "paper.pdf</a>" in browser.client.get("/admin/document/").text
    with app.app_context():
        assert db.session.scalars(db.select(Document)).one().file == name

    create(browser, "document", title="Fake", file=upload(b"<script>", "fake.pdf"))
    assert "This file is damaged, or not what its name says." in browser.page.words
    browser.show("POST", "/admin/document/delete/", id="1")
    assert stored_files(app) == []


@pytest.mark.parametrize(
    ("name", "disposition"), [("notes.csv", "attachment"), ("notes.txt", "inline")]
)
def test_a_document_on_disk_can_run_nothing(
    make_app: MakeApp, on_disk: Settings, name: str, disposition: str
) -> None:
    """Plain text is shown in an origin of its own, what browsers do not show is a download."""
    app = make_app(on_disk)
    browser = admin(app)
    create(browser, "document", title="Notes", file=upload(b"notes", name))
    with browser.client.get(f"/admin/files/{stored_files(app)[0]}") as answer:
        assert answer.headers["Content-Disposition"].startswith(disposition)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.data == b"notes"


def test_an_upload_that_waits_to_be_claimed_is_not_for_admins(
    make_app: MakeApp, on_disk: Settings
) -> None:
    """The admin's address of files leads to no upload that nobody has checked, nor elsewhere."""
    app = make_app(on_disk)
    browser = admin(app)
    create(browser, "document", title="Notes", file=upload(b"notes", "notes.txt"))
    (name,) = stored_files(app)
    folder = f"{app.instance_path}/uploads"
    os.makedirs(f"{folder}/pending", exist_ok=True)
    shutil.copy(f"{folder}/{name}", f"{folder}/pending/notes.txt")

    paths = (name, "pending/notes.txt", "../secret_key", "%2e%2e/secret_key")
    answers = [browser.client.get(f"/admin/files/{path}") for path in paths]

    assert [answer.status_code for answer in answers] == [200, 404, 404, 404]
    answers[0].close()


def test_many_pictures_in_one_field(app: Flask, jpeg: bytes, other_jpeg: bytes) -> None:
    """An album takes many pictures at once, and gives up one of them."""
    browser = admin(app)

    create(browser, "album", title="Trip", photos=[upload(jpeg), upload(other_jpeg)])
    with app.app_context():
        names = db.session.scalars(db.select(Album)).one().photos or []
    assert len(names) == 2
    assert set(names) <= set(stored_files(app))

    browser.show("GET", "/admin/album/edit/?id=1")
    browser.show("POST", "/admin/album/edit/?id=1", title="Trip", **{"_photos-remove": names[0]})
    with app.app_context():
        assert db.session.scalars(db.select(Album)).one().photos == names[1:]
    assert names[0] not in stored_files(app)


def test_a_refused_picture_keeps_the_form(app: Flask) -> None:
    """What is no picture is refused in words, with nothing stored."""
    browser = admin(app)
    create(browser, "picture", title="Fake", image=upload(b"not a picture"))
    assert browser.page.words
    assert stored_files(app) == []


def test_a_chosen_picture_survives_an_error_elsewhere(app: Flask, jpeg: bytes) -> None:
    """If another field is wrong, the picture is shown with the form again, to the admin alone, and
    need not be chosen again.
    """
    browser = admin(app)
    create(browser, "picture", title="", image=upload(jpeg))
    (url,) = browser.page.previews
    assert browser.fetch(url) == (200, jpeg)
    if url.startswith("/"):
        assert app.test_client().get(url).status_code == 404

    token = browser.page.pending
    browser.show("POST", "/admin/picture/new/", title="One", **{"_image-pending": token})

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

    assert [name for name in stored_files(app) if not name.startswith(".pending/")] == before
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
    """Who deletes, edits or saves a row that another has deleted is told that it is not there."""
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
    browser.upload(file.getvalue())
    with app.app_context():
        row = db.session.get(Thingy, 1)
        assert row
        orphan = row.image.replace("thingy/", "gallery/")
    folder = f"{app.instance_path}/uploads"
    os.makedirs(f"{folder}/gallery", exist_ok=True)
    shutil.copy(f"{folder}/{row.image}", f"{folder}/{orphan}")
    for name in (row.image, orphan):
        os.utime(f"{folder}/{name}", (0, 0))

    # As `flask` itself, which finds the commands of installed packages.
    flask = FlaskGroup(create_app=lambda: app)
    result = app.test_cli_runner().invoke(flask, ["admin-uploads", "prune", "--dry-run"])

    assert result.exit_code == 0, result.output
    assert orphan in result.output
    assert row.image not in result.output


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
