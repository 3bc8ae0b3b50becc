"""A file that another row names is never written over: the new one gets a short id."""

import io
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from admin_site import AdminSite, MakeSite, session_of
from flask import Flask
from flask_admin import Admin  # type: ignore[import-untyped]
from flask_admin.contrib.sqla import ModelView  # type: ignore[import-untyped]
from flask_babel import Babel  # type: ignore[import-untyped]
from flask_sqlalchemy import SQLAlchemy
from pictures import picture
from places import Place

from flask_admin_s3_upload import S3FileUploadField, S3ImageUploadField

ID = "-[0-9a-f]{8}"


@pytest.mark.parametrize("field_class", [S3FileUploadField, S3ImageUploadField])
def test_two_rows_with_a_file_of_the_same_name_have_two_files(
    make_site: MakeSite, place: Place, field_class: Any
) -> None:
    """The second gets a short id, its thumbnail too; the first row's file is never written over,
    and each goes with its own row.
    """
    sizes = {"thumbnail_size": (2, 2, True)} if field_class is S3ImageUploadField else {}
    site = make_site(field_class, {**place.options, **sizes})
    first, second = picture(color="red"), picture(color="blue")
    site.new("one", ("cat.png", first))
    assert site.new("two", ("cat.png", second)).status_code == 302

    other = site.value(2)
    assert re.fullmatch(f"cat{ID}.png", other)
    assert (site.value(1), place.read("cat.png"), place.read(other)) == ("cat.png", first, second)
    site.delete(2)
    assert place.names() == (["cat.png", "cat_thumb.png"] if sizes else ["cat.png"])


def test_a_row_s_own_file_may_be_replaced_under_its_name(make_site: MakeSite, place: Place) -> None:
    """Unless another row names it as well: then the new one gets an id, and the other keeps its
    file.
    """
    site = make_site(S3FileUploadField, place.options)
    site.new("one", ("cat.txt", b"1"))
    site.edit("one", ("cat.txt", b"2"))
    assert (site.value(1), place.names(), place.read("cat.txt")) == ("cat.txt", ["cat.txt"], b"2")
    site.insert(title="two", file="cat.txt")

    site.edit("one", ("cat.txt", b"3"))

    name = site.value(1)
    assert re.fullmatch(f"cat{ID}.txt", name)
    assert (site.value(2), place.read("cat.txt"), place.read(name)) == ("cat.txt", b"2", b"3")


@pytest.mark.parametrize("is_shared", [True, False])
def test_the_hook_says_whether_a_row_s_own_name_is_free(
    make_site: MakeSite, place: Place, is_shared: bool
) -> None:
    """Where the app knows better than the table who uses a file."""
    options = {**place.options, "is_shared": lambda obj, filename: is_shared}
    site = make_site(S3FileUploadField, options)
    site.new(file=("cat.txt", b"1"))

    site.edit(file=("cat.txt", b"2"))

    assert place.read("cat.txt") == (b"1" if is_shared else b"2")
    assert place.read(site.value()) == b"2"


def test_two_fields_of_one_row_have_two_files(make_site: MakeSite, place: Place) -> None:
    """Both get a file of the same name in one post, and both files are there."""
    site = make_site(
        S3FileUploadField,
        place.options,
        view_attributes={
            "form_columns": ("title", "file", "storage_type"),
            "form_overrides": {"file": S3FileUploadField, "storage_type": S3FileUploadField},
            "form_args": {"file": place.options, "storage_type": place.options},
        },
    )

    site.new(file=("x.txt", b"1"), extra={"storage_type": (io.BytesIO(b"2"), "x.txt")})

    row = site.row()
    assert re.fullmatch(f"x{ID}.txt", row.storage_type)
    assert (row.file, place.read("x.txt"), place.read(row.storage_type)) == ("x.txt", b"1", b"2")


def test_a_name_that_is_a_thumbnail_s_is_taken(make_site: MakeSite, place: Place) -> None:
    """And so is one whose thumbnail's name is another's."""
    site = make_site(S3ImageUploadField, {**place.options, "thumbnail_size": (2, 2, True)})
    site.new("one", ("x.png", picture()))
    thumbnail = place.read("x_thumb.png")

    site.new("two", ("x_thumb.png", picture(color="blue")))
    place.write("y_thumb.png", b"somebody's")
    site.new("three", ("y.png", picture(color="blue")))

    assert re.fullmatch(f"x_thumb{ID}.png", site.value(2))
    assert re.fullmatch(f"y{ID}.png", site.value(3))
    assert (place.read("x_thumb.png"), place.read("y_thumb.png")) == (thumbnail, b"somebody's")
    assert "y.png" not in place.names()


