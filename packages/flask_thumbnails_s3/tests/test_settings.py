import os
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from flask_thumbnails_s3 import ConfigError, Thumbnail
from flask_thumbnails_s3._settings import DEFAULTS, Settings
from flask_thumbnails_s3.naming._options import Spec
from s3_saver.settings import ConfigError as SharedConfigError
from untrusted_files.pictures import Limits

INSTANCE = "/srv/instance"


def make_app(**config: Any) -> Flask:
    app = Flask("project", instance_path=INSTANCE, static_folder="/srv/static")
    app.config.update({"MEDIA_FOLDER": "uploads", **config})
    return app


def read(**config: Any) -> Settings:
    return Settings.from_app(make_app(**config))


def test_least_settings() -> None:
    """The originals' folder is all that must be set; thumbnails are private, and in a folder of
    their own.
    """
    settings = read()
    folders = settings.folders
    assert (folders.originals, folders.originals_path) == (f"{INSTANCE}/uploads", None)
    assert (folders.thumbnails, folders.thumbnails_path) == (f"{INSTANCE}/thumbnails", None)
    assert settings.s3.private
    assert settings.s3.storage_type == ""
    assert settings.max_pixels == 50_000_000
    assert (settings.max_pixels, settings.max_decoded_pixels) == (
        Limits().max_pixels,
        Limits().max_decoded_pixels,
    )
    assert settings.svg == "original"
    assert settings.extra_formats == ()
    assert settings.on_error == "placeholder"
    assert settings.mode == "inline"


