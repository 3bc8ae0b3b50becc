"""Settings: what is read, and what is said about what cannot be."""

from typing import Any

import pytest
from flask import Flask

from flask_s3_upload import ConfigError, Uploads
from flask_s3_upload._settings import Settings, in_settings


def read(**config: Any) -> Settings:
    return Settings.read(config, "/instance")


def test_without_settings_files_are_on_disk() -> None:
    """An app that sets nothing keeps files in its instance folder."""
    settings = read()
    assert (settings.storage, settings.folder) == ("local", "/instance/uploads")


def test_a_bucket_is_enough() -> None:
    """With a bucket's name files are on S3, unless UPLOADS_STORAGE says otherwise."""
    assert read(UPLOADS_S3_BUCKET_NAME="bucket").storage == "s3"
    assert read(UPLOADS_S3_BUCKET_NAME="bucket", UPLOADS_STORAGE="local").storage == "local"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("UPLOADS_STORAGE", "gcs"),
        ("UPLOADS_FOLDER", 3),
        ("UPLOADS_URL_PREFIX", "uploads"),
        ("UPLOADS_URL_PREFIX", "/"),
        ("UPLOADS_URL_PREFIX", "/<name>"),
        ("UPLOADS_DOMAIN", "example.com"),
        ("UPLOADS_PRIVATE", "yes"),
        ("UPLOADS_URL_EXPIRES", 0),
        ("UPLOADS_URL_EXPIRES", "3600"),
        ("UPLOADS_S3_URL_STYLE", "virtual"),
        ("UPLOADS_S3_DIRECT_METHOD", "post"),
        ("UPLOADS_PART_BYTES", 1024),
        ("UPLOADS_PARTS_ABOVE", 6 * 1024**3),
        ("UPLOADS_PART_BYTES", 6 * 1024**3),
        ("UPLOADS_URL_EXPIRES", 604_801),
        ("UPLOADS_DIRECT_EXPIRES", 604_801),
        ("UPLOADS_DOMAIN", "ftp://example.com"),
        ("UPLOADS_S3_BUCKET_NAME", "s3://my-bucket/media"),
        ("UPLOADS_S3_BUCKET_NAME", "My_Bucket"),
        ("UPLOADS_S3_BUCKET_NAME", "b"),
        ("UPLOADS_S3_ENDPOINT_URL", "localhost:9000"),
        ("UPLOADS_S3_REGION", "EU (Stockholm)"),
        ("UPLOADS_S3_PREFIX", "../media"),
        ("UPLOADS_S3_ACL", "public\nread"),
        ("UPLOADS_S3_CDN_DOMAIN", "https://cdn.example.com"),
        ("UPLOADS_BACKGROUND_WORKERS", -1),
        ("UPLOADS_BACKGROUND_RETRY_DELAY", "1"),
    ],
)
def test_a_wrong_value_names_the_key_and_the_value(setting: str, value: Any) -> None:
    """A wrong value is refused when the app is made, by key, value, and what is right."""
    with pytest.raises(ConfigError, match=setting) as raised:
        read(**{setting: value})
    assert raised.value.setting == setting
    assert repr(value) in str(raised.value)
    assert "must be" in str(raised.value)


@pytest.mark.parametrize(
    ("config", "fix"),
    [
        ({"UPLOADS_STORAGE": "s3"}, "UPLOADS_S3_BUCKET_NAME is missing"),
        ({"UPLOADS_S3_ACCESS_KEY_ID": "a"}, "UPLOADS_S3_ACCESS_KEY_SECRET together"),
        ({"UPLOADS_PRIVATE": True, "UPLOADS_S3_CDN_DOMAIN": "a.b"}, "exclude each other"),
        ({"UPLOADS_S3_BUCKET": "my-bucket"}, "UPLOADS_S3_BUCKET is no setting; there are"),
        (
            {"UPLOADS_S3_SECRET_KEY": "hush"},
            "there are .* UPLOADS_S3_ACCESS_KEY_SECRET",
        ),
    ],
)
def test_settings_that_do_not_go_together(config: dict[str, Any], fix: str) -> None:
    """A combination that cannot work is refused when the app is made."""
    with pytest.raises(ConfigError, match=fix):
        read(**config)


