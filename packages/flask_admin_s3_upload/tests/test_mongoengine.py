"""An admin over documents of MongoEngine."""

import io
from collections.abc import Iterator
from typing import Any

import mongoengine  # type: ignore[import-untyped]
import mongomock
import pytest
from admin_site import FLASK_ADMIN_2
from flask import Flask
from flask.testing import FlaskClient
from flask_admin import Admin  # type: ignore[import-untyped]
from flask_babel import Babel  # type: ignore[import-untyped]
from places import Place

from flask_admin_s3_upload import S3FileUploadField, delete_files
from s3_saver import FileTransaction

if not FLASK_ADMIN_2:
    pytest.skip("Flask-Admin 1.6.1 wants Flask-MongoEngine", allow_module_level=True)

from flask_admin.contrib.mongoengine import ModelView  # type: ignore[import-untyped]


class Note(mongoengine.Document):  # type: ignore[misc]
    title = mongoengine.StringField(unique=True)
    file = mongoengine.StringField()


@pytest.fixture
def client(place: Place) -> Iterator[FlaskClient]:
    class NoteView(ModelView):  # type: ignore[misc]
        form_overrides = {"file": S3FileUploadField}  # noqa: RUF012
        form_args = {"file": place.options}  # noqa: RUF012

        def update_model(self, form: Any, model: Any) -> Any:
            with FileTransaction() as files:
                updated = super().update_model(form, model)
                if not updated:
                    files.rollback()
                return updated

        def after_model_delete(self, model: Any) -> None:
            delete_files(self, model)

    mongoengine.connect(
        "notes", mongo_client_class=mongomock.MongoClient, uuidRepresentation="standard"
    )
    app = Flask("notes")
    app.config["SECRET_KEY"] = "for tests"
    Babel(app)
    Admin(app).add_view(NoteView(Note, endpoint="note"))
    yield app.test_client()
    Note.drop_collection()
    mongoengine.disconnect()


def test_files_follow_their_documents(client: FlaskClient, place: Place) -> None:
    """Stored, replaced, kept where the database refuses, deleted."""

    def post(url: str, title: str, name: str) -> int:
        data = {"title": title, "file": (io.BytesIO(b"x"), name)}
        return client.post(f"/admin/note/{url}", data=data).status_code

    assert post("new/", "one", "a.txt") == 302
    assert post("new/", "two", "b.txt") == 302
    one, two = Note.objects
    assert post(f"edit/?id={one.id}", "one", "c.txt") == 302
    assert place.names() == ["b.txt", "c.txt"]

    assert post(f"edit/?id={two.id}", "one", "d.txt") == 200  # the title is taken
    assert [name for name in place.names() if "pending" not in name] == ["b.txt", "c.txt"]

    client.post("/admin/note/delete/", data={"id": str(one.id)})
    assert [name for name in place.names() if "pending" not in name] == ["b.txt"]