def test_shared_settings() -> None:
    """What an app states once for all packages counts here, and an own key goes over it."""
    shared: dict[str, Any] = {
        "S3_BUCKET_NAME": "media",
        "S3_REGION": "eu-north-1",
        "S3_ALLOWED_BUCKETS": "old-media",
    }
    settings = read(**shared)
    assert (settings.s3.storage_type, settings.s3.bucket_name) == ("s3", "media")
    assert settings.s3.allowed_buckets == ("old-media",)
    assert settings.folders.originals_prefix == "uploads"
    assert settings.folders.thumbnails_prefix == "thumbnails"
    own = read(**shared, THUMBNAIL_S3_BUCKET_NAME="thumbs", THUMBNAIL_S3_PRIVATE=False)
    assert (own.s3.bucket_name, own.s3.private) == ("thumbs", False)
    assert read(**shared, USE_S3=False).s3.storage_type == ""
    assert read(**shared, THUMBNAIL_S3_STORAGE_TYPE="").s3.storage_type == ""
    assert read(**shared, USE_S3=False, THUMBNAIL_S3_STORAGE_TYPE="s3").s3.storage_type == "s3"


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"MEDIA_FOLDER": None}, "MEDIA_FOLDER is missing: set it to"),
        ({"MEDIA_FOLDER": ""}, "MEDIA_FOLDER is missing: set it to"),
        ({"THUMBNAIL_S3_STORAGE_TYPE": "s4"}, "THUMBNAIL_S3_STORAGE_TYPE must be one of 's3', ''"),
        ({"THUMBNAIL_S3_STORAGE_TYPE": "s3"}, "S3_BUCKET_NAME is missing: THUMBNAIL_S3_STORAGE"),
        ({"USE_S3": True}, "S3_BUCKET_NAME is missing: USE_S3 needs it"),
        ({"MEDIA_THUMBNAIL_FOLDER": "uploads"}, "MEDIA_THUMBNAIL_FOLDER must be a folder of its"),
        ({"MEDIA_THUMBNAIL_FOLDER": "uploads/small"}, "MEDIA_THUMBNAIL_FOLDER must be a folder of"),
        ({"MEDIA_THUMBNAIL_FOLDER": "."}, "MEDIA_THUMBNAIL_FOLDER must be a folder of its own"),
        ({"MEDIA_FOLDER": "thumbnails"}, "MEDIA_FOLDER must be a folder of its own"),
        (
            {"S3_BUCKET_NAME": "media", "S3_REGION": "auto", "MEDIA_FOLDER": "/srv/thumbnails"},
            "MEDIA_FOLDER must be another folder than 'thumbnails'",
        ),
        (
            {"S3_BUCKET_NAME": "media", "MEDIA_THUMBNAIL_FOLDER": "/var/thumbs"},
            "THUMBNAIL_S3_STATIC_ROOT_PARENT must be a folder above both",
        ),
        ({"THUMBNAIL_MODE": "later"}, "THUMBNAIL_MODE must be one of 'inline', 'lazy', 'queue'"),
        (
            {"THUMBNAIL_ON_ERROR": "x"},
            "THUMBNAIL_ON_ERROR must be one of 'placeholder', 'original'",
        ),
        ({"THUMBNAIL_S3_URL_STYLE": "x"}, "THUMBNAIL_S3_URL_STYLE must be one of 'host', 'path'"),
        (
            {"THUMBNAIL_PLACEHOLDER": ""},
            "THUMBNAIL_PLACEHOLDER must be 'svg', 'blur', 'original', or a URL",
        ),
        (
            {"THUMBNAIL_PLACEHOLDER": "png"},
            "THUMBNAIL_PLACEHOLDER must be 'svg', 'blur', 'original', or",
        ),
        ({"THUMBNAIL_ROUTE": "x"}, "THUMBNAIL_ROUTE must be a path such as '/_thumbnails'"),
        ({"THUMBNAIL_ROUTE": "/"}, "THUMBNAIL_ROUTE must be a path such as '/_thumbnails'"),
        ({"THUMBNAIL_SVG": "inline"}, "THUMBNAIL_SVG must be one of 'original', 'placeholder'"),
        ({"THUMBNAIL_MAX_PIXELS": 0}, "THUMBNAIL_MAX_PIXELS must be a whole number, 1 or more"),
        ({"THUMBNAIL_MAX_DECODED_PIXELS": 2.5}, "THUMBNAIL_MAX_DECODED_PIXELS must be a whole"),
        ({"THUMBNAIL_EXTRA_FORMATS": [5.5]}, "THUMBNAIL_EXTRA_FORMATS must be a list of texts"),
        ({"THUMBNAIL_EXTRA_FORMATS": ["ICO", "NICE"]}, "EXTRA_FORMATS: Pillow reads no 'NICE'"),
        ({"THUMBNAIL_LEASE": "half"}, "THUMBNAIL_LEASE must be a whole number of seconds, 1 or"),
        (
            {"THUMBNAIL_S3_URL_EXPIRES": 604_801},
            "THUMBNAIL_S3_URL_EXPIRES must be a whole number of seconds, 1 to 604,800, got 604801",
        ),
        ({"THUMBNAIL_ALIASES": {"a": {}}}, "THUMBNAIL_ALIASES: 'a' must be a dict with a 'size'"),
        (
            {"THUMBNAIL_S3_CDN_DOMAIN": "cdn.example.com"},
            "THUMBNAIL_S3_CDN_DOMAIN has no use while S3_PRIVATE is on",
        ),
        ({"THUMBNAIL_S3_CLOUDFRONT_KEY_ID": "K"}, "S3_CLOUDFRONT_PRIVATE_KEY is missing"),
        ({"MEDIA_FOLDER": 5.5}, "MEDIA_FOLDER must be a path, got 5.5"),
        ({"MEDIA_URL": ["uploads"]}, "MEDIA_URL must be a text, got ['uploads']"),
        ({"THUMBNAIL_S3_REGION": 5.5}, "THUMBNAIL_S3_REGION must be a text, got 5.5"),
        ({"THUMBNAIL_S3_PRIVATE": "maybe"}, "THUMBNAIL_S3_PRIVATE must be True or False"),
        ({"THUMBNAIL_S3_ACCESS_KEY_ID": "id"}, "ACCESS_KEY_SECRET is missing"),
        ({"THUMBNAIL_S3_ACCESS_KEY_SECRET": "hidden"}, "ACCESS_KEY_ID is missing"),
        ({"THUMBNAIL_S3_ACCESS_KEY_SECRET": b"hidden"}, "ACCESS_KEY_SECRET must be a text, got a"),
        ({"THUMBNAIL_S3_BUCKET_NAME": "Bad Name"}, "THUMBNAIL_S3_BUCKET_NAME must be"),
        ({"THUMBNAIL_S3_BUCKET_NAME": "arn:aws:s3:::b"}, "THUMBNAIL_S3_BUCKET_NAME must be"),
        ({"THUMBNAIL_S3_ENDPOINT_URL": "minio:9000"}, "THUMBNAIL_S3_ENDPOINT_URL must be"),
        ({"S3_CDN_DOMAIN": "https://cdn"}, "S3_CDN_DOMAIN must be a host name"),
        ({"THUMBNAIL_S3_REGION": "EU North"}, "THUMBNAIL_S3_REGION must be a region such as"),
        (
            {
                "THUMBNAIL_S3_BUCKET_NAME": "media",
                "THUMBNAIL_S3_ENDPOINT_URL": "https://media.s3.test",
            },
            "THUMBNAIL_S3_ENDPOINT_URL must be the address of the store, without the bucket",
        ),
        (
            {"THUMBNAIL_S3_ENDPOINT_URL": "https://ann:hidden@s3.test"},
            "THUMBNAIL_S3_ENDPOINT_URL must be a URL without a user and a password",
        ),
        ({"MEDIA_URL": "https://cdn.example.com/"}, "MEDIA_URL must be the path of MEDIA_FOLDER"),
        (
            {"MEDIA_THUMBNAIL_FOLDER": "/srv/static/t", "MEDIA_THUMBNAIL_URL": "/thumbs/"},
            "MEDIA_THUMBNAIL_URL must be 't/', the path of MEDIA_THUMBNAIL_FOLDER below the static",
        ),
        ({"THUMBNAIL_S3_BUCKET": "b"}, "THUMBNAIL_S3_BUCKET is not a setting: did you mean THUMBN"),
        ({"THUMBNAIL_S3_COLOUR": "b"}, "THUMBNAIL_S3_COLOUR is not a setting: there are THUMBNAIL"),
        ({"THUMBNAIL_MODES": "lazy"}, "THUMBNAIL_MODES is not a setting: did you mean THUMBNAIL_M"),
        ({"MEDIA_THUMBNAIL_ROOT": "t"}, "MEDIA_THUMBNAIL_ROOT is not a setting: did you mean"),
        ({"S3_REGOIN": "b"}, "S3_REGOIN is not a setting: did you mean S3_REGION"),
    ],
)
def test_wrong_settings(config: dict[str, Any], words: str) -> None:
    """A setting that is missing, wrong, unknown or does not go with another is refused at the
    start; the error has its key, and shows no secret.
    """
    with pytest.raises(ConfigError) as raised:
        Thumbnail(make_app(**config))
    assert words in str(raised.value)
    assert "hidden" not in str(raised.value)
    assert raised.value.setting
    assert isinstance(raised.value, SharedConfigError)


