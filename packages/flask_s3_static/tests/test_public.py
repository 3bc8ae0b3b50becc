"""What the package shows to the outside."""

import inspect
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


def test_package_is_typed() -> None:
    """The package has the marker by which type checkers know that it has types."""
    assert files("flask_s3_static").joinpath("py.typed").is_file()
