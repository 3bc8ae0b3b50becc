"""An admin over other models needs no SQLAlchemy."""

import subprocess
import sys
from importlib.metadata import requires, version

import pytest

_MISSING = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in sys.argv[1:]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name.split(".")[0])

sys.meta_path.insert(0, Missing())
"""

_WITHOUT = (
    _MISSING
    + """
import flask_admin_s3_upload

for name in flask_admin_s3_upload.__all__:
    getattr(flask_admin_s3_upload, name)
try:
    flask_admin_s3_upload.FileModelView(object, None)
except ImportError as error:
    print(error)
"""
)


@pytest.mark.parametrize(
    "missing",
    [
        ["sqlalchemy", "sqlalchemy_s3_files"],
        pytest.param(
            ["flask_sqlalchemy", "flask_sqlalchemy_lite"],
            marks=pytest.mark.skipif(
                version("flask-admin").startswith("1."), reason="Flask-Admin 1 does without"
            ),
        ),
    ],
)
def test_file_model_view_says_what_to_install(missing: list[str]) -> None:
    """All else of the package imports without it."""
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", _WITHOUT, *missing],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "pip install 'flask-admin-s3-upload[sqlalchemy]'" in result.stdout


_FIELD = (
    _MISSING
    + """
from flask import Flask
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from flask_sqlalchemy import SQLAlchemy
from werkzeug.datastructures import FileStorage
from wtforms import Form
from flask_admin_s3_upload import S3FileUploadField

app = Flask("site")
app.config.update(SQLALCHEMY_DATABASE_URI="sqlite://", SECRET_KEY="for tests", TESTING=True)
db = SQLAlchemy(app)

class Cat(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    photo = db.Column(db.String(255))

class CatView(ModelView):
    form_overrides = {"photo": S3FileUploadField}
    form_args = {"photo": {"base_path": app.instance_path}}

with app.app_context():
    db.create_all()
    Admin(app).add_view(CatView(Cat, db.session if "1" in sys.argv else db))
try:
    app.test_client().get("/admin/cat/new/")
except ValueError as error:
    print(error)

class CatForm(Form):
    photo = S3FileUploadField(base_path=app.instance_path)

form = CatForm()
form.photo.data = FileStorage(__import__("io").BytesIO(b"x"), "tom.txt")
with app.app_context():
    try:
        form.photo.populate_obj(Cat(), "photo")
    except ValueError as error:
        print(error)
"""
)


def test_a_model_of_sqlalchemy_needs_the_extra() -> None:
    """Without it, the form of its view is refused in words, and the log has the same when the app
    starts; so is a form of your own that fills an object, and nothing is stored.
    """
    result = subprocess.run(
        [sys.executable, "-c", _FIELD, "sqlalchemy_s3_files", version("flask-admin")[0]],
        capture_output=True,
        text=True,
        check=True,
    )

    words = (
        "S3FileUploadField 'photo': model must be of another library than SQLAlchemy, while "
        "sqlalchemy-s3-files is not installed, got 'Cat': "
        "pip install 'flask-admin-s3-upload[sqlalchemy]'"
    )
    assert result.stdout.splitlines() == [words, words]
    assert words in result.stderr


def test_it_is_not_required() -> None:
    """Only by the extra of its name."""
    required = requires("flask-admin-s3-upload") or []

    assert [one for one in required if "sqlalchemy" in one and "extra ==" not in one] == []
