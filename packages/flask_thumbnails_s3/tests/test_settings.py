import os
from pathlib import Path
from typing import Any

import pytest

from flask_thumbnails_s3 import ConfigError
from flask_thumbnails_s3._options import Spec
from flask_thumbnails_s3._settings import DEFAULTS, read_settings


def test_least_settings() -> None:
    """The originals' folder is all that must be set; thumbnails go there too by default."""
    settings = read_settings({"MEDIA_FOLDER": "/srv/static"})
    assert settings.media_thumbnail_folder == os.path.abspath("/srv/static")
    assert settings.media_thumbnail_url == "/"
    assert settings.s3_use_https
    assert settings.max_pixels == 50_000_000
    assert settings.max_decoded_pixels == 25_000_000
    assert settings.svg == "original"
    assert settings.extra_formats == ()
    assert settings.on_error == "placeholder"
    assert settings.mode == "inline"


@pytest.mark.parametrize(
    ("config", "keys"),
    [
        ({"MEDIA_FOLDER": None}, ["MEDIA_FOLDER"]),
        ({"MEDIA_THUMBNAIL_FOLDER": "/t"}, ["MEDIA_THUMBNAIL_URL", "MEDIA_THUMBNAIL_FOLDER"]),
        ({"THUMBNAIL_S3_STORAGE_TYPE": "s4"}, ["THUMBNAIL_S3_STORAGE_TYPE", "'s3'"]),
        ({"THUMBNAIL_S3_STORAGE_TYPE": "s3"}, ["THUMBNAIL_S3_BUCKET_NAME"]),
        (
            {
                "THUMBNAIL_S3_BUCKET_NAME": "b",
                "MEDIA_THUMBNAIL_FOLDER": "/srv/thumbs",
                "MEDIA_THUMBNAIL_URL": "thumbs",
            },
            ["THUMBNAIL_S3_STATIC_ROOT_PARENT = '/srv/static'", "MEDIA_THUMBNAIL_FOLDER"],
        ),
        ({"THUMBNAIL_MODE": "later"}, ["THUMBNAIL_MODE", "'inline', 'lazy', 'queue'"]),
        ({"THUMBNAIL_ON_ERROR": "x"}, ["THUMBNAIL_ON_ERROR", "'placeholder', 'original', 'empty'"]),
        ({"THUMBNAIL_S3_URL_STYLE": "x"}, ["THUMBNAIL_S3_URL_STYLE", "'host', 'path'"]),
        ({"THUMBNAIL_PLACEHOLDER": ""}, ["THUMBNAIL_PLACEHOLDER", "'svg'"]),
        ({"THUMBNAIL_ROUTE": "x"}, ["THUMBNAIL_ROUTE", "'/'"]),
        ({"THUMBNAIL_ROUTE": Path("/x")}, ["THUMBNAIL_ROUTE", "must be a str", "'/'"]),
        ({"THUMBNAIL_SVG": "inline"}, ["THUMBNAIL_SVG", "'original', 'placeholder'"]),
        ({"THUMBNAIL_MAX_PIXELS": 0}, ["THUMBNAIL_MAX_PIXELS"]),
        ({"THUMBNAIL_MAX_DECODED_PIXELS": 2.5}, ["THUMBNAIL_MAX_DECODED_PIXELS"]),
        ({"THUMBNAIL_EXTRA_FORMATS": "ICO"}, ["THUMBNAIL_EXTRA_FORMATS = 'ICO'", "['ICO', 'TGA']"]),
        ({"THUMBNAIL_EXTRA_FORMATS": [5]}, ["THUMBNAIL_EXTRA_FORMATS = [5]", "['ICO', 'TGA']"]),
        (
            {"THUMBNAIL_EXTRA_FORMATS": ["ICO", "BEAUTIFUL"]},
            ["THUMBNAIL_EXTRA_FORMATS", "reads no 'BEAUTIFUL'"],
        ),
        ({"THUMBNAIL_LEASE": "30"}, ["THUMBNAIL_LEASE"]),
        ({"THUMBNAIL_ALIASES": {"a": {}}}, ["THUMBNAIL_ALIASES", "'a'"]),
        ({"THUMBNAIL_S3_PRIVATE": True}, ["THUMBNAIL_S3_REGION", "THUMBNAIL_S3_PRIVATE"]),
        (
            {"THUMBNAIL_S3_PRIVATE": True, "THUMBNAIL_S3_CDN_DOMAIN": "cdn.example.com"},
            ["THUMBNAIL_S3_PRIVATE", "THUMBNAIL_S3_CDN_DOMAIN"],
        ),
    ],
)
def test_wrong_settings(config: dict[str, Any], keys: list[str]) -> None:
    """A missing or wrong setting raises an error that names its key and what it should be."""
    with pytest.raises(ConfigError) as raised:
        read_settings({"MEDIA_FOLDER": "/srv/static"} | config)
    for key in keys:
        assert key in str(raised.value)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"MEDIA_FOLDER": 5}, "MEDIA_FOLDER = 5: must be the path"),
        ({"MEDIA_URL": 5}, "MEDIA_URL = 5: must be a str"),
        ({"MEDIA_URL": None}, "MEDIA_URL = None: must be a str"),
        ({"THUMBNAIL_S3_STATIC_ROOT_PARENT": 5}, "STATIC_ROOT_PARENT = 5: must be the path"),
        ({"THUMBNAIL_S3_BUCKET_NAME": 5}, "THUMBNAIL_S3_BUCKET_NAME = 5: must be a str"),
        ({"THUMBNAIL_S3_REGION": 5}, "THUMBNAIL_S3_REGION = 5: must be a str"),
        ({"THUMBNAIL_S3_PRIVATE": "false"}, "THUMBNAIL_S3_PRIVATE = 'false': must be True or"),
        ({"THUMBNAIL_S3_USE_HTTPS": 1}, "THUMBNAIL_S3_USE_HTTPS = 1: must be True or False"),
        ({"THUMBNAIL_S3_ACCESS_KEY_ID": "id"}, "ACCESS_KEY_SECRET is missing"),
        ({"THUMBNAIL_S3_ACCESS_KEY_SECRET": "hidden"}, "ACCESS_KEY_ID is missing"),
        ({"THUMBNAIL_S3_ACCESS_KEY_SECRET": b"hidden"}, "KEY_SECRET = a bytes: must be a str"),
        (
            {"THUMBNAIL_S3_BUCKET_NAME": "Bad Name"},
            "THUMBNAIL_S3_BUCKET_NAME = 'Bad Name': must be 3 to",
        ),
        (
            {"THUMBNAIL_S3_ENDPOINT_URL": "minio:9000"},
            "S3_ENDPOINT_URL = 'minio:9000': must be 'http://'",
        ),
        (
            {"THUMBNAIL_S3_CDN_DOMAIN": "https://cdn"},
            "S3_CDN_DOMAIN = 'https://cdn': must be a host name",
        ),
        (
            {"THUMBNAIL_S3_REGION": "EU North"},
            "THUMBNAIL_S3_REGION = 'EU North': must be lowercase",
        ),
        (
            {"THUMBNAIL_S3_ENDPOINT_URL": "https://my-bucket.s3.test"},
            "THUMBNAIL_S3_ENDPOINT_URL = 'https://my-bucket.s3.test': must be without the bucket",
        ),
        (
            {"THUMBNAIL_S3_ENDPOINT_URL": "https://ann:hidden@s3.test"},
            "THUMBNAIL_S3_ENDPOINT_URL = '...@s3.test': must be without a user and password",
        ),
    ],
)
def test_wrong_values(config: dict[str, Any], message: str) -> None:
    """A value of the wrong type, or that no URL can be made of, is named at the start, and a secret
    is not told.
    """
    given = {"MEDIA_FOLDER": "/srv/static", "THUMBNAIL_S3_BUCKET_NAME": "my-bucket"}
    with pytest.raises(ConfigError) as raised:
        read_settings(given | config)
    assert message in str(raised.value)
    assert "hidden" not in str(raised.value)


