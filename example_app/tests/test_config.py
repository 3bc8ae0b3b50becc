"""Settings: from where, and which are wrong."""

import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.cli import FlaskGroup

from example_app import config, create_app
from example_app.config import SettingError, from_environment
from example_app.storage import uploads
from example_app.tests.support import MakeApp
from s3_saver import StoredFile
from s3_saver.settings import SHARED_SETTINGS, ConfigError, S3Settings, SettingsReader

README = Path(__file__).parents[1] / "README.md"
BUCKET = {"S3_BUCKET_NAME": "pictures"}


@pytest.mark.parametrize(
    ("value", "meaning"),
    [("1", True), ("true", True), ("Yes", True), ("0", False), ("off", False), ("False", False)],
)
def test_a_switch_is_on_or_off(value: str, meaning: bool) -> None:
    """The words that people write for on and off mean that."""
    assert from_environment({"USE_S3": value}) == {"USE_S3": meaning}


def test_another_word_for_a_switch_is_refused() -> None:
    """What is neither on nor off is an error that names the variable, its value and the fix."""
    with pytest.raises(ConfigError, match="USE_S3 must be True or False, .*, got 'maybe'"):
        from_environment({"USE_S3": "maybe"})


@pytest.mark.parametrize("value", ["soon", "0", "-1", "1.5"])
def test_seconds_are_a_number(value: str) -> None:
    """What is no number of seconds is refused, with the name."""
    with pytest.raises(ConfigError, match="THUMBNAIL_LEASE must be a whole number of seconds, 1"):
        from_environment({"THUMBNAIL_LEASE": value})


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_a_database_gets_our_driver(scheme: str) -> None:
    """The URL of a PostgreSQL, as hosters write it, works with the driver that we require."""
    read = from_environment({"DATABASE_URL": f"{scheme}://me:secret@db.example:5432/app"})
    assert read == {"SQLALCHEMY_DATABASE_URI": "postgresql+psycopg://me:secret@db.example:5432/app"}


def test_the_secret_is_kept(make_app: MakeApp, tmp_path: Path) -> None:
    """Without SECRET_KEY the first start makes one, for its owner's eyes only, and later starts
    keep to it: forms and sessions outlive them.
    """
    first, second = make_app({}), make_app({})
    file = tmp_path / "secret_key"
    assert first.secret_key == second.secret_key == file.read_text()
    assert len(file.read_text()) >= 64
    assert file.stat().st_mode & 0o077 == 0


def test_what_is_open_to_others_is_closed_to_them(make_app: MakeApp, tmp_path: Path) -> None:
    """A key and a database that others could read are their owner's after the next start."""
    secret = make_app({}).secret_key
    files = [tmp_path / "secret_key", tmp_path / "example_app.sqlite"]
    for file in files:
        file.chmod(0o644)
    assert make_app({}).secret_key == secret
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600, 0o600]


