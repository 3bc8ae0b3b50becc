"""The home page, the page of sizes, and the files that are on disk."""

import os

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    redirect,
    render_template,
    send_from_directory,
    url_for,
)
from flask import current_app as app
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from example_app.accounts import is_admin
from example_app.errors import outcome_flashed
from example_app.forms import ThingySaveForm
from example_app.models import Thingy, db
from example_app.pictures import empty, save_picture
from example_app.sizes import SECTIONS
from s3_saver import guess_content_type
from untrusted_files import response_headers

bp = Blueprint("site", __name__)


def register(app: Flask) -> None:
    """Give *app* the pages, and the URLs of files on disk: the same paths as on S3."""
    app.register_blueprint(bp)
    app.add_url_rule("/static/<path:filename>", "static", stored_file)


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
    with outcome_flashed("Picture deleted."):
        if (thingy := get_thingy()).image:
            empty(thingy)
    return redirect(url_for(".home"))


@bp.get("/sizes")
def sizes() -> str:
    """Show thumbnails of all kinds of the picture."""
    return render_template("sizes.html", thingy=get_thingy(), sections=SECTIONS)


def get_thingy() -> Thingy:
    # The first is made under a number that is known, so that it can be made only once.
    return db.session.scalars(select(Thingy).order_by(Thingy.id)).first() or Thingy(id=1)


def stored_file(filename: str) -> Response:
    """Send a file that is on disk: a picture as the picture that it is, any other as a download.

    What waits to be claimed is nobody's business; what waits for the admin's form to be mended is
    the admin's.
    """
    folder, _, name = filename.partition("/")
    if folder not in ("uploads", "thumbnails") or name.startswith("pending/"):
        abort(404)
    if name.startswith(".pending/") and not is_admin():
        abort(404)
    try:
        response = send_from_directory(
            os.path.join(app.config["STATIC_ROOT_PARENT"], "static", folder), name
        )
    except FileNotFoundError:  # somebody deleted it this very moment
        abort(404)
    response.headers.update(response_headers(guess_content_type(name)))
    return response
