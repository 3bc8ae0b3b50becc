"""Settings: the app's shared ones and our own, and errors at the start that name the wrong one."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from static_site import Site

from flask_s3_static import ConfigError, FlaskS3
from flask_s3_static._settings import DEFAULTS, Settings
from flask_s3_static._shared_settings import WITHOUT_MEANING
from s3_saver.settings import SHARED_SETTINGS

README = Path(__file__).parents[1] / "README.md"
SWITCH = "True or False, or one of true, false, 1, 0, yes, no, on, off"


def app_of(**config: Any) -> Flask:
    app = Flask("site", static_folder="static")
    app.config.update(config)
    return app


def settings(**config: Any) -> Settings:
    return Settings.from_app(app_of(**{"FLASKS3_BUCKET_NAME": "bucket", **config}))


@pytest.mark.parametrize(
    ("setting", "value", "problem"),
    [
        ("AWS_ACCESS_KEY_ID", "x", "AWS_ACCESS_KEY_ID needs it; set both, or neither"),
        ("AWS_SECRET_ACCESS_KEY", "x", "AWS_SECRET_ACCESS_KEY needs it; set both"),
        ("AWS_SECRET_ACCESS_KEY", b"hush", "must be a text, got a value of type bytes"),
        ("AWS_ACCESS_KEY_ID", 1e10, "must be a text, got a value of type float: an environment"),
        ("FLASKS3_ACCESS_KEY_ID", "x", "FLASKS3_ACCESS_KEY_ID needs it"),
        ("FLASKS3_ACCESS_KEY_SECRET", b"hush", "must be a text, got a value of type bytes"),
        ("FLASKS3_ACL", True, "must be a text, got True"),
        ("FLASKS3_ACL", "public", "must be one of private, public-read, "),
        ("FLASKS3_ACTIVE", "maybe", f"must be {SWITCH}, got 'maybe'"),
        ("FLASKS3_BROTLI", 2, f"must be {SWITCH}, got 2"),
        ("FLASKS3_BUCKET_DOMAIN", "https://x.org", "https://x.org"),
        ("FLASKS3_BUCKET_NAME", "No_Bucket", "lowercase letters"),
        ("FLASKS3_CACHE_CONTROL", 0.5, "must be a text, got 0.5"),
        ("FLASKS3_CDN_DOMAIN", "cdn.org/path", "cdn.org/path"),
        ("FLASKS3_DEBUG", "2", "must be True or False"),
        ("FLASKS3_ENDPOINT_URL", "127.0.0.1:9000", "127.0.0.1:9000"),
        ("FLASKS3_ENDPOINT_URL", "https://bucket.s3.org", "without the bucket 'bucket', got"),
        (
            "FLASKS3_FILEPATH_HEADERS",
            {"(": {}},
            "must have regular expressions as its keys, got '('",
        ),
        ("FLASKS3_FILEPATH_HEADERS", {b"a": {}}, "must have strings as its keys, got b'a'"),
        ("FLASKS3_FILEPATH_HEADERS", [], "must be a dict"),
        ("FLASKS3_FILEPATH_HEADERS", {"a": {"X": 1.5}}, "must be strings"),
        ("FLASKS3_FORCE_MIMETYPE", "x", "must be True or False"),
        ("FLASKS3_GZIP", "gzip", "must be True or False, or one of true"),
        ("FLASKS3_EXCLUDE", 0.5, "must be a list of texts, or one text with commas between them"),
        ("FLASKS3_EXCLUDE", [None], "must be a list of texts"),
        ("FLASKS3_GZIP_ONLY_EXTS", 0.5, "must be a list of texts"),
        ("FLASKS3_HASHED_ALREADY", "(", "must be a regular expression, got '('"),
        ("FLASKS3_HASHED_NAMES", "x", "must be True or False"),
        ("FLASKS3_HEADERS", {"Expires": "soon"}, "must be a date"),
        ("FLASKS3_HEADERS", {"Access-Control-Allow-Origin": "*"}, "flask s3-static check"),
        (
            "FLASKS3_HEADERS",
            {"Content-MD5": "x"},
            "'Content-MD5' depends on the bytes of each file",
        ),
        ("FLASKS3_HEADERS", "x", "must be a dict"),
        ("FLASKS3_HEADERS", {"Owner": "Zoë"}, "ASCII"),
        ("FLASKS3_MANIFEST", 0.7, "must be a path, got 0.7"),
        ("FLASKS3_MANIFEST_FROM_BUCKET", "x", "must be True or False"),
        ("FLASKS3_ONLY_MODIFIED", "x", "must be True or False"),
        ("FLASKS3_OVERRIDE_TESTING", "x", "must be True or False"),
        ("FLASKS3_PREFIX", "a/../b", "'..'"),
        ("FLASKS3_PREFIX", "a//b", "empty segment"),
        ("FLASKS3_PREFIX", "a\\b", "backslash"),
        ("FLASKS3_PUBLIC_ENDPOINT_URL", "127.0.0.1:9000", "127.0.0.1:9000"),
        ("FLASKS3_RACES", "never", "must be one of 'warn', 'allow', 'refuse', got 'never'"),
        ("FLASKS3_REGION", "Mars!", "Mars!"),
        ("FLASKS3_URL_STYLE", "vhost", "must be one of 'host', 'path', got 'vhost'"),
        ("FLASKS3_USE_CACHE_CONTROL", "x", "must be True or False"),
        ("FLASKS3_VITE_FOLDER", 0.5, "must be a text, got 0.5"),
        ("FLASKS3_VITE_SERVER_URL", "localhost:5173", "must be a URL such as 'http://localhost"),
        ("FLASKS3_USE_HTTPS", "https", f"must be {SWITCH}, got 'https'"),
    ],
)
def test_wrong_settings(setting: str, value: Any, problem: str) -> None:
    """A wrong value fails in init_app, naming the setting, the value and what is right."""
    app = app_of(**{"FLASKS3_BUCKET_NAME": "bucket", setting: value})
    with pytest.raises(ConfigError, match=re.escape(problem)) as caught:
        FlaskS3(app)
    assert setting in str(caught.value)
    assert caught.value.setting in (setting, "S3_ACCESS_KEY_ID", "S3_ACCESS_KEY_SECRET")
    assert str(caught.value).startswith(f"{caught.value.setting} ")
    assert isinstance(caught.value, ValueError)
    assert "hush" not in str(caught.value)


def test_cache_control_is_missing() -> None:
    """FLASKS3_USE_CACHE_CONTROL without FLASKS3_CACHE_CONTROL names the latter."""
    with pytest.raises(ConfigError, match="FLASKS3_CACHE_CONTROL is missing"):
        settings(FLASKS3_USE_CACHE_CONTROL=True)


@pytest.mark.parametrize(
    ("key", "fix"),
    [
        ("FLASKS3_BUCKET", "did you mean FLASKS3_BUCKET_NAME?"),
        ("FLASKS3_HASHED_NAME", "did you mean FLASKS3_HASHED_NAMES?"),
        ("FLASKS3_REGON", "did you mean FLASKS3_REGION?"),
        ("FLASKS3_SOMETHING_ELSE", "there are FLASKS3_"),
        ("S3_REGOIN", "did you mean S3_REGION?"),
        ("FLASKS3_PRIVATE", "static files are public"),
        ("FLASKS3_ALLOWED_BUCKETS", "in one bucket"),
        ("FLASKS3_CLOUDFRONT_KEY_ID", "static files are public"),
        ("FLASKS3_STORAGE_CLASS", "use FLASKS3_HEADERS"),
    ],
)
def test_unknown_settings_are_refused(key: str, fix: str) -> None:
    """A key that begins as ours but is none is an error that says which one was meant."""
    value = None if "CLOUDFRONT" in key or "PRIVATE" in key else "x"
    with pytest.raises(ConfigError, match=f"{key} is not a setting: .*{re.escape(fix)}") as caught:
        settings(**{key: value})
    assert caught.value.setting == key


def test_keys_of_the_app_s_own_are_left_alone() -> None:
    """Other keys of an app, such as UPLOADS_FOLDER or S3_LIFETIME, are none of our business."""
    settings(UPLOADS_FOLDER="x", S3_LIFETIME=3, AWS_DEFAULT_REGION="eu-west-1")


SHARED = {
    "S3_BUCKET_NAME": "media",
    "S3_REGION": "eu-north-1",
    "S3_ENDPOINT_URL": "https://s3.example.org",
    "S3_URL_STYLE": "path",
    "S3_ACCESS_KEY_ID": "shared",
    "S3_ACCESS_KEY_SECRET": "secret",
    "S3_PRIVATE": True,
}


def test_shared_settings_are_enough() -> None:
    """An app that has stated its S3 for all packages states nothing again for static files."""
    found = Settings.from_app(app_of(**SHARED))
    assert found.url("static/a.css") == "https://s3.example.org/media/static/a.css"
    assert (found.s3.bucket_name, found.s3.region) == ("media", "eu-north-1")
    assert (found.s3.access_key_id, found.s3.access_key_secret) == ("shared", "secret")
    assert found.is_active


def test_own_settings_go_over_the_shared_ones() -> None:
    """Each shared setting has one of ours that goes over it."""
    own = {
        "FLASKS3_BUCKET_NAME": "assets",
        "FLASKS3_REGION": "us-west-2",
        "FLASKS3_ENDPOINT_URL": "",
        "FLASKS3_URL_STYLE": "host",
        "FLASKS3_ACCESS_KEY_ID": "own",
        "FLASKS3_ACCESS_KEY_SECRET": "other",
    }
    found = Settings.from_app(app_of(**SHARED, **own))
    assert found.url("static/a.css") == "https://assets.s3.us-west-2.amazonaws.com/static/a.css"
    assert (found.s3.access_key_id, found.s3.access_key_secret) == ("own", "other")


def test_the_original_s_keys_go_over_the_shared_ones() -> None:
    """AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in app.config mean what Flask-S3's meant."""
    original = {"AWS_ACCESS_KEY_ID": "original", "AWS_SECRET_ACCESS_KEY": "hush"}
    found = Settings.from_app(app_of(**SHARED, **original))
    assert (found.s3.access_key_id, found.s3.access_key_secret) == ("original", "hush")
    with pytest.raises(ConfigError, match="are of two pairs"):
        Settings.from_app(app_of(**SHARED, AWS_ACCESS_KEY_ID="original"))


