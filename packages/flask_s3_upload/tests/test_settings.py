"""Settings: what is read, and what is said about what cannot be."""

from typing import Any

import pytest
from flask import Flask

from flask_s3_upload import ConfigError, Uploads
from flask_s3_upload._own_settings import DEFAULTS
from flask_s3_upload._settings import Settings
from s3_saver import S3SaverError


def read(**config: Any) -> Settings:
    app = Flask("settings", instance_path="/instance")
    app.config.update(config)
    return Settings.from_app(app)


def test_without_settings_files_are_on_disk() -> None:
    """An app that sets nothing keeps files in its instance folder, and they are private."""
    settings = read()
    assert (settings.s3.storage_type, settings.folder) == ("", "/instance/uploads")
    assert settings.private


def test_folders_are_relative_to_the_app() -> None:
    """A folder that is no whole path is in the instance folder, wherever the process started."""
    settings = read(UPLOADS_FOLDER="files", UPLOADS_SPOOL_FOLDER="spool")
    assert (settings.folder, settings.spool_folder) == ("/instance/files", "/instance/spool")


def test_a_bucket_is_enough() -> None:
    """With a bucket's name files are on S3, unless USE_S3, or UPLOADS_USE_S3, says otherwise."""
    assert read(UPLOADS_S3_BUCKET_NAME="bucket").s3.storage_type == "s3"
    for key in ("USE_S3", "UPLOADS_USE_S3"):
        assert read(UPLOADS_S3_BUCKET_NAME="bucket", **{key: False}).s3.storage_type == ""


def test_shared_settings_are_the_default() -> None:
    """What an app states once counts here, too; the package's own key goes over it."""
    shared = {"S3_BUCKET_NAME": "all", "S3_REGION": "eu-north-1", "S3_PRIVATE": False}
    settings = read(**shared)
    assert (settings.s3.bucket_name, settings.s3.region) == ("all", "eu-north-1")
    assert not settings.private
    settings = read(**shared, UPLOADS_S3_BUCKET_NAME="mine", UPLOADS_PRIVATE=True)
    assert (settings.s3.bucket_name, settings.s3.region) == ("mine", "eu-north-1")
    assert settings.private


def test_environment_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """What from_prefixed_env makes of variables is read as it was meant: digits as a text, words as
    switches; what became a float is refused by name."""
    for key, value in {
        "UPLOADS_S3_BUCKET_NAME": "12345",
        "UPLOADS_PRIVATE": "False",
        "UPLOADS_URL_EXPIRES": "60",
        "UPLOADS_BACKGROUND_RETRY_DELAY": "0.5",
        "UPLOADS_S3_TAGS": '{"owner": "ann"}',
        "UPLOADS_S3_ALLOWED_BUCKETS": "old-one, older-one",
    }.items():
        monkeypatch.setenv(f"FLASK_{key}", value)
    app = Flask("environment")
    app.config.from_prefixed_env()
    settings = Settings.from_app(app)
    assert (settings.s3.bucket_name, settings.private, settings.url_expires) == ("12345", False, 60)
    assert settings.background_retry_delay == 0.5
    assert settings.s3.tags == {"owner": "ann"}
    assert settings.s3.allowed_buckets == ("old-one", "older-one")
    app.config["UPLOADS_S3_ACCESS_KEY_ID"] = 1e10
    with pytest.raises(ConfigError, match="UPLOADS_S3_ACCESS_KEY_ID") as raised:
        Settings.from_app(app)
    assert raised.value.setting == "UPLOADS_S3_ACCESS_KEY_ID"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("UPLOADS_USE_S3", "gcs"),
        ("UPLOADS_FOLDER", 3.5),
        ("UPLOADS_URL_PREFIX", "uploads"),
        ("UPLOADS_URL_PREFIX", "/"),
        ("UPLOADS_URL_PREFIX", "/<name>"),
        ("UPLOADS_DOMAIN", "example.com"),
        ("UPLOADS_PRIVATE", "perhaps"),
        ("UPLOADS_URL_EXPIRES", 0),
        ("UPLOADS_URL_EXPIRES", "an hour"),
        ("UPLOADS_RECEIVE_TIMEOUT", 0),
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
        ("UPLOADS_BACKGROUND_RETRY_DELAY", "soon"),
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
        ({"USE_S3": True}, "S3_BUCKET_NAME is missing"),
        ({"UPLOADS_S3_ACCESS_KEY_ID": "a"}, "S3_ACCESS_KEY_SECRET is missing"),
        ({"UPLOADS_S3_CDN_DOMAIN": "a.b"}, "no use while files are private"),
        ({"UPLOADS_S3_BUCKET": "my-bucket"}, "did you mean UPLOADS_S3_BUCKET_NAME?"),
        ({"UPLOADS_S3_SECRET": "hush"}, "UPLOADS_S3_ACCESS_KEY_SECRET"),
        ({"UPLOADS_S3_PRIVATE": False}, "set UPLOADS_PRIVATE"),
        ({"UPLOADS_S3_CLOUDFRONT_KEY_ID": "K1"}, "not a setting|needs it"),
        ({"S3_BUCKET": "my-bucket"}, "did you mean S3_BUCKET_NAME?"),
        ({"UPLOADS_FODLER": "/srv"}, "did you mean UPLOADS_FOLDER?"),
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
    with pytest.raises(
        ConfigError, match="must be without the bucket's name|of the store"
    ) as raised:
        read(UPLOADS_S3_BUCKET_NAME="media", UPLOADS_S3_ENDPOINT_URL="https://media.s3.test")
    assert raised.value.setting == "UPLOADS_S3_ENDPOINT_URL"


