"""All packages agree on which files are pictures."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel  # type: ignore[import-untyped]
from pictures_of_visitors import make_pictures
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import Form

from flask_admin_s3_upload import S3ImageUploadField
from flask_s3_upload import Uploads
from flask_thumbnails_s3 import Thumbnail
from untrusted_files import PICTURES, RejectedError

PICTURES_BY_NAME = make_pictures()

#: Whatever type it is of: which types a rule names is its own business.
RULES = PICTURES.replace(types=("image/*",))


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    app = Flask("one", root_path=str(tmp_path), instance_path=str(tmp_path))
    app.config.update(
        SECRET_KEY="not a secret",
        UPLOADS_FOLDER=str(tmp_path / "uploads"),
        MEDIA_FOLDER=str(tmp_path / "media"),
        MEDIA_THUMBNAIL_FOLDER=str(tmp_path / "static" / "thumbnails"),
        MEDIA_THUMBNAIL_URL="thumbnails/",
    )
    (tmp_path / "media").mkdir()
    Babel(app)  # as Flask-Admin's messages want it
    Thumbnail(app)
    app.extensions["tested_uploads"] = Uploads(app)
    return app


def uploads_take(app: Flask, name: str, data: bytes) -> bool:
    with app.test_request_context():
        try:
            uploads = app.extensions["tested_uploads"]
            uploads.save(FileStorage(BytesIO(data), name), rules=RULES).delete()
        except RejectedError:
            return False
    return True


def thumbnails_show(app: Flask, name: str, data: bytes) -> bool:
    (Path(app.root_path) / "media" / name).write_bytes(data)
    with app.test_request_context():
        shown = app.jinja_env.from_string("{{ name|thumbnail('60x60') }}").render(name=name)
    return not shown.startswith("data:")


def admin_takes(app: Flask, name: str, data: bytes, **sizes: Any) -> bool:
    class PictureForm(Form):
        picture = S3ImageUploadField(base_path=app.root_path, **sizes)

    with app.test_request_context():
        form = PictureForm(MultiDict({"picture": FileStorage(BytesIO(data), name)}))
        if not form.validate():
            return False

        class Row:
            picture = None

        form.populate_obj(Row())
    return True


@pytest.mark.parametrize("name", PICTURES_BY_NAME)
def test_one_picture_gets_one_verdict(app: Flask, name: str) -> None:
    """Rules for uploads, thumbnails and the admin's fields take it, or all refuse it."""
    data = PICTURES_BY_NAME[name]
    verdicts = {
        "uploads": uploads_take(app, name, data),
        "thumbnails": thumbnails_show(app, name, data),
        "admin": admin_takes(app, name, data),
        "admin, resized": admin_takes(
            app, name, data, max_size=(80, 60, False), thumbnail_size=(40, 40, True)
        ),
    }
    assert len(set(verdicts.values())) == 1, verdicts
    if name.startswith(("good", "moving", "mode", "mpo", "exif", "bad-profile")):
        assert all(verdicts.values())
    if name.startswith(("cut", "head", "empty", "page", "bomb")):
        assert not any(verdicts.values())
