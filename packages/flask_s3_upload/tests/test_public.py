"""What the package shows to the outside, and what importing it costs."""

import subprocess
import sys
from importlib.resources import files

import pytest

import flask_s3_upload
import untrusted_files


def test_public_names_are_pinned() -> None:
    """The package's root offers these names and no others."""
    assert flask_s3_upload.__all__ == [
        "AlreadyClaimedError",
        "CeleryQueue",
        "ClaimError",
        "ConfigError",
        "DirectUpload",
        "DirectUploadField",
        "ExpiredTokenError",
        "InvalidTokenError",
        "Job",
        "NoFileError",
        "NotUploadedError",
        "Queue",
        "StoredFile",
        "StoredFileField",
        "Uploads",
        "UploadsError",
        "file_claimed",
        "file_deleted",
        "file_saved",
        "run_job",
        "upload",
    ]
    assert all(getattr(flask_s3_upload, name).__doc__ for name in flask_s3_upload.__all__)


def test_a_local_user_never_waits_for_the_sdk() -> None:
    """No import, and no saving, sending or claiming on disk brings boto3, Pillow or SQLAlchemy."""
    script = """
import io, sys, tempfile
from flask import Flask
from flask_s3_upload import Uploads
from untrusted_files import Rules
with tempfile.TemporaryDirectory() as folder:
    app = Flask("local", instance_path=folder)
    app.secret_key = "x"
    uploads = Uploads(app, user=lambda: 1)
    uploads.allow_direct(rules=Rules(max_bytes=9, types=("text/*",)), authorize=lambda upload: True)
    client = app.test_client()
    answer = client.post("/uploads/-/sign", json={"filename": "a.txt", "size": 1}).get_json()
    assert client.put(answer["url"], data=b"x", headers=answer["headers"]).status_code == 204
    with app.app_context():
        uploads.claim(answer["token"])
        uploads.save(io.BytesIO(b"x"), to="b.txt")
unasked = ("boto3", "botocore", "PIL", "sqlalchemy")
sys.exit(", ".join(name for name in unasked if name in sys.modules) or 0)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


def test_package_is_typed() -> None:
    """The package has the marker of types for type checkers, and the module's files."""
    assert files("flask_s3_upload").joinpath("py.typed").is_file()
    assert files("flask_s3_upload").joinpath("static/direct-upload.js").is_file()


@pytest.mark.parametrize(
    ("error", "root"),
    [
        (flask_s3_upload.NoFileError, untrusted_files.RejectedError),
        (flask_s3_upload.InvalidTokenError, flask_s3_upload.ClaimError),
        (flask_s3_upload.ExpiredTokenError, flask_s3_upload.ClaimError),
        (flask_s3_upload.NotUploadedError, flask_s3_upload.ClaimError),
        (flask_s3_upload.AlreadyClaimedError, flask_s3_upload.ClaimError),
    ],
)
def test_errors_are_one_tree(error: type[Exception], root: type[Exception]) -> None:
    """What a form shows is one of two kinds, and each of ours is an UploadsError, too."""
    assert issubclass(error, root)
    assert issubclass(root, ValueError)
    assert issubclass(error, flask_s3_upload.UploadsError)
