"""The admin, behind Flask-Security: views of all models, with upload fields."""

import os
from collections.abc import Iterator
from typing import Any, ClassVar

from flask import Flask, Response, abort, g, redirect, request, send_from_directory, url_for
from flask import current_app as app
from flask.typing import ResponseReturnValue
from flask_admin import Admin, AdminIndexView  # type: ignore[import-untyped]
from flask_admin.contrib.sqla import ModelView  # type: ignore[import-untyped]
from flask_admin.menu import MenuLink  # type: ignore[import-untyped]
from flask_admin.theme import Bootstrap4Theme  # type: ignore[import-untyped]
from flask_security import current_user
from markupsafe import Markup
from sqlalchemy import inspect
from werkzeug.datastructures import FileStorage
from wtforms.validators import InputRequired

from example_app.accounts import is_admin
from example_app.formats import EXTENSIONS
from example_app.headers import nonce
from example_app.models import Album, Document, HasImage, Picture, Thingy, db
from example_app.pictures import leftovers_told, new_name
from example_app.storage import saver_of, uploads_folder
from example_app.thumbnails import delete_thumbnails, thumbnail
from flask_admin_s3_upload import (
    S3FileUploadField,
    S3ImageUploadField,
    S3MultipleImageUploadField,
    namegen_filename,
    s3_link_formatter,
    s3_thumbnail_formatter,
)
from s3_saver import StoredFile, guess_content_type
from untrusted_files import response_headers

_PICTURES: dict[str, Any] = {"allowed_extensions": EXTENSIONS}
_DOCUMENTS = ("pdf", "txt", "md", "csv", "json", "zip", "odt", "ods", "docx", "xlsx")


class Protected:
    """A view for those who have the role ``admin``; others are asked to sign in."""

    def is_accessible(self) -> bool:
        return is_admin()

    def inaccessible_callback(self, name: str, **kwargs: Any) -> ResponseReturnValue:  # noqa: ARG002
        if current_user.is_authenticated:
            abort(403)
        return redirect(url_for("security.login", next=request.path))


class ProtectedIndexView(Protected, AdminIndexView):
    """The admin's home."""


class ProtectedModelView(Protected, ModelView):
    """The rows of one model, and the files of one of its fields.

    Where files are, and how large they may be, is set when the form is made, as the app's settings
    say that.
    """

    #: The field that has files, whether they are pictures, and where new ones go, below the uploads
    #: folder.
    file_field = "image"
    has_pictures = True
    folder = ""

    list_template = "admin_list.html"
    create_template = "admin_create.html"
    edit_template = "admin_edit.html"
    action_disallowed_list = ("delete",)  # of many at once: it takes inline script

    def scaffold_form(self) -> Any:
        form_class = super().scaffold_form()
        size_field = f"{self.file_field}_size"
        has_size = hasattr(self.model, size_field)
        getattr(form_class, self.file_field).kwargs |= {
            "storage": saver_of(self.file_field, size_field=size_field if has_size else None),
            "relative_path": f"{self.folder}/",
            "endpoint": "admin_file",
            "namegen": prefix_utcnow,
        }
        if self.has_pictures:
            getattr(form_class, self.file_field).kwargs |= {
                "max_bytes": app.config["MAX_CONTENT_LENGTH"],
                "max_pixels": app.config["MAX_PICTURE_PIXELS"],
            }
        return form_class


class ImageView(ProtectedModelView):
    """Rows with one picture each, whose thumbnails go with it."""

    column_list: ClassVar[tuple[str, ...]] = ("image", "image_size")
    form_overrides: ClassVar = {"image": S3ImageUploadField}
    form_args: ClassVar = {"image": _PICTURES}
    column_labels: ClassVar = {"image_size": "Bytes"}
    column_formatters: ClassVar[dict[str, Any]] = {
        "image": lambda _view, _context, row, _name: show_thumbnail(row)
    }

    def on_model_change(self, form: Any, model: HasImage, is_created: bool) -> None:
        g.replaced = [] if is_created else list(replaced(model))
        super().on_model_change(form, model, is_created)

    def after_model_change(self, form: Any, model: HasImage, is_created: bool) -> None:
        super().after_model_change(form, model, is_created)
        forget(g.pop("replaced", []))

    def on_model_delete(self, model: HasImage) -> None:
        g.replaced = [model.stored] if model.stored else []
        super().on_model_delete(model)

    def after_model_delete(self, model: HasImage) -> None:
        super().after_model_delete(model)
        forget(g.pop("replaced", []))