def test_other_stores_take_more_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket's name that Amazon would not take is one where another store is named, be it by the
    SDK's own variable."""
    endpoint = "http://user:hush@localhost:9000"
    read(UPLOADS_S3_BUCKET_NAME="My_Bucket", UPLOADS_S3_ENDPOINT_URL="http://localhost:9000")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:9000")
    read(UPLOADS_S3_BUCKET_NAME="My_Bucket")
    with pytest.raises(ConfigError, match="UPLOADS_S3_ENDPOINT_URL") as raised:
        read(UPLOADS_S3_ENDPOINT_URL=endpoint)
    assert "hush" not in str(raised.value)


def test_an_endpoint_without_the_bucket() -> None:
    """An endpoint that holds the bucket's name, which would be in each URL twice, is refused."""
    with pytest.raises(ConfigError, match="it must be without the bucket's name") as raised:
        read(UPLOADS_S3_BUCKET_NAME="media", UPLOADS_S3_ENDPOINT_URL="https://media.s3.test")
    assert raised.value.setting == "UPLOADS_S3_ENDPOINT_URL"


def test_an_empty_setting_is_none() -> None:
    """What a deployment leaves empty is as if it were not set."""
    settings = read(UPLOADS_FOLDER="", UPLOADS_SPOOL_FOLDER="", UPLOADS_STORAGE="")
    assert settings == read()


def test_a_private_bucket_needs_a_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """URLs of a private bucket are signed for its region: the app is not made without, whether a
    setting or the SDK tells it, or another store has none."""

    def make(**config: Any) -> Flask:
        app = Flask("private")
        app.config.update(UPLOADS_S3_BUCKET_NAME="my-bucket", UPLOADS_PRIVATE=True, **config)
        Uploads(app)
        return app

    with pytest.raises(ConfigError, match="UPLOADS_S3_REGION is missing") as raised:
        make()
    assert raised.value.setting == "UPLOADS_S3_REGION"
    make(UPLOADS_S3_REGION="eu-north-1")
    make(UPLOADS_S3_ENDPOINT_URL="http://localhost:9000")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    # A client is shared by all of one configuration, and the one above has no region.
    make(UPLOADS_S3_ACCESS_KEY_ID="a", UPLOADS_S3_ACCESS_KEY_SECRET="b")


def test_the_folder_may_be_a_path(tmp_path: Any) -> None:
    """A pathlib path is a folder too."""
    assert read(UPLOADS_FOLDER=tmp_path).folder == str(tmp_path)


def test_the_secret_is_in_no_repr() -> None:
    """Settings that are logged or shown in a traceback do not tell the secret."""
    settings = read(UPLOADS_S3_ACCESS_KEY_ID="id", UPLOADS_S3_ACCESS_KEY_SECRET="hush")
    assert settings.s3_access_key_secret == "hush"
    assert "hush" not in repr(settings)


def test_a_whole_number_is_a_time() -> None:
    """Where seconds may have a fraction, they need not."""
    assert read(UPLOADS_BACKGROUND_RETRY_DELAY=2).background_retry_delay == 2.0


def test_init_app_refuses_wrong_settings() -> None:
    """The app's factory fails, not its first upload."""
    app = Flask("wrong")
    app.config["UPLOADS_STORAGE"] = "ftp"
    with pytest.raises(ConfigError, match="'ftp'"):
        Uploads(app)


def test_a_wrong_secret_is_not_told() -> None:
    """A secret of the wrong type is refused by its key alone: messages end up in logs."""
    with pytest.raises(ConfigError, match="UPLOADS_S3_ACCESS_KEY_SECRET is wrong") as raised:
        read(UPLOADS_S3_ACCESS_KEY_SECRET=b"hush")
    assert "hush" not in str(raised.value)


def test_messages_name_settings() -> None:
    """What a storage says of its arguments is told to an operator by the settings for them."""
    words = "pass region='eu-north-1', check endpoint_url; no ACLs: leave out acl"
    assert in_settings(words) == (
        "pass UPLOADS_S3_REGION='eu-north-1', check UPLOADS_S3_ENDPOINT_URL; no ACLs: leave out"
        " UPLOADS_S3_ACL"
    )
