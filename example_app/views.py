"""The home page and the page of sizes."""

from flask import Blueprint, Flask, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from example_app.errors import outcome_flashed
from example_app.forms import ThingySaveForm
from example_app.models import Thingy, db
from example_app.pictures import empty, save_picture
from example_app.sizes import SECTIONS

bp = Blueprint("site", __name__)


def register(app: Flask) -> None:
    app.register_blueprint(bp)


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