def test_own_keys_of_an_app() -> None:
    """An app may have keys of its own that begin like ours, if they are no near misses."""
    read(THUMBNAIL_GALLERY_COLUMNS=3, MEDIA_PLAYER="x", S3_BACKUP_DAY="monday")


def test_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """All settings work as Flask's from_prefixed_env reads them: texts, ints, JSON."""
    for key, value in {
        "MEDIA_FOLDER": "uploads",
        "S3_BUCKET_NAME": "12345",
        "S3_REGION": "eu-north-1",
        "THUMBNAIL_S3_PRIVATE": "False",
        "THUMBNAIL_LEASE": "40",
        "THUMBNAIL_S3_ALLOWED_BUCKETS": "old-media,older-media",
        "THUMBNAIL_EXTRA_FORMATS": '["ICO", "tga"]',
        "THUMBNAIL_ALIASES": '{"avatar": {"size": "64x64"}}',
    }.items():
        monkeypatch.setenv(f"FLASK_{key}", value)
    app = Flask("project", instance_path=INSTANCE)
    app.config.from_prefixed_env()
    settings = Settings.from_app(app)
    assert settings.s3.bucket_name == "12345"
    assert not settings.s3.private
    assert settings.lease == 40
    assert settings.s3.allowed_buckets == ("old-media", "older-media")
    assert settings.extra_formats == ("ICO", "tga")
    assert settings.aliases == {"avatar": Spec(64, 64)}


def test_key_id_that_arrives_as_a_number() -> None:
    """A key id such as 1e10 arrives as a float, which is refused with the fix."""
    with pytest.raises(ConfigError, match="needs two pairs of quotes"):
        read(S3_ACCESS_KEY_ID=1e10, S3_ACCESS_KEY_SECRET="x")


