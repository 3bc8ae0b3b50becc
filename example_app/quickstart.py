"""Pictures that people add, replace and delete, on disk or on S3: the whole app in one file.

``nox -s example -- --quickstart`` runs it, and docs/start.md explains it line by line. With
``S3_BUCKET_NAME`` set, files are on S3; nothing else changes.
"""

from hmac import compare_digest

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import Admin  # type: ignore[import-untyped]
from flask_babel import Babel  # type: ignore[import-untyped]
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect, FlaskForm
from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column
from wtforms.validators import DataRequired

from flask_admin_s3_upload import FileModelView
from flask_s3_static import FlaskS3
from flask_s3_upload import DirectUploadField, StoredFile, StoredFileField, Uploads
from flask_thumbnails_s3 import Thumbnail
from untrusted_files import PICTURES

db = SQLAlchemy()
uploads = Uploads()
uploads.allow_direct("picture", rules=PICTURES, authorize=lambda _upload: True)  # or ask who it is


class Picture(db.Model):  # type: ignore[name-defined]
    id: Mapped[int] = mapped_column(primary_key=True)
    image: Mapped[StoredFile | None] = uploads.column("pictures/", purpose="picture")


class GalleryForm(FlaskForm):
    images = DirectUploadField("Add", [DataRequired()], purpose="picture", multiple=True)


class PictureForm(FlaskForm):
    image = StoredFileField("Picture", column=Picture.image)


site = Blueprint("site", __name__)


@site.route("/", methods=["GET", "POST"])
def gallery() -> ResponseReturnValue:
    form = GalleryForm()
    if form.validate_on_submit():
        db.session.add_all(Picture(image=image) for image in form.images.data)
        db.session.commit()
        return redirect(url_for(".gallery"))
    pictures = db.session.scalars(select(Picture).order_by(Picture.id.desc()))
    return render_template("quickstart/gallery.html", form=form, pictures=pictures)


@site.route("/<int:id>", methods=["GET", "POST"])
def picture(id: int) -> ResponseReturnValue:
    row = db.get_or_404(Picture, id)
    form = PictureForm(obj=row)
    if form.validate_on_submit():
        form.populate_obj(row)
        db.session.commit()
        return redirect(url_for(".picture", id=id))
    return render_template("quickstart/picture.html", form=form, picture=row)


@site.post("/<int:id>/delete")
def delete(id: int) -> ResponseReturnValue:
    db.session.delete(db.get_or_404(Picture, id))
    db.session.commit()
    return redirect(url_for(".gallery"))


def create_app(config: dict[str, object] | None = None) -> Flask:
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///quickstart.sqlite"
    app.config.from_prefixed_env()
    app.config.from_mapping(config)
    for extension in (db, uploads, CSRFProtect(), Babel(), Thumbnail(originals=uploads)):
        extension.init_app(app)
    admin = Admin(app, url="/admin")
    admin.add_view(FileModelView(Picture, db))
    app.register_blueprint(site)
    FlaskS3(app)

    @app.before_request
    def ask_for_password() -> ResponseReturnValue | None:
        given = request.authorization.password if request.authorization else None
        is_admin = compare_digest((given or "").encode(), app.config["ADMIN_PASSWORD"].encode())
        if request.path.startswith("/admin") and not is_admin:
            return "Sign in.", 401, {"WWW-Authenticate": 'Basic realm="admin"'}
        return None

    with app.app_context():
        db.create_all()
    return app
