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
    pictures = db.session.scalars(db.select(Picture).order_by(Picture.id.desc()))
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
    Admin(app).add_view(FileModelView(Picture, db))
    app.register_blueprint(site)
    FlaskS3(app)

    password = str(app.config.get("ADMIN_PASSWORD") or "").encode()
    if not password:
        raise ValueError("ADMIN_PASSWORD is not set: set FLASK_ADMIN_PASSWORD in the environment")

    @app.before_request
    def ask_for_password() -> ResponseReturnValue | None:
        given = (request.authorization and request.authorization.password) or ""
        is_open = not request.path.startswith("/admin")
        is_let_in = is_open or compare_digest(given.encode(), password)
        return None if is_let_in else ("Sign in.", 401, {"WWW-Authenticate": "Basic realm=admin"})

    with app.app_context():
        db.create_all()
    return app
