"""url_for('static') with flask_s3_static compared with Flask's own."""

import tempfile

from _table import Table, best_of
from flask import Flask, url_for

from flask_s3_static import FlaskS3
from flask_s3_static.serving._manifest import Entry, Manifest

table = Table("flask", "flask-s3-static")


def make_app(*, is_active: bool, names: Manifest | None = None) -> Flask:
    app = Flask("site", static_folder="static", instance_path=tempfile.mkdtemp())
    app.config["FLASKS3_BUCKET_NAME"] = "my-bucket"
    if is_active:
        FlaskS3(app)
        if names:
            app.extensions["flask_s3_static"].urls.use(names)
    return app


FILES = [f"css/part-{number}.css" for number in range(100)]
HASHED = Manifest(
    {f"static/{name}": Entry(f"static/{name[:-4]}.0123456789abcdef.css", "") for name in FILES}
)


def seconds_a_link(app: Flask) -> float:
    with app.test_request_context():
        (best,) = best_of(
            lambda: [url_for("static", filename=name) for name in FILES], rounds=15, calls=20
        )
    return best / len(FILES)


apps = [
    make_app(is_active=False),
    make_app(is_active=True),
    make_app(is_active=True, names=HASHED),
]
turns = [[seconds_a_link(app) for app in apps] for _ in range(3)]
bare, plain, hashed = (min(column) for column in zip(*turns, strict=True))
table.ratio("`url_for('static')`", plain, bare, "flask.url_for", most=1.0)
table.ratio("the same, hashed names", hashed, bare, "flask.url_for", most=1.0)
