"""What the package shows to the outside."""

import inspect
import subprocess
import sys
from importlib.resources import files

import flask

import flask_s3_static


def test_public_names_are_pinned() -> None:
    """The package's root offers these names and no others."""
    assert flask_s3_static.__all__ == [
        "CollectError",
        "ConfigError",
        "FlaskS3",
        "ManifestError",
        "MissingReferenceError",
        "PushError",
        "PushReport",
        "S3StaticError",
        "create_all",
        "static_integrity",
        "url_for",
        "vite_asset",
    ]
    assert all(getattr(flask_s3_static, name).__doc__ for name in flask_s3_static.__all__)


def test_flask_s3_s_calls() -> None:
    """create_all takes what Flask-S3's took, in that order; the rest is keyword-only."""
    parameters = inspect.signature(flask_s3_static.create_all).parameters.values()
    assert [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD] == [
        "app",
        "user",
        "password",
        "bucket_name",
        "location",
        "include_hidden",
        "filepath_filter_regex",
        "put_bucket_acl",
    ]
    assert flask_s3_static.url_for is flask.url_for


def test_errors_have_one_root() -> None:
    """Every error of the package is an S3StaticError."""
    errors = [name for name in flask_s3_static.__all__ if name.endswith("Error")]
    for name in errors:
        assert issubclass(getattr(flask_s3_static, name), flask_s3_static.S3StaticError)


def test_serving_pages_loads_nothing_of_the_other_side() -> None:
    """Starting an app and making URLs and pages loads neither boto3 nor the other side, and opens
    no socket.
    """
    unasked = (
        "flask_s3_static.pushing",
        "flask_s3_static.bucket",
        "boto3",
        "botocore",
        "s3transfer",
    )
    script = f"""
import socket, sys
def refuse(*args, **kwargs): raise AssertionError("the network was touched")
socket.socket.connect = refuse
from flask import Flask, render_template_string, url_for
from flask_s3_static import FlaskS3, create_all, static_integrity
app = Flask("site", static_folder="static")
app.config["FLASKS3_BUCKET_NAME"] = "bucket"
FlaskS3(app)
@app.get("/")
def page():
    return render_template_string("{{{{ url_for('static', filename='a.css') }}}}")
assert app.test_client().get("/").text.startswith("https://bucket.")
sys.exit(", ".join(n for n in sys.modules if n.startswith({unasked!r})) or 0)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


def test_package_is_typed() -> None:
    """The package has the marker by which type checkers know that it has types."""
    assert files("flask_s3_static").joinpath("py.typed").is_file()
