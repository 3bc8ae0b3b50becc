"""The pages, what their forms do, and the pictures that are on disk."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from flask import (
    Blueprint,
    Response,
    flash,
    redirect,
    render_template,
    send_from_directory,
    url_for,
)
from flask import current_app as app
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from example_app.errors import in_words
from example_app.formats import CONTENT_TYPES
from example_app.forms import ThingySaveForm
from example_app.gallery import SECTIONS
from example_app.models import Thingy, db
from example_app.pictures import delete_picture, save_picture
from s3_saver import S3SaverError

bp = Blueprint("thingy", __name__)


@bp.route("/", methods=["GET", "POST"])
def home() -> ResponseReturnValue:
    """Show the picture; save a new one in its place."""
    thingy = get_thingy()
    form = ThingySaveForm()
    if form.validate_on_submit():
        with outcome_flashed("Picture saved."):
            save_picture(thingy, form.image.data.stream, form.extension)
        return redirect(url_for(".home"))
    return render_template("home.html", thingy=thingy, form=form)


@bp.post("/delete")
def delete() -> ResponseReturnValue:
    if thingy := db.session.get(Thingy, 1):
        with outcome_flashed("Picture deleted."):
            delete_picture(thingy)
    return redirect(url_for(".home"))


@bp.get("/gallery")
def gallery() -> str:
    """Show thumbnails of all kinds of the picture."""
    return render_template("gallery.html", thingy=get_thingy(), sections=SECTIONS)


# The same path as on S3, and on disk below the app's folder for data.
@bp.get("/static/<any(uploads, thumbnails):folder>/<path:filename>")
def picture(folder: str, filename: str) -> Response:
    """Send an upload or a thumbnail that is on disk, as the picture that it is and nothing else."""
    response = send_from_directory(
        os.path.join(app.config["STATIC_ROOT_PARENT"], "static", folder),
        filename,
        mimetype=CONTENT_TYPES.get(os.path.splitext(filename)[1]),
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def get_thingy() -> Thingy:
    return db.session.get(Thingy, 1) or Thingy(id=1)


@contextmanager
def outcome_flashed(done: str) -> Iterator[None]:
    """Tell the user that a change is *done*, or in words why it is not."""
    try:
        yield
    except (S3SaverError, SQLAlchemyError) as error:
        app.logger.exception("The picture was not changed")
        flash(f"Nothing was changed. {in_words(error)}", "danger")
    else:
        flash(done, "success")
