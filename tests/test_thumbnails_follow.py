"""Thumbnails go with the files of rows: flask_s3_upload keeps these, flask_thumbnails_s3 hears."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask_sqlalchemy import SQLAlchemy
from PIL import Image
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from werkzeug.datastructures import FileStorage

from flask_s3_upload import StoredFile, Uploads
from flask_thumbnails_s3 import Thumbnail
from s3_saver.testing import MemoryStorage, S3Server
from sqlalchemy_s3_files import find_orphans


class Site:
    """An app with one model, whose rows have a picture."""

    def __init__(self, app: Flask, uploads: Uploads) -> None:
        self.app, self.uploads = app, uploads
        self.db = SQLAlchemy(model_class=type("Base", (DeclarativeBase,), {}))
        self.db.init_app(app)
        uploads.init_app(app)
        Thumbnail(app, originals=uploads)
        db = self.db

        class Thingy(db.Model):  # type: ignore[name-defined, misc]
            id: Mapped[int] = mapped_column(primary_key=True)
            image: Mapped[StoredFile | None] = uploads.column("things/")

        self.model: Any = Thingy
        with app.app_context():
            db.create_all()

    def show(self, row: Any) -> str:
        return render_template_string("{{ row.image|thumbnail('20x20') }}", row=row)

    def thumbnails(self) -> list[str]:
        """All that are kept, on disk and in the bucket."""
        files = self.app.extensions["flask_thumbnails_s3"].first.files
        buckets = ["", *([self.app.config["S3_BUCKET_NAME"]] if self.on_s3 else [])]
        return [name for bucket in buckets for name in files.find_thumbnails(bucket)]

    @property
    def on_s3(self) -> bool:
        return bool(self.app.config.get("S3_BUCKET_NAME"))


def picture(color: str) -> FileStorage:
    data = io.BytesIO()
    Image.new("RGB", (40, 30), color).save(data, "PNG")
    data.seek(0)
    return FileStorage(data, f"{color}.png")


@pytest.fixture(params=["memory", "disk", "s3"])
def site(request: pytest.FixtureRequest, tmp_path: Path, s3_server: S3Server) -> Site:
    app = Flask("things", instance_path=str(tmp_path))
    app.config.update(SECRET_KEY="secret", SQLALCHEMY_DATABASE_URI="sqlite://")
    if request.param == "s3":
        app.config.update(
            S3_BUCKET_NAME=request.getfixturevalue("s3_bucket"),
            S3_ENDPOINT_URL=s3_server.endpoint_url,
            S3_REGION=s3_server.region,
            S3_ACCESS_KEY_ID=s3_server.access_key_id,
            S3_ACCESS_KEY_SECRET=s3_server.access_key_secret,
        )
    if request.param == "memory":
        return Site(app, Uploads(storage=MemoryStorage()))
    return Site(app, Uploads())


def test_replaced_and_deleted(site: Site) -> None:
    """A new picture's commit takes the old one's thumbnails, and so does the row's end; what is
    rolled back takes none.
    """
    session = site.db.session
    with site.app.test_request_context():
        row = site.model(image=picture("red"))
        session.add(row)
        session.commit()
        site.show(row)
        (first,) = site.thumbnails()
        row.image = picture("blue")
        session.flush()
        site.show(row)
        assert len(site.thumbnails()) == 2
        session.rollback()
        assert site.thumbnails() == [first]
        row.image = picture("blue")
        session.commit()
        assert site.thumbnails() == []
        site.show(row)
        assert len(site.thumbnails()) == 1
        session.delete(row)
        session.commit()
        assert site.thumbnails() == []


@pytest.mark.parametrize("site", ["memory"], indirect=True)
def test_pruning_leaves_them(site: Site) -> None:
    """Thumbnails that are in the same storage as the originals are no orphans of it."""
    with site.app.test_request_context():
        row = site.model(image=picture("red"))
        site.db.session.add(row)
        site.db.session.commit()
        site.show(row)
        site.uploads.storages.save("lost.png", io.BytesIO(b"x"))
        found = find_orphans(
            site.uploads.storages,
            site.db.session(),
            [site.model],
            prefix="",
            older_than=timedelta(0),
        )
        assert [file.name for file in found] == ["lost.png"]
        assert len(site.thumbnails()) == 1


@pytest.mark.parametrize("site", ["s3"], indirect=True)
def test_migrated(site: Site) -> None:
    """A file that moves to the disk has its thumbnails there then, and none in the bucket."""
    session, runner = site.db.session, site.app.test_cli_runner()
    with site.app.test_request_context():
        row = site.model(image=picture("red"))
        session.add(row)
        session.commit()
        site.show(row)
        assert len(site.thumbnails()) == 1
        session.remove()
    result = runner.invoke(args=["uploads", "migrate", "--to", "local"])
    assert result.exit_code == 0, result.output
    with site.app.test_request_context():
        assert site.thumbnails() == []
        row = session.get_one(site.model, 1)
        assert row.image.storage_type == ""
        assert site.show(row).startswith("/_thumbnails/file/things/")
        assert len(site.thumbnails()) == 1