def test_static_files_are_public_whatever_s3_private_says() -> None:
    """S3_PRIVATE is about files of users: URLs of static files are not signed."""
    urls = {settings(S3_PRIVATE=private).url("static/a.css") for private in (True, False, None)}
    assert urls == {"https://bucket.s3.amazonaws.com/static/a.css"}


def test_what_is_asked_for_files_of_users_is_not_asked_for_static_files(site: Site) -> None:
    """S3_CACHE_CONTROL, S3_STORAGE_CLASS, S3_TAGS and the like leave static files alone, whichever
    way these go up.
    """
    site.write("static/a.css", "a")
    site.write("static/b.css", "b")
    site.config.update(
        S3_CACHE_CONTROL="private", S3_STORAGE_CLASS="STANDARD_IA", S3_TAGS={"owner": "ann"}
    )
    site.push(config={"FLASKS3_FILEPATH_HEADERS": {"b": {"Owner": "us"}}})
    for head in (site.head("static/a.css"), site.head("static/b.css")):
        assert not head.keys() & {"CacheControl", "StorageClass", "TagCount"}


def test_the_cdn_of_the_app_and_our_own() -> None:
    """S3_CDN_DOMAIN stands in URLs for the bucket; FLASKS3_CDN_DOMAIN goes over it, '' for none."""
    assert settings(S3_CDN_DOMAIN="cdn.org").url("a") == "https://cdn.org/a"
    other = settings(S3_CDN_DOMAIN="cdn.org", FLASKS3_CDN_DOMAIN="static.org")
    assert other.url("a") == "https://static.org/a"
    none = settings(S3_CDN_DOMAIN="cdn.org", FLASKS3_CDN_DOMAIN="")
    assert none.url("a") == "https://bucket.s3.amazonaws.com/a"


