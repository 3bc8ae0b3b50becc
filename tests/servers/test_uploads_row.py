"""A row's file in a headless Chromium: StoredFileField and the ES module together."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import FlaskForm
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.serving import make_server
from wtforms import StringField
from wtforms.validators import InputRequired

from flask_s3_upload import StoredFile, StoredFileField, Uploads
from s3_saver import LocalStorage
from servers.uploads_album import png
from servers.webdriver import Browser
from untrusted_files import Rules

pytestmark = pytest.mark.servers

PAGE = """<!doctype html><title>Picture</title>
<form method=post enctype=multipart/form-data novalidate>
{{ form.csrf_token }}{{ form.title }}{{ form.image }}<button id=save>Save</button></form>
<script type=module src="{{ url_for('uploads.module') }}"></script>
"""


@dataclass
class Album:
    """A running site with one row, of which a form edits title and picture."""

    url: str
    storage: LocalStorage
    #: The row's picture, by its name and size, after each form that was valid.
    saved: list[tuple[str, int] | None] = field(default_factory=list)


@pytest.fixture
def album(tmp_path: Path) -> Iterator[Album]:
    app = Flask(__name__, instance_path=str(tmp_path))
    app.config.update(SECRET_KEY="not a secret", SQLALCHEMY_DATABASE_URI="sqlite:///rows.db")
    db: Any = SQLAlchemy()
    uploads = Uploads(app)
    uploads.allow_direct(
        "picture", rules=Rules(max_bytes=999, types=("image/*",)), authorize=lambda upload: True
    )
    model: Any = db.Model

    class Picture(model):  # type: ignore[misc]
        id: Mapped[int] = mapped_column(primary_key=True)
        title: Mapped[str]
        image: Mapped[StoredFile | None] = uploads.column("pictures/", purpose="picture")

    class PictureForm(FlaskForm):  # type: ignore[misc]
        title = StringField(validators=[InputRequired()])
        image = StoredFileField("Picture", column=Picture.image)

    db.init_app(app)
    with app.app_context():
        db.create_all()
        db.session.add(Picture(title="Tom"))
        db.session.commit()

    @app.route("/", methods=["GET", "POST"])
    def edit() -> str:
        picture = db.session.get(Picture, 1)
        form = PictureForm(obj=picture)
        if form.validate_on_submit():
            form.populate_obj(picture)
            db.session.commit()
            image = picture.image
            site.saved.append((image.filename, image.size) if image else None)
            form = PictureForm(formdata=None, obj=picture)
        return render_template_string(PAGE, form=form)

    server = make_server("127.0.0.1", 0, app, threaded=True)
    storage = LocalStorage(tmp_path / "uploads")
    site = Album(f"http://127.0.0.1:{server.server_port}/", storage)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


def save(browser: Browser, album: Album) -> None:
    """Submit the form, and wait for the page that follows."""
    browser.run("window.isOld = true")
    browser.click("#save")
    browser.until("!window.isOld && document.querySelector('[data-direct-upload=on]')")


def sizes(album: Album) -> list[int]:
    """Of what is stored, whoever names it."""
    return [info.size for info in album.storage.find("pictures/")]


def test_the_story_of_a_row_s_picture(browser: Browser, album: Album, pictures: list[Path]) -> None:
    """A picture is sent directly, survives another field's error, is saved with its row, replaced
    and deleted, and nothing of it is left."""
    browser.open(album.url)
    browser.type("input[type=file]", str(pictures[0]))
    browser.until("document.querySelector('li.is-done canvas')")
    browser.run("document.querySelector('[name=title]').value = ''")
    save(browser, album)
    assert (album.saved, sizes(album)) == ([], [])
    browser.until("document.querySelector('li.is-done')")
    browser.type("[name=title]", "Tom")
    save(browser, album)
    assert album.saved == [("one.png", len(png()))]
    shown = "document.querySelector('.stored-files')"
    assert "one.png" in browser.until(f"{shown}.textContent")
    assert browser.until(f"{shown}.querySelector('img').naturalWidth") == 1
    assert browser.run("return document.querySelectorAll('.direct-upload-files li').length") == 0

    browser.type("input[type=file]", str(pictures[1]))
    save(browser, album)
    assert album.saved[1:] == [("two.png", len(png(10)))]
    assert sizes(album) == [len(png(10))]

    browser.click(".stored-files input[type=checkbox]")
    save(browser, album)
    assert album.saved[2:] == [None]
    assert sizes(album) == []
    assert browser.run(f"return {shown}") is None
