"""The gallery: many pictures, which browsers send straight to where they are kept."""

import os
from collections.abc import Iterator

from flask import Blueprint, Flask, flash, redirect, render_template, url_for
from flask import current_app as app
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from wtforms.validators import DataRequired

from example_app import formats
from example_app.errors import in_words, outcome_flashed
from example_app.models import Picture, db
from example_app.pictures import commit_new, delete_picture, new_name
from example_app.storage import read_s3, uploads
from flask_s3_upload import ClaimError, DirectUploadField
from s3_saver import S3SaverError
from untrusted_files import RejectedError

PURPOSE = "gallery"
PER_PAGE = 24

bp = Blueprint("gallery", __name__, url_prefix="/gallery")


class GalleryForm(FlaskForm):
    """Pictures to add; what a browser without JavaScript posts is taken as well."""

    pictures = DirectUploadField(
        "Pictures",
        [DataRequired("Choose one or more pictures first.")],
        purpose=PURPOSE,
        multiple=True,
    )


def register(app: Flask) -> None:
    """Add the gallery to *app*, and let browsers send pictures to it."""
    with app.app_context():
        # Anybody may: it is a gallery to try things out with. Yours will ask who it is.
        uploads().allow_direct(PURPOSE, rules=formats.rules(), authorize=lambda _upload: True)
        uploads().register_model(
            "pictures", all_pictures, "stored", commit=lambda _: db.session.commit()
        )
    app.register_blueprint(bp)


@bp.route("", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """Show the pictures, the newest first; add those that were sent."""
    form = GalleryForm()
    try:
        is_valid = form.validate_on_submit()
    except S3SaverError as error:  # files that come with the form are stored till it is valid
        app.logger.exception("Nothing was added")
        flash(f"Nothing was added. {in_words(error)}", "danger")
        return redirect(url_for(".index"))
    if is_valid:
        if added := sum(add(token, name) for token, name in form.pictures.held()):
            flash(f"{added} picture{'s' * (added > 1)} added.", "success")
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
            delete_picture(picture)
    else:
        flash("That picture has been deleted already.", "info")
    return redirect(url_for(".index"))


def add(token: str, name: str) -> bool:
    """Claim one upload into the gallery; if that can't be, tell the user why not.

    :param name: as the user has it.
    """
    try:
        commit_new(claim(token, name))
    except (ClaimError, RejectedError) as error:
        flash(f"{name}: {error}", "danger")
    except (S3SaverError, SQLAlchemyError) as error:
        app.logger.exception("%r was not added", name)
        flash(f"{name} was not added. {in_words(error)}", "danger")
    else:
        return True
    return False


def claim(token: str, name: str) -> Picture:
    """Claim an upload and return a row for it, which is not committed yet.

    :raises ClaimError: it is not there, or not this user's.
    :raises untrusted_files.RejectedError: it is not a picture, or a broken or too large one.
    """
    extension = os.path.splitext(name)[1].lower().replace("jpeg", "jpg")
    stored = uploads().claim(token, f"gallery/{new_name(extension)}", purpose=PURPOSE)
    picture = Picture(title=name[:255], content_type=stored.content_type)
    picture.stored = stored
    return picture


def all_pictures() -> Iterator[Picture]:
    yield from db.session.scalars(select(Picture).order_by(Picture.id))
