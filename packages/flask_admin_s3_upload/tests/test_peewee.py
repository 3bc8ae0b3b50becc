"""An admin over models of Peewee."""

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import peewee
import pytest
from admin_site import Page
from flask import Flask
from flask_admin import Admin  # type: ignore[import-untyped]
from flask_admin.contrib.peewee import ModelView  # type: ignore[import-untyped]
from flask_babel import Babel  # type: ignore[import-untyped]
from pictures import picture
from places import Place

from flask_admin_s3_upload import S3ImageUploadField, delete_files
from s3_saver import FileTransaction


class Site:
    """An app with a view of cats, whose photos are files."""

    def __init__(self, folder: Path, options: dict[str, Any]) -> None:
        self.database = peewee.SqliteDatabase(str(folder / "cats.db"))

        class Cat(peewee.Model):
            name = peewee.TextField(unique=True)
            photo = peewee.TextField(null=True)

            class Meta:
                database = self.database

        class CatView(ModelView):  # type: ignore[misc]
            form_overrides = {"photo": S3ImageUploadField}  # noqa: RUF012
            form_args = {"photo": options}  # noqa: RUF012

            def create_model(self, form: Any) -> Any:
                with FileTransaction() as files:
                    created = super().create_model(form)
                    if not created:
                        files.rollback()
                    return created

            def update_model(self, form: Any, model: Any) -> Any:
                with FileTransaction() as files:
                    updated = super().update_model(form, model)
                    if not updated:
                        files.rollback()
                    return updated

            def after_model_delete(self, model: Any) -> None:
                delete_files(self, model)

        self.Cat = Cat
        self.database.create_tables([Cat])
        app = Flask("cats", static_folder=str(folder / "static"))
        app.config["SECRET_KEY"] = "for tests"
        Babel(app)
        Admin(app).add_view(CatView(Cat, endpoint="cat"))
        self.client = app.test_client()

    def post(self, url: str, name: str, file: tuple[str, bytes] = ("", b"")) -> Any:
        data = {"name": name, "photo": (io.BytesIO(file[1]), file[0])}
        return self.client.post(f"/admin/cat/{url}", data=data)


@pytest.fixture
def site(tmp_path: Path, place: Place) -> Iterator[Site]:
    site = Site(tmp_path, place.options)
    yield site
    site.database.close()


def test_photos_are_stored_replaced_and_deleted(site: Site, place: Place) -> None:
    """With the row, as for any other model."""
    assert site.post("new/", "Tom", ("a.png", picture())).status_code == 302
    assert place.names() == ["a.png"]
    assert len(Page.of(site.client.get("/admin/cat/edit/?id=1")).pictures) == 1

    assert site.post("edit/?id=1", "Tom", ("b.png", picture())).status_code == 302
    assert (site.Cat.get_by_id(1).photo, place.names()) == ("b.png", ["b.png"])

    site.client.post("/admin/cat/delete/", data={"id": "1"})
    assert place.names() == []


def test_what_the_database_refuses_leaves_the_files_as_they_were(site: Site, place: Place) -> None:
    """The new file goes, and the old one stays, but for what the form has kept."""
    site.post("new/", "Tom", ("a.png", picture()))
    site.post("new/", "Kit", ("b.png", picture()))

    assert site.post("edit/?id=2", "Tom", ("c.png", picture())).status_code == 200
    assert site.post("new/", "Tom", ("d.png", picture())).status_code == 200

    assert [name for name in place.names() if "pending" not in name] == ["a.png", "b.png"]


_APP = """
import sys
import peewee
from flask import Flask
from flask_admin import Admin
from flask_admin.contrib.peewee import ModelView
from flask_admin_s3_upload import S3FileUploadField

class Cat(peewee.Model):
    photo = peewee.TextField(null=True)

class CatView(ModelView):
    form_overrides = {"photo": S3FileUploadField}
    form_args = {"photo": {"base_path": "/tmp/cats"}}

app = Flask("cats")
with app.app_context():
    Admin(app).add_view(CatView(Cat))
"""

_REFUSE = """
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("sqlalchemy", "sqlalchemy_s3_files"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name.split(".")[0])

sys.meta_path.insert(0, Missing())
"""


def test_sqlalchemy_is_not_needed() -> None:
    """Neither imported nor required by what the package requires."""
    source = "import sys\n" + _REFUSE + _APP
    subprocess.run([sys.executable, "-W", "error", "-c", source], check=True, capture_output=True)
