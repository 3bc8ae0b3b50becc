"""Which fields a model's rows have their files by."""

import io
from typing import Any

import pytest
from admin_site import FLASK_ADMIN_2, MakeSite
from admin_site import Page as PageOfSite
from flask_admin import Admin  # type: ignore[import-untyped]
from flask_admin.contrib.sqla import ModelView  # type: ignore[import-untyped]
from places import DiskPlace, Place
from sqlalchemy.orm import configure_mappers
from werkzeug.test import TestResponse
from wtforms import Form

from flask_admin_s3_upload import S3FileUploadField, _cli, delete_files
from flask_admin_s3_upload._views import find_fields
from s3_saver.testing import MemoryStorage


class View:
    """A view of a model that is not SQLAlchemy's."""

    def __init__(self, **options: Any) -> None:
        class PlainForm(Form):
            file = S3FileUploadField(**options)

        self._edit_form_class = PlainForm
        self._create_form_class = PlainForm


class Plain:
    def __init__(self, file: str) -> None:
        self.file = file


def names(storage: MemoryStorage) -> list[str]:
    return [info.name for info in storage.find()]


@pytest.fixture
def storage() -> MemoryStorage:
    storage = MemoryStorage()
    for name in ("a.txt", "b.txt"):
        storage.save(name, io.BytesIO(b"x"))
    return storage


def test_delete_files_deletes_what_a_row_named(storage: MemoryStorage) -> None:
    """And nothing else."""
    delete_files(View(storage=storage), Plain("a.txt"))

    assert names(storage) == ["b.txt"]


def test_delete_files_respects_the_options(storage: MemoryStorage) -> None:
    """delete_with_row=False and is_shared keep files."""
    delete_files(View(storage=storage, delete_with_row=False), Plain("a.txt"))
    delete_files(View(storage=storage, is_shared=lambda obj, name: True), Plain("a.txt"))

    assert names(storage) == ["a.txt", "b.txt"]


def test_a_view_that_keeps_files_keeps_them_for_all(make_site: MakeSite, place: Place) -> None:
    """Where two views show one model, delete_with_row=False of either counts."""
    site = make_site(S3FileUploadField, place.options)
    with site.app.app_context():
        view = type(site.view)(
            site.Thing, site.db if FLASK_ADMIN_2 else site.db.session, endpoint="second"
        )
        view._edit_form_class.file.kwargs["delete_with_row"] = False
        site.app.extensions["admin"][0].add_view(view)
    site.new(file=("a.txt", b"a"))

    site.delete()

    assert (site.row(), place.names()) == (None, ["a.txt"])


def test_a_field_that_a_form_s_subclass_takes_away_is_none(
    make_site: MakeSite, disk: DiskPlace
) -> None:
    """As WTForms has it: None hides what a class above defines."""
    site = make_site(S3FileUploadField, disk.options)
    for name in ("_edit_form_class", "_create_form_class"):
        without = type("WithoutFile", (getattr(site.view, name),), {"file": None})
        setattr(site.view, name, without)

    with site.app.app_context():
        assert list(find_fields()) == []


def test_rows_deleted_by_flask_admin_s_action_take_their_files_along(
    make_site: MakeSite, place: Place
) -> None:
    """All those that were ticked, after one commit; also by fast_mass_delete, one statement."""
    site = make_site(S3FileUploadField, place.options)
    for name in "abcd":
        site.new(name, (f"{name}.txt", b"x"))

    def act(*ids: str) -> int:
        data = {"action": "delete", "rowid": list(ids)}
        return site.client.post("/admin/thing/action/", data=data).status_code

    repair = site.fail_commits()
    act("1", "3")
    repair()
    assert place.names() == ["a.txt", "b.txt", "c.txt", "d.txt"]
    assert act("1", "3") == 302
    assert place.names() == ["b.txt", "d.txt"]

    site.view.fast_mass_delete = True
    assert act("2") == 302
    assert (site.row(2), place.names()) == (None, ["d.txt"])


def test_rows_of_inline_models_take_their_files_along(make_site: MakeSite, disk: DiskPlace) -> None:
    """Stored, replaced, no orphans for prune, deleted with the row and with the row above it."""
    site = make_site(S3FileUploadField, {"base_path": str(disk.folder.parent / "other")})
    db = site.db

    class Album(db.Model):  # type: ignore[name-defined,misc]
        id = db.Column(db.Integer, primary_key=True)
        title = db.Column(db.String(10), nullable=False)
        pages = db.relationship("Page", cascade="all, delete-orphan", back_populates="album")

    class Page(db.Model):  # type: ignore[name-defined,misc]
        id = db.Column(db.Integer, primary_key=True)
        album_id = db.Column(db.ForeignKey("album.id"))
        file = db.Column(db.String(255))
        album = db.relationship("Album", back_populates="pages")

    options = {
        "form_columns": ("id", "file"),
        "form_overrides": {"file": S3FileUploadField},
        "form_args": {"file": disk.options},
    }

    class AlbumView(ModelView):  # type: ignore[misc]
        form_columns = ("title",)
        inline_models = ((Page, options),)

    configure_mappers()  # Flask-Admin 1.6.1 does not
    with site.app.app_context():
        db.create_all()
        admin = Admin(site.app, endpoint="second", url="/second")
        admin.add_view(AlbumView(Album, db if FLASK_ADMIN_2 else db.session, endpoint="album"))

    def send(url: str, files: dict[str, str], **more: Any) -> TestResponse:
        data: dict[str, Any] = dict(more)
        for name, file in files.items():
            data[name] = (io.BytesIO(b"x"), file)
        return site.client.post(url, data=data)

    def post(url: str, files: dict[str, str], **more: Any) -> int:
        return send(url, files, title="x", **more).status_code

    files = {"pages-0-file": "a.txt", "pages-1-file": "b.txt", "pages-2-file": "c.txt"}
    assert post("/second/album/new/", files) == 302
    assert disk.names() == ["a.txt", "b.txt", "c.txt"]
    with site.app.app_context():
        assert list(_cli.find_orphans()) == []

    edit = "/second/album/edit/?id=1"
    kept = {"pages-0-id": "1", "pages-1-id": "2", "pages-2-id": "3"}
    assert post(edit, {"pages-0-file": "d.txt"}, **kept, **{"del-pages-1": "on"}) == 302
    assert disk.names() == ["c.txt", "d.txt"]

    site.client.post("/second/album/delete/", data={"id": "1"})
    assert disk.names() == []

    # A row that was taken out again does not upset the others' tokens.
    failed = PageOfSite.of(send("/second/album/new/", {"pages-0-file": "e", "pages-1-file": "f"}))
    (token,) = failed.inputs("_pages-1-file-pending")
    chosen = {"pages-1-file": ""}  # a browser sends an input without a choice, too
    assert post("/second/album/new/", chosen, **{"_pages-1-file-pending": token}) == 302
    assert [name for name in disk.names() if not name.startswith(".pending/")] == ["f"]