def test_an_empty_setting_is_none() -> None:
    """What a deployment leaves empty is as if it were not set."""
    settings = read(UPLOADS_FOLDER="", UPLOADS_SPOOL_FOLDER="", UPLOADS_S3_BUCKET_NAME="")
    assert settings == read()


def test_a_private_bucket_needs_a_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """URLs of a private bucket are signed for its region: the app is not made without, whether a
    setting or the SDK knows it, or another store has none."""

    def make(**config: Any) -> Flask:
        app = Flask("private")
        app.config.update(UPLOADS_S3_BUCKET_NAME="my-bucket", UPLOADS_PRIVATE=True, **config)
        Uploads(app)
        return app

    with pytest.raises(ConfigError, match="S3_REGION is missing") as raised:
        make()
    assert raised.value.setting == "S3_REGION"
    make(UPLOADS_S3_REGION="eu-north-1")
    make(UPLOADS_S3_ENDPOINT_URL="http://localhost:9000")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    # A client is shared by all of one configuration, and the one above has no region.
    make(UPLOADS_S3_ACCESS_KEY_ID="a", UPLOADS_S3_ACCESS_KEY_SECRET="b")


def test_the_folder_may_be_a_path(tmp_path: Any) -> None:
    """A pathlib path is a folder too."""
    assert read(UPLOADS_FOLDER=tmp_path).folder == str(tmp_path)


def test_the_secret_is_in_no_repr() -> None:
    """Settings that are logged or shown in a traceback do not show the secret."""
    settings = read(UPLOADS_S3_ACCESS_KEY_ID="id", UPLOADS_S3_ACCESS_KEY_SECRET="hush")
    assert settings.s3.access_key_secret == "hush"
    assert "hush" not in repr(settings)


def test_a_whole_number_is_a_time() -> None:
    """Where seconds may have a fraction, they need not."""
    assert read(UPLOADS_BACKGROUND_RETRY_DELAY=2).background_retry_delay == 2.0


def test_init_app_refuses_wrong_settings() -> None:
    """The app's factory fails, not its first upload."""
    app = Flask("wrong")
    app.config["UPLOADS_DOMAIN"] = "ftp"
    with pytest.raises(ConfigError, match="'ftp'"):
        Uploads(app)


def test_a_wrong_secret_is_not_told() -> None:
    """A secret of the wrong type is refused by its key alone: messages end up in logs."""
    with pytest.raises(ConfigError, match="UPLOADS_S3_ACCESS_KEY_SECRET must be") as raised:
        read(UPLOADS_S3_ACCESS_KEY_SECRET=b"hush")
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("UPLOADS_DOMAIN", "https://user:PW-SECRET@files.example.com:notaport"),
        ("UPLOADS_DOMAIN", "user:PW-SECRET@files.example.com"),
        ("S3_ENDPOINT_URL", "http://user:PW-SECRET@s3.example.com"),
        ("UPLOADS_S3_ENDPOINT_URL", "http://user:PW-SECRET@s3.example.com"),
        ("S3_PUBLIC_ENDPOINT_URL", "http://user:PW-SECRET@s3.example.com"),
        ("S3_CDN_DOMAIN", "user:PW-SECRET@cdn.example.com"),
    ],
)
def test_no_message_shows_a_password(setting: str, value: str) -> None:
    """Whatever is wrong with an address that has one, neither the words nor their cause show it."""
    app = Flask(__name__)
    app.config.update({"S3_BUCKET_NAME": "media", "S3_REGION": "eu-north-1", setting: value})
    with pytest.raises(ConfigError) as raised:
        Uploads(app)
    error: BaseException | None = raised.value
    while error:
        assert "PW-SECRET" not in f"{error!r}{error}"
        error = error.__cause__ or error.__context__


def test_messages_name_settings() -> None:
    """What a storage says of its arguments is reported to an operator by the settings for them,
    made of the error's data: a file's name that is an argument's stays as it is."""
    settings = read(UPLOADS_S3_REGION="eu-north-1")
    error = S3SaverError("there is no bucket static/acl; check endpoint_url and the network")
    assert settings.in_settings(error) == str(error)
    error.argument, error.problem = "region", "the bucket 'region' is elsewhere"
    assert (
        settings.in_settings(error) == "the bucket 'region' is elsewhere; check UPLOADS_S3_REGION"
    )


def test_the_app_s_own_settings_are_left_alone() -> None:
    """An app has keys of its own that begin like ours, as the blog post's did."""
    read(UPLOADS_RELATIVE_PATH="uploads/", S3_SOMETHING_OF_MY_OWN=1)


def test_every_default_is_what_is_read() -> None:
    """The table of defaults says what an app without settings has."""
    settings = read()
    for key, default in DEFAULTS.items():
        name = key.removeprefix("UPLOADS_").lower()
        if hasattr(settings, name) and default is not None:
            assert getattr(settings, name) == default, key
