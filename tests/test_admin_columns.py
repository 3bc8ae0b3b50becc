"""A column of flask_s3_upload in a view of flask_admin_s3_upload, with thumbnails of
flask_thumbnails_s3: none of these knows the others.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_admin import Admin  # type: ignore[import-untyped]
from flask_babel import Babel  # type: ignore[import-untyped]
from flask_sqlalchemy import SQLAlchemy
from PIL import Image
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from flask_admin_s3_upload import FileModelView
from flask_s3_upload import Uploads
from flask_thumbnails_s3 import Thumbnail
from s3_saver import StoredFile
from untrusted_files import PICTURES


def picture(size: tuple[int, int] = (300, 200)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "red").save(file, "PNG")
    return file.getvalue()


class Site:
    """An app with an admin over pictures that the browser sends to the storage by itself."""

    def __init__(self, folder: Path) -> None:
        class Base(DeclarativeBase):
            pass

        self.db = db = SQLAlchemy(model_class=Base)
        uploads = Uploads()
        uploads.allow_direct("picture", rules=PICTURES, authorize=lambda upload: True)

        class Picture(db.Model):  # type: ignore[name-defined,misc]
            id: Mapped[int] = mapped_column(primary_key=True)
            title: Mapped[str]
            image: Mapped[StoredFile | None] = uploads.column("pictures/", purpose="picture")

        self.Picture = Picture
        self.app = app = Flask("site", root_path=str(folder))
        app.config.update(
            SECRET_KEY="for tests",
            SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder}/site.db",
            UPLOADS_FOLDER=str(folder / "uploads"),
        )
        Babel(app)
        db.init_app(app)
        uploads.init_app(app)
        Thumbnail(app, originals=uploads)
        with app.app_context():
            Admin(app).add_view(FileModelView(Picture, db, endpoint="picture"))
            db.create_all()
        self.client: FlaskClient = app.test_client()

    def send(self, data: bytes, filename: str) -> str:
        """Send a file as the browser does, and return its token."""
        asked = {"purpose": "picture", "filename": filename, "size": len(data), "type": "image/png"}
        answer = self.client.post("/uploads/-/sign", json=asked).get_json()
        sent = self.client.put(answer["url"], data=data, headers=answer["headers"])
        assert sent.status_code == 204
        return str(answer["token"])

    def save(self, url: str, image: Any, **more: str) -> Any:
        data = {"title": "one", "image": image, **more}
        return self.client.post(f"/admin/picture/{url}", data=data)

    def stored(self) -> StoredFile:
        with self.app.app_context():
            image = self.db.session.get_one(self.Picture, 1).image
            assert isinstance(image, StoredFile)
            return image

    def text(self, url: str) -> str:
        response = self.client.get(f"/admin/picture/{url}")
        assert response.status_code == 200
        return response.text


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    with site.app.app_context():
        site.db.engine.dispose()


def test_direct_uploads_in_the_admin(site: Site) -> None:
    """The form has the element of the ES module; its token is claimed with the row, once."""
    html = site.text("new/")
    assert 'data-purpose="picture"' in html
    assert 'data-name="image"' in html
    module = re.search(r'<script src="([^"]+)" type="module">', html)
    assert module
    assert site.client.get(module[1], buffered=True).status_code == 200

    token = site.send(picture(), "sea.png")
    assert site.save("new/", token).status_code == 302
    assert site.stored().filename == "sea.png"
    assert site.stored().name.startswith("pictures/")

    assert site.save("edit/?id=1", token).status_code == 200  # it was claimed before


def test_a_plain_post_is_held_while_the_form_is_corrected(site: Site) -> None:
    """Its token goes with the form; what breaks the purpose's rules is refused in words."""
    html = site.save("new/", (io.BytesIO(picture()), "sea.png"), title="").text
    held = re.search(
        r'<input data-filename="sea.png" name="image" type="hidden" value="([^"]+)">', html
    )
    assert held
    assert site.save("new/", held[1]).status_code == 302
    assert site.stored().filename == "sea.png"

    assert "This file" in site.save("edit/?id=1", (io.BytesIO(b"text"), "a.txt")).text


def test_lists_show_thumbnails(site: Site) -> None:
    """By the filter of the app, in place of the whole picture."""
    site.save("new/", (io.BytesIO(picture()), "sea.png"))

    for page, size in (("", (100, 67)), ("edit/?id=1", (200, 133))):
        (url,) = re.findall(r'<img alt="sea.png" src="([^"]+)">', site.text(page))
        response = site.client.get(url.replace("&amp;", "&"), buffered=True)
        assert Image.open(io.BytesIO(response.data)).size == size


def test_the_focal_point_is_where_thumbnails_are_cropped(site: Site) -> None:
    """What the admin keeps is in the file's metadata, next to the picture's size."""
    site.save("new/", (io.BytesIO(picture()), "sea.png"))
    empty = (io.BytesIO(), "")

    site.save("edit/?id=1", empty, **{"_image-focus-x": "10", "_image-focus-y": "90"})

    assert site.stored().metadata == {"width": 300, "height": 200, "focus": [10, 90]}