def test_browsers_may_reach_the_server_elsewhere() -> None:
    """URLs are for S3_PUBLIC_ENDPOINT_URL, pushes for S3_ENDPOINT_URL."""
    found = settings(
        S3_ENDPOINT_URL="http://10.0.0.7:9000", S3_PUBLIC_ENDPOINT_URL="https://s3.example.org"
    )
    assert found.url("a") == "https://bucket.s3.example.org/a"
    assert found.s3.endpoint_url == "http://10.0.0.7:9000"


@pytest.mark.parametrize(
    ("config", "is_active"),
    [
        ({}, True),
        ({"USE_S3": False}, False),
        ({"USE_S3": "false"}, False),
        ({"USE_S3": False, "FLASKS3_ACTIVE": True}, True),
        ({"USE_S3": True, "FLASKS3_ACTIVE": "no"}, False),
    ],
)
def test_use_s3(config: dict[str, Any], is_active: bool) -> None:
    """USE_S3 keeps static files with the app, unless FLASKS3_ACTIVE says otherwise."""
    app = app_of(S3_BUCKET_NAME="bucket", **config)
    FlaskS3(app)
    with app.test_request_context():
        is_remote = app.url_for("static", filename="a.css").startswith("https://bucket.")
    assert is_remote is is_active


def test_everything_works_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings may be FLASK_ variables of the environment, as from_prefixed_env reads them."""
    environment = {
        "S3_BUCKET_NAME": "12345",
        "S3_REGION": "eu-north-1",
        "FLASKS3_ACCESS_KEY_ID": "1234",
        "FLASKS3_ACCESS_KEY_SECRET": '"1e10"',
        "FLASKS3_PREFIX": "2026",
        "FLASKS3_HASHED_NAMES": "False",
        "FLASKS3_GZIP": "1",
        "FLASKS3_GZIP_ONLY_EXTS": ".js,css",
        "FLASKS3_ONLY_MODIFIED": "off",
        "FLASKS3_USE_HTTPS": "no",
        "FLASKS3_USE_CACHE_CONTROL": "true",
        "FLASKS3_CACHE_CONTROL": "max-age=86400",
        "FLASKS3_HEADERS": '{"X-Amz-Meta-Build": 7}',
        "FLASKS3_FILEPATH_HEADERS": r'{"\\.txt$": {"Content-Language": "de"}}',
        "FLASKS3_EXCLUDE": "uploads/*, *.map",
        "FLASKS3_MANIFEST": "names.json",
    }
    for name, value in environment.items():
        monkeypatch.setenv(f"FLASK_{name}", value)
    app = Flask("site", static_folder="static", instance_path="/srv/instance")
    app.config.from_prefixed_env()
    found = Settings.from_app(app)
    assert found.url("a.css") == "http://12345.s3.eu-north-1.amazonaws.com/2026/a.css"
    assert (found.s3.access_key_id, found.s3.access_key_secret) == ("1234", "1e10")
    assert (found.hashed_names, found.only_modified, found.encoding) == (False, False, "gzip")
    assert found.encoded_extensions == {".js", ".css"}
    assert found.headers == {"CacheControl": "max-age=86400", "Metadata": {"build": "7"}}
    ((pattern, headers),) = found.filepath_headers
    assert (pattern.pattern, headers) == (r"\.txt$", {"ContentLanguage": "de"})
    assert found.exclude == ("uploads/*", "*.map")
    assert found.manifest == "/srv/instance/names.json"


def test_a_key_that_arrives_as_a_number_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key id such as 1e10 arrives as a float, which says how to write it, without showing it."""
    monkeypatch.setenv("FLASK_S3_ACCESS_KEY_ID", "1e10")
    monkeypatch.setenv("FLASK_S3_ACCESS_KEY_SECRET", "x")
    app = app_of(S3_BUCKET_NAME="bucket")
    app.config.from_prefixed_env()
    with pytest.raises(ConfigError, match="two pairs of quotes"):
        Settings.from_app(app)