def test_of_many_that_save_one_name_each_has_a_file(make_site: MakeSite, place: Place) -> None:
    """Eight at once: one gets the name, the others an id, and no file is lost."""
    site = make_site(S3FileUploadField, place.options)
    with site.app.app_context(), site.db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")

    def save(number: int) -> None:
        AdminSite(site.app, site.db, site.Thing, site.view).new(
            str(number), ("cat.txt", str(number).encode())
        )

    threads = [threading.Thread(target=save, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with site.app.app_context():
        rows = site.db.session.query(site.Thing).all()
        found = {row.title: place.read(row.file).decode() for row in rows}
    assert found == {str(n): str(n) for n in range(8)}


def test_who_passes_allow_overwrite_gets_flask_admin_s_way(
    make_site: MakeSite, place: Place
) -> None:
    """Both rows name one file, the last one."""
    site = make_site(S3FileUploadField, {**place.options, "allow_overwrite": True})
    site.new("one", ("cat.txt", b"1"))
    site.new("two", ("cat.txt", b"2"))

    assert (site.value(1), site.value(2)) == ("cat.txt", "cat.txt")
    assert (place.names(), place.read("cat.txt")) == (["cat.txt"], b"2")


def two_fields(make_site: MakeSite, options: dict[str, Any]) -> AdminSite:
    return make_site(
        S3FileUploadField,
        options,
        view_attributes={
            "form_columns": ("title", "file", "storage_type"),
            "form_overrides": {"file": S3FileUploadField, "storage_type": S3FileUploadField},
            "form_args": {"file": options, "storage_type": options},
        },
    )


def test_a_file_that_another_field_names_is_neither_replaced_nor_deleted(
    make_site: MakeSite, place: Place
) -> None:
    """Until the row goes, whose fields both name it."""
    site = two_fields(make_site, place.options)
    site.insert(title="one", file="x.txt", storage_type="x.txt")
    place.write("x.txt", b"1")

    site.edit(file=("x.txt", b"2"))

    row = site.row()
    assert re.fullmatch(f"x{ID}.txt", row.file)
    assert (place.read(row.file), place.read(row.storage_type)) == (b"2", b"1")
    site.edit(extra={"_storage_type-delete": "y"})
    assert place.names() == [row.file]
    with site.app.app_context():
        thing: Any = site.db.session.get(site.Thing, 1)
        thing.storage_type = row.file
        site.db.session.commit()
    site.edit(extra={"_file-delete": "y"})
    assert place.read(site.row().storage_type) == b"2"
    site.delete()
    assert place.names() == []


def test_two_fields_may_overwrite_one_file(make_site: MakeSite, place: Place) -> None:
    """In Flask-Admin's way: it goes when neither names it."""
    site = two_fields(make_site, {**place.options, "allow_overwrite": True})
    site.new(file=("x.txt", b"1"), extra={"storage_type": (io.BytesIO(b"2"), "x.txt")})

    site.edit(extra={"_storage_type-delete": "y"})
    assert (site.value(), place.names()) == ("x.txt", ["x.txt"])
    site.edit(extra={"_file-delete": "y"})
    assert place.names() == []


def test_two_models_may_have_one_folder(place: Place, tmp_path: Path) -> None:
    """A file that a row of another model names stays."""
    app = Flask("site")
    app.config.update(SECRET_KEY="x", SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path}/a.db")
    Babel(app)
    db = SQLAlchemy(app)

    class Cat(db.Model):  # type: ignore[name-defined,misc]
        id = db.Column(db.Integer, primary_key=True)
        file = db.Column(db.String(255))

    class Dog(db.Model):  # type: ignore[name-defined,misc]
        id = db.Column(db.Integer, primary_key=True)
        file = db.Column(db.String(255))

    class View(ModelView):  # type: ignore[misc]
        form_overrides = {"file": S3FileUploadField}  # noqa: RUF012
        form_args = {"file": {**place.options, "allow_overwrite": True}}  # noqa: RUF012

    with app.app_context():
        admin = Admin(app)
        admin.add_view(View(Cat, session_of(db)))
        admin.add_view(View(Dog, session_of(db)))
        db.create_all()
    client = app.test_client()
    for name in ("cat", "dog"):
        client.post(f"/admin/{name}/new/", data={"file": (io.BytesIO(b"x"), "x.txt")})
    client.post("/admin/dog/delete/", data={"id": "1"})
    assert place.names() == ["x.txt"]
    client.post("/admin/cat/delete/", data={"id": "1"})
    assert place.names() == []
    with app.app_context():
        db.engine.dispose()