def test_folders_may_be_paths(tmp_path: Path) -> None:
    """Whatever os.PathLike is."""
    folder = tmp_path / "uploads"
    config = {"MEDIA_FOLDER": folder, "THUMBNAIL_S3_STATIC_ROOT_PARENT": tmp_path}
    assert read_settings(config).media_folder == str(folder)


def test_extra_formats() -> None:
    """Further formats may be a list, as JSON from the environment has it."""
    config = {"MEDIA_FOLDER": "/m", "THUMBNAIL_EXTRA_FORMATS": ["ICO", "tga"]}
    assert read_settings(config).extra_formats == ("ICO", "tga")


def test_aliases() -> None:
    """Aliases are checked when the app starts."""
    config = {"MEDIA_FOLDER": "/m", "THUMBNAIL_ALIASES": {"avatar": {"size": "64x64"}}}
    assert read_settings(config).aliases == {"avatar": Spec(64, 64)}


def test_secret_is_not_shown() -> None:
    """The secret key is not in what is printed of the settings."""
    config = {
        "MEDIA_FOLDER": "/m",
        "THUMBNAIL_S3_ACCESS_KEY_ID": "id",
        "THUMBNAIL_S3_ACCESS_KEY_SECRET": "hidden",
    }
    assert "hidden" not in repr(read_settings(config))


def test_defaults_are_right() -> None:
    """Settings that are set to their defaults are right, but for the one that is required."""
    read_settings(DEFAULTS | {"MEDIA_FOLDER": "/srv/static"})
