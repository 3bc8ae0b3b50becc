"""The gallery: many pictures, which browsers send straight to where they are kept."""

from flask import Blueprint, Flask, flash, redirect, render_template, url_for
from flask import current_app as app
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms.validators import DataRequired

from example_app.errors import outcome_flashed
from example_app.models import Picture, db
from example_app.storage import PICTURE, read_s3, uploads
from flask_s3_upload import DirectUploadField

PER_PAGE = 24

bp = Blueprint("gallery", __name__, url_prefix="/gallery")


class GalleryForm(FlaskForm):
    """Pictures to add; what a browser without JavaScript posts is taken as well."""

    pictures = DirectUploadField(
        "Pictures",
        [DataRequired("Choose one or more pictures first.")],
        purpose=PICTURE,
        multiple=True,
    )


def register(app: Flask) -> None:
    app.register_blueprint(bp)


@bp.route("", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """Show the pictures, the newest first; add those that were sent."""
    form = GalleryForm()
    if form.validate_on_submit():
        sent = form.pictures.held()
        with outcome_flashed(f"{len(sent)} picture{'s' * (len(sent) > 1)} added."):
            for token, name in sent:
                image = uploads.accept(token, purpose=PICTURE)
                db.session.add(Picture(title=name[:255], image=image))
            db.session.commit()
        return redirect(url_for(".index"))
    newest = select(Picture).order_by(Picture.id.desc())
    return render_template(
        "gallery.html",
        form=form,
        is_on_s3=bool(read_s3(app.config).storage_type),
        page=db.paginate(newest, per_page=PER_PAGE, max_per_page=PER_PAGE),
    )


@bp.post("/<int:id>/delete")
def delete(id: int) -> ResponseReturnValue:
    if picture := db.session.get(Picture, id):
        with outcome_flashed("Picture deleted."):
            db.session.delete(picture)
            db.session.commit()
    else:
        flash("This picture was deleted already.", "info")
    return redirect(url_for(".index"))
