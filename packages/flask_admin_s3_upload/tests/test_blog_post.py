"""The blog post's admin works as it stands."""

import secrets
from os import path
from pathlib import Path
from typing import Any

import pytest
from admin_site import AdminSite
from flask import Flask
from flask_admin import Admin  # type: ignore[import-untyped]
from flask_admin.contrib.sqla import ModelView  # type: ignore[import-untyped]
from flask_babel import Babel  # type: ignore[import-untyped]
from flask_sqlalchemy import SQLAlchemy
from pictures import picture
from places import DiskPlace, S3Place

from flask_admin_s3_upload import S3ImageUploadField


def prefix_file_utcnow(model: Any, file_data: Any) -> str:
    """As the post's helper: the time, and the file's name."""
    return f"20150420T010203-{file_data.filename}"


@pytest.mark.parametrize("use_s3", [False, True])
@pytest.mark.filterwarnings("ignore:Passing a session object directly:DeprecationWarning")
def test_thingy_view(tmp_path: Path, s3: S3Place, use_s3: bool) -> None:
    """form_overrides, form_args and the kwargs that scaffold_form sets: a picture is stored,
    replaced and deleted, and the thingy's fields say where it is.
    """
    app = Flask("thingies", static_folder=str(tmp_path / "static"))
    app.config.update(
        SECRET_KEY=secrets.token_hex(),
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path}/thingies.db",
        PROJECT_ROOT=str(tmp_path / "project"),
        UPLOADS_FOLDER=str(tmp_path / "static" / "uploads"),
        UPLOADS_RELATIVE_PATH="uploads/",
        THINGY_IMAGE_RELATIVE_PATH="thingy/",
        USE_S3=use_s3,
        S3_BUCKET_NAME=s3.bucket_name,
        AWS_ACCESS_KEY_ID=s3.server.access_key_id,
        AWS_SECRET_ACCESS_KEY=s3.server.access_key_secret,
    )
    Babel(app)
    db = SQLAlchemy(app)

    class Thingy(db.Model):  # type: ignore[name-defined,misc]
        """Sample model for flask-s3-save-example."""

        id = db.Column(db.Integer(), primary_key=True)
        image = db.Column(db.String(255), default="")
        image_storage_type = db.Column(db.String(255), default="")
        image_storage_bucket_name = db.Column(db.String(255), default="")

        def __repr__(self) -> str:
            return "A thingy"

    class ProtectedModelView(ModelView):  # type: ignore[misc]
        def is_accessible(self) -> bool:
            return True

    class ThingyView(ProtectedModelView):
        column_list = ("image",)
        form_excluded_columns = ("image_storage_type", "image_storage_bucket_name")

        form_overrides = dict(image=S3ImageUploadField)  # noqa: C408, RUF012

        form_args = dict(  # noqa: C408, RUF012
            image=dict(  # noqa: C408
                base_path=app.config["UPLOADS_FOLDER"],
                relative_path=app.config["THINGY_IMAGE_RELATIVE_PATH"],
                url_relative_path=app.config["UPLOADS_RELATIVE_PATH"],
                namegen=prefix_file_utcnow,
                storage_type_field="image_storage_type",
                bucket_name_field="image_storage_bucket_name",
            )
        )

        def scaffold_form(self) -> Any:
            form_class = super(ThingyView, self).scaffold_form()  # noqa: UP008
            static_root_parent = path.abspath(path.join(app.config["PROJECT_ROOT"], ".."))

            if app.config["USE_S3"]:
                form_class.image.kwargs["storage_type"] = "s3"

            form_class.image.kwargs["bucket_name"] = app.config["S3_BUCKET_NAME"]
            form_class.image.kwargs["access_key_id"] = app.config["AWS_ACCESS_KEY_ID"]
            form_class.image.kwargs["access_key_secret"] = app.config["AWS_SECRET_ACCESS_KEY"]
            form_class.image.kwargs["static_root_parent"] = static_root_parent

            # Not in the post, which has Amazon's own S3.
            form_class.image.kwargs["endpoint_url"] = s3.server.endpoint_url
            form_class.image.kwargs["region"] = "us-east-1"

            return form_class

    admin = Admin(app)
    with app.app_context():
        db.create_all()
        view = ThingyView(Thingy, db.session, name="Thingies")
        admin.add_view(view)
    site = AdminSite(app, db, Thingy, view)
    place = s3 if use_s3 else DiskPlace(tmp_path / "static" / "uploads")

    def post(url: str, name: str, **more: Any) -> Any:
        import io

        image = (io.BytesIO(picture()), name) if name else (io.BytesIO(), "")
        return site.client.post(url, data={"image": image, **more})

    assert post("/admin/thingy/new/", "a.png").status_code == 302
    row = site.row()
    assert row.image == "thingy/20150420T010203-a.png"
    assert (row.image_storage_type, row.image_storage_bucket_name) == (
        ("s3", s3.bucket_name) if use_s3 else ("", "")
    )
    assert place.names() == [row.image]
    assert len(Path(row.image).parts) == 2

    assert post("/admin/thingy/edit/?id=1", "b.png").status_code == 302
    assert place.names() == ["thingy/20150420T010203-b.png"]

    assert post("/admin/thingy/edit/?id=1", "", **{"_image-delete": "on"}).status_code == 302
    assert (site.row().image, site.row().image_storage_type, place.names()) == (None, "", [])
    site.close()
