"""A Flask app's static assets on S3: one command uploads them, ``url_for`` points there."""

from flask import url_for

from ._create_all import create_all
from ._report import PushReport
from .exceptions import (
    CollectError,
    ConfigError,
    ManifestError,
    MissingReferenceError,
    PushError,
    S3StaticError,
)
from .serving._extension import FlaskS3
from .serving._template import static_integrity, vite_asset

__all__ = [
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
