"""The admin, behind Flask-Security: views of all models, whose files need no code."""

from typing import Any, ClassVar

from flask import Flask, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import Admin, AdminIndexView  # type: ignore[import-untyped]
from flask_admin.menu import MenuLink  # type: ignore[import-untyped]
from flask_admin.theme import Bootstrap4Theme  # type: ignore[import-untyped]
from flask_security import current_user

from example_app.accounts import is_admin
from example_app.headers import nonce
from example_app.models import Album, Document, Picture, Thingy, db
from flask_admin_s3_upload import FileModelView


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


class ProtectedModelView(Protected, FileModelView):
    """The rows of one model, with their files."""

    list_template = "admin_list.html"
    create_template = "admin_create.html"
    edit_template = "admin_edit.html"
    action_disallowed_list = ("delete",)  # of many at once: it takes inline script


class PictureView(ProtectedModelView):
    column_list: ClassVar = ("image", "title", "created")
    column_formatters: ClassVar = {
        "created": lambda _view, _context, row, _name: f"{row.created:%Y-%m-%d %H:%M}",
    }
    column_default_sort: ClassVar = ("id", True)
    form_columns: ClassVar = ("title", "image")


def register(app: Flask) -> None:
    """Add the admin to an app."""
    with app.app_context():
        admin = Admin(
            app,
            name="Flask S3 suite",
            index_view=ProtectedIndexView(name="Overview", template="admin_home.html"),
            theme=Bootstrap4Theme(base_template="admin_base.html"),
            csp_nonce_generator=nonce,
        )
        admin.add_view(ProtectedModelView(Thingy, db, name="Thingies"))
        admin.add_view(PictureView(Picture, db, name="Gallery"))
        admin.add_view(ProtectedModelView(Document, db, name="Documents"))
        admin.add_view(ProtectedModelView(Album, db, name="Albums"))
        admin.add_link(MenuLink(name="Back to the site", endpoint="site.home"))