class ThingyView(ImageView):
    folder = "thingy"
    form_columns: ClassVar = ("image",)


class PictureView(ImageView):
    folder = "gallery"
    column_list: ClassVar = ("image", "title", "image_size", "created")
    column_formatters: ClassVar = {
        **ImageView.column_formatters,
        "created": lambda _view, _context, row, _name: f"{row.created:%Y-%m-%d %H:%M}",
    }
    column_default_sort: ClassVar = ("id", True)
    form_columns: ClassVar = ("title", "image")
    form_args: ClassVar = {
        "image": {**_PICTURES, "validators": [InputRequired()]},
    }


class DocumentView(ProtectedModelView):
    file_field, has_pictures, folder = "file", False, "documents"
    column_list: ClassVar = ("title", "file")
    form_columns: ClassVar = ("title", "file")
    form_overrides: ClassVar = {"file": S3FileUploadField}
    form_args: ClassVar = {
        "file": {"allowed_extensions": _DOCUMENTS, "validators": [InputRequired()]}
    }
    column_formatters: ClassVar = {"file": s3_link_formatter}


class AlbumView(ProtectedModelView):
    file_field, folder = "photos", "albums"
    column_list: ClassVar = ("title", "photos")
    form_columns: ClassVar = ("title", "photos")
    form_overrides: ClassVar = {"photos": S3MultipleImageUploadField}
    form_args: ClassVar = {"photos": {**_PICTURES, "thumbnail_size": (200, 200, True)}}
    column_formatters: ClassVar = {"photos": s3_thumbnail_formatter}


def register(flask_app: Flask) -> None:
    """Add the admin to an app."""
    with flask_app.app_context():
        admin = Admin(
            flask_app,
            name="Flask S3 suite",
            index_view=ProtectedIndexView(name="Overview"),
            theme=Bootstrap4Theme(base_template="admin_base.html"),
            csp_nonce_generator=nonce,
        )
        admin.add_view(ThingyView(Thingy, db, name="Thingies"))
        admin.add_view(PictureView(Picture, db, name="Gallery"))
        admin.add_view(DocumentView(Document, db, name="Documents"))
        admin.add_view(AlbumView(Album, db, name="Albums"))
        admin.add_link(MenuLink(name="Back to the site", endpoint="site.home"))
    flask_app.add_url_rule("/admin/files/<path:filename>", "admin_file", admin_file)


def admin_file(filename: str) -> Response:
    """Send a file that is on disk to an admin, also one that waits for the admin's form: a picture
    as the picture that it is, any other as a download. On S3 and on other pages, URLs are signed.

    What waits to be claimed is nobody's business.
    """
    if not is_admin() or filename.startswith("pending/"):
        abort(404)
    try:
        response = send_from_directory(uploads_folder(), filename)
    except FileNotFoundError:  # somebody deleted it this very moment
        abort(404)
    response.headers.update(response_headers(guess_content_type(filename)))
    return response


def prefix_utcnow(obj: Any, file: FileStorage) -> str:
    """Name a new file by the time and chance, and, where people know it by its name, by that."""
    name = namegen_filename(obj, file)
    if isinstance(obj, Document):
        return f"{new_name('')}-{name}"
    return new_name(os.path.splitext(name)[1].lower())


def show_thumbnail(model: HasImage) -> Markup:
    if not model.image:
        return Markup("<em>no picture</em>")
    url = thumbnail.thumbnail(
        model.image,
        "80x80",
        storage_type=model.image_storage_type,
        bucket_name=model.image_storage_bucket_name,
    )
    return Markup('<img src="{}" alt="{}">').format(url, str(model))


def replaced(model: HasImage) -> Iterator[StoredFile]:
    """Return the picture that a row names in the database, if that is to change."""
    state = inspect(model)
    old = {
        name: (state.attrs[name].history.deleted or [getattr(model, name)])[0]
        for name in ("image", "image_storage_type", "image_storage_bucket_name")
    }
    if old["image"] and old["image"] != model.image:
        name, storage_type, bucket_name = old.values()
        yield StoredFile(name, storage_type=storage_type or "", bucket_name=bucket_name or "")


def forget(files: list[StoredFile]) -> None:
    for file in files:
        with leftovers_told(file):
            delete_thumbnails(file)
