"""Settings that are wrong fail when the app starts, by name."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from flask_s3_static import ConfigError, FlaskS3
from flask_s3_static._settings import DEFAULTS

README = Path(__file__).parents[1] / "README.md"


@pytest.mark.parametrize(
    ("setting", "value", "problem"),
    [
        ("AWS_ACCESS_KEY_ID", "x", "set both keys"),
        ("AWS_SECRET_ACCESS_KEY", "x", "set both keys"),
        ("AWS_SECRET_ACCESS_KEY", b"hush", "must be a string, got a bytes"),
        ("FLASKS3_ACL", True, "must be a string, got True"),
        ("FLASKS3_ACL", "public", "must be one of private, public-read, "),
        ("FLASKS3_ACTIVE", "yes", "must be True or False, got 'yes'"),
        ("FLASKS3_BROTLI", 1, "must be True or False, got 1"),
        ("FLASKS3_BUCKET_DOMAIN", "https://x.org", "https://x.org"),
        ("FLASKS3_BUCKET_NAME", "No_Bucket", "lowercase letters"),
        ("FLASKS3_CACHE_CONTROL", 5, "must be a string, got 5"),
        ("FLASKS3_CDN_DOMAIN", "cdn.org/path", "cdn.org/path"),
        ("FLASKS3_DEBUG", "1", "must be True or False"),
        ("FLASKS3_ENDPOINT_URL", "127.0.0.1:9000", "127.0.0.1:9000"),
        ("FLASKS3_ENDPOINT_URL", "https://bucket.s3.org", "must be without the bucket's name, got"),
        ("FLASKS3_FILEPATH_HEADERS", {"(": {}}, "'(' is no regular expression"),
        ("FLASKS3_FILEPATH_HEADERS", {b"a": {}}, "must have strings as its keys, got b'a'"),
        ("FLASKS3_FILEPATH_HEADERS", [], "must be a dict"),
        ("FLASKS3_FILEPATH_HEADERS", {"a": {"X": 1}}, "must be strings"),
        ("FLASKS3_FORCE_MIMETYPE", "x", "must be True or False"),
        ("FLASKS3_GZIP", "gzip", "must be True or False, got 'gzip'"),
        ("FLASKS3_GZIP_ONLY_EXTS", ".js", "must be a list such as ['.js', '.css'], got '.js'"),
        ("FLASKS3_GZIP_ONLY_EXTS", 5, "must be a list such as ['.js', '.css'], got 5"),
        ("FLASKS3_HASHED_NAMES", "x", "must be True or False"),
        ("FLASKS3_HEADERS", {"Expires": "soon"}, "must be a date"),
        ("FLASKS3_HEADERS", {"Access-Control-Allow-Origin": "*"}, "flask s3-static check"),
        ("FLASKS3_HEADERS", "x", "must be a dict"),
        ("FLASKS3_HEADERS", {"Owner": "Zoë"}, "ASCII"),
        ("FLASKS3_MANIFEST", 7, "must be a path, got 7"),
        ("FLASKS3_MANIFEST_FROM_BUCKET", "x", "must be True or False"),
        ("FLASKS3_ONLY_MODIFIED", "x", "must be True or False"),
        ("FLASKS3_OVERRIDE_TESTING", "x", "must be True or False"),
        ("FLASKS3_PREFIX", "a/../b", "'..'"),
        ("FLASKS3_PREFIX", "a//b", "empty segment"),
        ("FLASKS3_PREFIX", "a\\b", "backslash"),
        ("FLASKS3_REGION", "Mars!", "Mars!"),
        ("FLASKS3_URL_STYLE", "vhost", "'host' or 'path'"),
        ("FLASKS3_USE_CACHE_CONTROL", "x", "must be True or False"),
        ("FLASKS3_USE_HTTPS", "https", "must be True or False"),
    ],
)
def test_wrong_settings(setting: str, value: Any, problem: str) -> None:
    """A wrong value fails in init_app, naming the setting, the value and what is right."""
    app = Flask("site")
    app.config.update({"FLASKS3_BUCKET_NAME": "bucket", setting: value})
    if setting == "FLASKS3_CACHE_CONTROL":
        app.config["FLASKS3_USE_CACHE_CONTROL"] = True
    with pytest.raises(ConfigError, match=re.escape(problem)) as caught:
        FlaskS3(app)
    other_key = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    assert caught.value.setting == setting or {caught.value.setting, setting} == other_key
    assert str(caught.value).startswith(f"{caught.value.setting}: ")
    assert isinstance(caught.value, ValueError)


def test_cache_control_is_missing() -> None:
    """FLASKS3_USE_CACHE_CONTROL without FLASKS3_CACHE_CONTROL names the latter."""
    app = Flask("site")
    app.config.update(FLASKS3_BUCKET_NAME="bucket", FLASKS3_USE_CACHE_CONTROL=True)
    with pytest.raises(ConfigError, match="FLASKS3_CACHE_CONTROL: is missing"):
        FlaskS3(app)


def test_every_setting_is_tried() -> None:
    """The test of wrong settings leaves none out."""
    (mark,) = (m for m in test_wrong_settings.pytestmark if m.name == "parametrize")
    assert {setting for setting, _, _ in mark.args[1]} == set(DEFAULTS)


def test_the_readme_s_table() -> None:
    """The README's table has every setting with its default, and no other."""
    rows = re.findall(r"(?m)^\| `((?:FLASKS3|AWS)_\w+)` \| `([^`]+)` \|", README.read_text())
    assert dict(rows) == {name: repr(default) for name, default in DEFAULTS.items()}
    assert [name for name, _ in rows] == sorted(DEFAULTS)
