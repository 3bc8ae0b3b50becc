"""Settings: from where, and which are wrong."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.cli import FlaskGroup

from example_app import config, create_app
from example_app.config import SettingError, from_environment
from example_app.tests.support import MakeApp
from flask_thumbnails_s3 import ConfigError

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
    with pytest.raises(SettingError, match="USE_S3 is 'maybe', neither on nor off: set it to 1 or"):
        from_environment({"USE_S3": "maybe"})


@pytest.mark.parametrize("value", ["soon", "0", "-1", "1.5"])
def test_seconds_are_a_number(value: str) -> None:
    """What is no number of seconds is refused, with the name."""
    with pytest.raises(SettingError, match="THUMBNAIL_LEASE is '.*': set it to a number of sec"):
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


def test_one_setting_means_the_same_everywhere(make_app: MakeApp) -> None:
    """Where S3 is, and the keys for it, is said once, and every extension hears it."""
    app = make_app(
        {
            "USE_S3": True,
            "S3_BUCKET_NAME": "pictures",
            "S3_REGION": "eu-north-1",
            "S3_ENDPOINT_URL": "https://s3.example",
            "S3_URL_STYLE": "path",
            "S3_ACCESS_KEY_ID": "key",
            "S3_ACCESS_KEY_SECRET": "secret",
        }
    )
    prefixes = ("S3_", "THUMBNAIL_S3_", "UPLOADS_S3_")
    for name in ("BUCKET_NAME", "REGION", "ENDPOINT_URL", "URL_STYLE", "ACCESS_KEY_ID"):
        assert len({app.config[prefix + name] for prefix in prefixes}) == 1
    for name in ("BUCKET_NAME", "REGION", "ENDPOINT_URL", "URL_STYLE"):
        assert app.config[f"FLASKS3_{name}"] == app.config[f"S3_{name}"]
    assert app.config["AWS_SECRET_ACCESS_KEY"] == app.config["S3_ACCESS_KEY_SECRET"]


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
        ({"USE_S3": True}, "S3_BUCKET_NAME is not set"),
        ({"USE_S3": True, "S3_BUCKET_NAME": "pictures"}, "S3_REGION is not set"),
        ({"S3_BUCKET_NAME": "b"}, "S3_BUCKET_NAME must be 3 to 63"),
        ({"S3_URL_STYLE": "short"}, "S3_URL_STYLE is 'short': set it to 'host', or to 'path'"),
        ({"STATIC_ON_S3": True}, "STATIC_ON_S3 is on, but S3_BUCKET_NAME is not set"),
        ({"S3_ACCESS_KEY_ID": "key"}, "S3_ACCESS_KEY_SECRET is not set: set S3_ACCESS_KEY_ID and"),
        ({"S3_ACCESS_KEY_SECRET": "secret"}, "S3_ACCESS_KEY_ID is not set: set"),
        ({**BUCKET, "S3_REGION": "Eu North"}, "S3_REGION must be lowercase letters"),
        (
            {**BUCKET, "S3_ENDPOINT_URL": "s3.example.com"},
            "S3_ENDPOINT_URL must be '",
        ),
        (
            {"REDIS_URL": "localhost:6379"},
            "REDIS_URL is 'localhost:6379': set it to such as",
        ),
        (
            {"DATA_FOLDER": README},
            "DATA_FOLDER is '.*', where nothing can be written",
        ),
        (
            {"SECRET_KEY": "short"},
            "SECRET_KEY has 5 characters: give it 16 or more, or",
        ),
        ({"ADMIN_PASSWORD": "short"}, "ADMIN_PASSWORD has 5 characters: give it 12 or more, or"),
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
    """A database that is no database, has no driver or does not open is told in words."""
    environment.setenv("DATABASE_URL", url)
    with pytest.raises(SettingError, match=message) as told:
        create_app({"DATA_FOLDER": str(tmp_path)})
    assert "hushhush" not in str(told.value) or url.startswith("sqlite")


def test_a_command_tells_a_wrong_setting(environment: pytest.MonkeyPatch) -> None:
    """A command of the app, too, ends with the message, and without a traceback."""
    environment.setenv("USE_S3", "maybe")
    flask = FlaskGroup(create_app=create_app)
    ended = CliRunner().invoke(flask, ["uploads", "check"])
    assert (ended.exit_code, ended.output) == (
        1,
        "Error: USE_S3 is 'maybe', neither on nor off: set it to 1 or 0.\n",
    )


def test_an_unknown_mode_of_thumbnails_is_told_at_the_start(tmp_path: Path) -> None:
    """A mode that thumbnails do not have fails when the app is made, with those that they have."""
    settings = {"DATA_FOLDER": str(tmp_path), "THUMBNAIL_MODE": "eager"}
    with pytest.raises(ConfigError, match="THUMBNAIL_MODE must be one of 'inline', 'lazy'"):
        create_app(settings)


def test_the_readme_has_every_variable() -> None:
    """The table of the README lists exactly the variables that the app reads."""
    documented = re.findall(r"^\| `(\w+)` \|", README.read_text(), re.MULTILINE)
    variables = [*config._FLAGS, *config._SECONDS, *config._TEXTS, "DATABASE_URL"]
    assert sorted(documented) == sorted(variables)


def test_the_readme_has_the_defaults() -> None:
    """Where the table of the README gives a default as a value, it is that of the code."""
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", README.read_text(), re.MULTILINE)
    words = {"on": True, "off": False, "": None}
    for name, default in rows:
        told = words.get(default, default.strip("`"))
        if default in words or (default.startswith("`") and default.endswith("`")):
            assert str(config.DEFAULTS[name]) == str(told), name
