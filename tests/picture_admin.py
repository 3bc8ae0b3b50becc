"""An app whose admin has pictures: a column of flask_s3_upload, which browsers send files to by
themselves, and thumbnails of flask_thumbnails_s3.
"""

import io
from pathlib import Path
from typing import Any

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

    def __init__(self, folder: Path, **admin_options: Any) -> None:
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
            Admin(app, **admin_options).add_view(FileModelView(Picture, db, endpoint="picture"))
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