def test_folders_are_not_of_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Relative folders are relative to the app, wherever its process was started; folders may be
    any os.PathLike.
    """
    monkeypatch.chdir(tmp_path)
    folders = read(MEDIA_FOLDER=Path("pictures"), MEDIA_THUMBNAIL_FOLDER="small/ones").folders
    assert folders.originals == os.path.join(INSTANCE, "pictures")
    assert folders.thumbnails == os.path.join(INSTANCE, "small/ones")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (None, "thumbs/"),
        ("thumbs", "thumbs/"),
        ("/thumbs/", "thumbs/"),
        ("/static/thumbs/", "thumbs/"),
        ("static/thumbs", "thumbs/"),
    ],
)
def test_thumbnails_below_the_static_folder(
    url: str | None, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    """As the original has it, thumbnails may be static files, by a path that is understood with the
    static one before it; one log line says that they are public.
    """
    app = make_app(MEDIA_THUMBNAIL_FOLDER="/srv/static/thumbs", MEDIA_THUMBNAIL_URL=url)
    Thumbnail(app)
    (record,) = caplog.records
    assert record.message.startswith("thumbnails on disk are public: /srv/static/thumbs is below")
    with app.test_request_context():
        shown = app.extensions["flask_thumbnails_s3"].first.files.thumbnail_url("", "a b.jpg")
    assert shown == f"/static/{path}a%20b.jpg"
    assert not [rule for rule in app.url_map.iter_rules() if "file" in rule.rule.split("/")]


@pytest.mark.parametrize(("url", "path"), [("/static/t", "t/"), ("static/t", "static/t/")])
def test_path_that_another_server_serves(url: str, path: str) -> None:
    """Where the folder is not Flask's own static folder, a web server may show it there."""
    folders = read(MEDIA_THUMBNAIL_FOLDER="/var/thumbs", MEDIA_THUMBNAIL_URL=url).folders
    assert folders.thumbnails_path == path


def test_public_thumbnails_need_no_line(caplog: pytest.LogCaptureFixture) -> None:
    """Thumbnails that are set public cause no warning."""
    Thumbnail(make_app(MEDIA_THUMBNAIL_FOLDER="/srv/static/thumbs", S3_PRIVATE=False))
    assert not caplog.records


def test_region_is_asked_of_the_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Private thumbnails need a region to sign for, which the SDK may know."""
    with pytest.raises(ConfigError, match="S3_REGION is missing"):
        Thumbnail(make_app(S3_BUCKET_NAME="media"))
    Thumbnail(make_app(S3_BUCKET_NAME="media", S3_PRIVATE=False))
    Thumbnail(make_app(S3_BUCKET_NAME="media", USE_S3=False))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-south-2")
    keys = {"S3_ACCESS_KEY_ID": "new", "S3_ACCESS_KEY_SECRET": "client"}  # none is known for these
    Thumbnail(make_app(S3_BUCKET_NAME="media", **keys))


@pytest.mark.parametrize(
    ("folder", "root", "prefixes"),
    [
        ("uploads", None, ("uploads", "thumbnails")),
        ("/srv/media", None, ("media", "thumbnails")),
        ("/srv/static/uploads", "/srv", ("static/uploads", "thumbnails")),
        ("uploads", INSTANCE, ("uploads", "thumbnails")),
        ("uploads", "/srv", ("instance/uploads", "thumbnails")),
    ],
)
def test_prefixes(folder: str, root: str | None, prefixes: tuple[str, str]) -> None:
    """In a bucket, originals and thumbnails are below prefixes that don't hold each other: their
    paths below THUMBNAIL_S3_STATIC_ROOT_PARENT.
    """
    folders = read(
        MEDIA_FOLDER=folder, THUMBNAIL_S3_STATIC_ROOT_PARENT=root, S3_BUCKET_NAME="media"
    ).folders
    assert (folders.originals_prefix, folders.thumbnails_prefix) == prefixes


def test_secret_is_not_shown() -> None:
    """The secret key is not in what is printed of the settings."""
    settings = read(THUMBNAIL_S3_ACCESS_KEY_ID="id", THUMBNAIL_S3_ACCESS_KEY_SECRET="hidden")
    assert "hidden" not in repr(settings)


def test_defaults_are_right() -> None:
    """Settings that are set to their defaults mean the same as none, but for the one that is
    required.
    """
    settings = read(**DEFAULTS | {"MEDIA_FOLDER": "uploads"})
    assert settings == read()