def test_no_error_shows_a_password() -> None:
    """An endpoint with a password is refused, and the password is not in the message."""
    with pytest.raises(ConfigError, match="S3_ENDPOINT_URL must be") as caught:
        settings(S3_ENDPOINT_URL="https://user:hush@s3.example.org")
    assert "hush" not in str(caught.value)


def test_every_setting_is_tried() -> None:
    """The test of wrong settings leaves none out."""
    (mark,) = (m for m in test_wrong_settings.pytestmark if m.name == "parametrize")
    assert {setting for setting, _, _ in mark.args[1]} == set(DEFAULTS)


def test_the_readme_s_table() -> None:
    """The README's table has every setting with its default, and no other."""
    rows = re.findall(r"(?m)^\| `((?:FLASKS3|AWS)_\w+)` \| `([^`]+)` \|", README.read_text())
    assert dict(rows) == {name: repr(default) for name, default in DEFAULTS.items()}
    assert [name for name, _ in rows] == sorted(DEFAULTS)


def test_the_readme_s_table_of_shared_settings() -> None:
    """The README's other table has every shared setting that means something here, and its own."""
    found = re.findall(r"(?m)^\| `((?:USE_)?S3\w*)` \| ([^|]+) \|", README.read_text())
    own = {key: re.findall(r"`(\w+)`", cell) for key, cell in found}
    assert set(own) == set(SHARED_SETTINGS) - {*WITHOUT_MEANING, "S3_CACHE_CONTROL"}
    for key, names in own.items():
        assert set(names) <= set(DEFAULTS), key
