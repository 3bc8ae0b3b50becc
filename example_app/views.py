"""The home page and the page of sizes."""

from flask import Blueprint, Flask, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms.validators import DataRequired

from example_app.errors import outcome_flashed
from example_app.models import Thingy, db
from example_app.sizes import SECTIONS
from flask_s3_upload import StoredFileField

bp = Blueprint("site", __name__)


class ThingyForm(FlaskForm):
    image = StoredFileField(
        "Picture", [DataRequired("Choose a picture first.")], column=Thingy.image
    )


def register(app: Flask) -> None:
    app.register_blueprint(bp)


@bp.route("/", methods=["GET", "POST"])
def home() -> ResponseReturnValue:
    """Show the picture; save a new one in its place."""
    thingy = get_thingy()
    form = ThingyForm(obj=thingy)
    if form.validate_on_submit():
        with outcome_flashed("Picture saved."):
            form.populate_obj(thingy)
            db.session.add(thingy)
            db.session.commit()
        return redirect(url_for(".home"))
    return render_template("home.html", thingy=thingy, form=form)


@bp.post("/delete")
def delete() -> ResponseReturnValue:
    with outcome_flashed("Picture deleted."):
        get_thingy().image = None
        db.session.commit()
    return redirect(url_for(".home"))


@bp.get("/sizes")
def sizes() -> str:
    """Show thumbnails of all kinds of the picture."""
    return render_template("sizes.html", thingy=get_thingy(), sections=SECTIONS)


def get_thingy() -> Thingy:
    # The first is made under a number that is known, so that it can be made only once.
    return db.session.scalars(select(Thingy).order_by(Thingy.id)).first() or Thingy(id=1)