def test_the_database_is_its_owners(make_app: MakeApp, tmp_path: Path) -> None:
    """The database that the first start makes, and what SQLite puts next to it, can be read by
    their owner alone, wherever the file is and whatever the umask.
    """
    before = os.umask(0)
    try:
        make_app({})
        elsewhere = tmp_path / "elsewhere.sqlite"
        make_app({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{elsewhere}"})
    finally:
        os.umask(before)
    files = [tmp_path / "example_app.sqlite", elsewhere, *tmp_path.glob("*-journal")]
    for file in files:
        assert file.stat().st_mode & 0o777 == 0o600, file


S3 = {
    "USE_S3": True,
    "S3_BUCKET_NAME": "pictures",
    "S3_REGION": "eu-north-1",
    "S3_ENDPOINT_URL": "https://s3.example",
    "S3_URL_STYLE": "path",
    "S3_ACCESS_KEY_ID": "key",
    "S3_ACCESS_KEY_SECRET": "secret",
    "STATIC_ON_S3": True,
}


def test_s3_is_stated_once(make_app: MakeApp) -> None:
    """Where S3 is, and the keys for it, is set once, and every extension reads it."""
    app = make_app(S3)
    own = ("THUMBNAIL_S3_", "UPLOADS_S3_", "UPLOADS_USE", "FLASKS3_BUCKET", "AWS_")
    assert [key for key in app.config if key.startswith(own)] == []
    bucket = "https://s3.example/pictures/"
    with app.test_request_context():
        stored = StoredFile("a.svg", storage_type="s3", bucket_name="pictures")
        upload = stored.bind(uploads.storages).url
        assert app.url_for("static", filename="app.css") == f"{bucket}assets/static/app.css"
        drawing = app.jinja_env.filters["thumbnail"]("a.svg", "8x8", storage_type="s3")
    assert upload.startswith(f"{bucket}uploads/a.svg?")
    assert "Credential=key%2F" in upload
    assert drawing == upload  # of an SVG, the original's own URL


def test_a_bucket_is_used_unless_told_otherwise(make_app: MakeApp) -> None:
    """With a bucket's name new files go there; USE_S3 keeps them on disk all the same."""
    bucket = {"S3_BUCKET_NAME": "pictures", "S3_REGION": "eu-north-1"}
    for settings, words in (
        (bucket, "in the bucket pictures"),
        ({**bucket, "USE_S3": "0"}, "disk"),
    ):
        assert words in make_app(settings).test_client().get("/status").text


def test_an_empty_variable_is_absent() -> None:
    """A variable that is set to nothing, as compose files do, counts as not set."""
    assert from_environment({"S3_ENDPOINT_URL": "", "USE_S3": "", "DATABASE_URL": ""}) == {}


def test_the_environment_sets_the_app_up(
    make_app: MakeApp, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The app reads its settings from the environment, and those of its caller go over them."""
    environment.setenv("SECRET_KEY", "of the environment")
    environment.setenv("S3_REGION", "eu-north-1")
    environment.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/elsewhere.sqlite")

    app = make_app({"S3_REGION": "us-west-2"})

    assert app.secret_key == "of the environment"
    assert app.config["S3_REGION"] == "us-west-2"
    assert (tmp_path / "elsewhere.sqlite").exists()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"USE_S3": True}, "S3_BUCKET_NAME is missing: USE_S3 needs it"),
        ({"USE_S3": True, "S3_BUCKET_NAME": "pictures"}, "S3_REGION is missing: private URLs"),
        ({"S3_BUCKET_NAME": "b"}, "S3_BUCKET_NAME must be 3 to 63"),
        ({"S3_URL_STYLE": "short"}, "S3_URL_STYLE must be one of 'host', 'path', got 'short'"),
        ({"STATIC_ON_S3": True}, "S3_BUCKET_NAME is missing: STATIC_ON_S3 needs it"),
        ({"S3_ACCESS_KEY_ID": "key"}, "S3_ACCESS_KEY_SECRET is missing: S3_ACCESS_KEY_ID needs it"),
        ({"S3_ACCESS_KEY_SECRET": "secret"}, "S3_ACCESS_KEY_ID is missing: S3_ACCESS_KEY_SECRET"),
        ({"S3_BUCKETNAME": "pictures"}, "S3_BUCKETNAME is not a setting: did you mean S3_BUCKET"),
        ({**BUCKET, "S3_REGION": "Eu North"}, "S3_REGION must be a region such as"),
        (
            {**BUCKET, "S3_ENDPOINT_URL": "s3.example.com"},
            "S3_ENDPOINT_URL must be a URL that begins with 'http://'",
        ),
        (
            {"REDIS_URL": "localhost:6379"},
            "REDIS_URL must be a URL such as 'redis://localhost:6379/0', got 'localhost:6379'",
        ),
        ({"REDIS_URL": "http://me:hush@redis"}, "REDIS_URL must be .*, got '...@redis'"),
        (
            {"DATA_FOLDER": README},
            "DATA_FOLDER is '.*', where nothing can be written",
        ),
        (
            {"SECRET_KEY": "short"},
            "SECRET_KEY has 5 characters: use 16 or more, or",
        ),
        ({"ADMIN_PASSWORD": "short"}, "ADMIN_PASSWORD has 5 characters: use 12 or more, or"),
        (
            {"ADMIN_EMAIL": "nobody"},
            "ADMIN_EMAIL is 'nobody', which is no address",
        ),
    ],
)
def test_a_wrong_setting_is_told_at_the_start(
    settings: dict[str, object], message: str, tmp_path: Path
) -> None:
    """What would fail in the middle of a request fails when the app is made: the message has the
    setting's name, its value unless that is secret, and what to do.
    """
    with pytest.raises(SettingError, match=message):
        create_app({"DATA_FOLDER": str(tmp_path), **settings})


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("hushhush", "DATABASE_URL is no URL of a database: write it like 'postgresql://user:"),
        (
            "couch://me:hushhush@db.example/app",
            "DATABASE_URL is for 'couch', which SQLA",
        ),
        ("sqlite://", "DATABASE_URL is 'sqlite://', a database in memory"),
        ("sqlite:///:memory:", "DATABASE_URL is 'sqlite:///:memory:', a database in memory"),
        ("sqlite:///file:a?mode=memory&uri=true", "mode=memory&uri=true', a database in memory"),
        ("mssql+pymssql://me:hushhush@db.example/app", "whose driver .* is not installed: install"),
        (
            "sqlite:////nowhere/hushhush.sqlite",
            "cannot be opened .unable to",
        ),
    ],
)
def test_a_wrong_database_is_told_at_the_start(
    environment: pytest.MonkeyPatch, url: str, message: str, tmp_path: Path
) -> None:
    """An unknown database, a missing driver or a database that does not open is explained."""
    environment.setenv("DATABASE_URL", url)
    with pytest.raises(SettingError, match=message) as caught:
        create_app({"DATA_FOLDER": str(tmp_path)})
    assert "hushhush" not in str(caught.value) or url.startswith("sqlite")


def test_a_command_tells_a_wrong_setting(environment: pytest.MonkeyPatch) -> None:
    """A command of the app, too, ends with the message, and without a traceback."""
    environment.setenv("USE_S3", "maybe")
    flask = FlaskGroup(create_app=create_app)
    ended = CliRunner().invoke(flask, ["uploads", "check"])
    words = "true, false, 1, 0, yes, no, on, off"
    assert (ended.exit_code, ended.output) == (
        1,
        f"Error: USE_S3 must be True or False, or one of {words}, got 'maybe'\n",
    )


def test_an_unknown_mode_of_thumbnails_is_told_at_the_start(tmp_path: Path) -> None:
    """A mode that thumbnails do not have fails when the app is made, with those that they have."""
    settings = {"DATA_FOLDER": str(tmp_path), "THUMBNAIL_MODE": "eager"}
    with pytest.raises(SettingError, match="THUMBNAIL_MODE must be one of 'inline', 'lazy'"):
        create_app(settings)


def test_the_readme_has_every_variable() -> None:
    """The table of the README lists exactly the variables that the app reads."""
    documented = re.findall(r"^\| `(\w+)` \|", README.read_text(), re.MULTILINE)
    variables = [*config.SWITCHES, *config.SECONDS, *config.TEXTS, "DATABASE_URL"]
    assert sorted(documented) == sorted(variables)


def test_the_readme_has_the_defaults() -> None:
    """A default that the table of the README has as a value is that of the code."""
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", README.read_text(), re.MULTILINE)
    words = {"on": True, "off": False, "": None}
    shared = S3Settings.read(SettingsReader({}, own=""))
    for name, default in rows:
        documented = words.get(default, default.strip("`"))
        if default in words or (default.startswith("`") and default.endswith("`")):
            if name in config.DEFAULTS:
                value = config.DEFAULTS[name]
            elif name in SHARED_SETTINGS:
                value = getattr(shared, name.removeprefix("S3_").lower()) or None
            else:
                value = None
            assert str(value) == str(documented), name
