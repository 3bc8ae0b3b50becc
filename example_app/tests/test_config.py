"""Settings: from where, and which are wrong."""

import re
from pathlib import Path

import pytest

from example_app import config, create_app
from example_app.config import SettingError, from_environment
from example_app.tests.support import MakeApp
from flask_thumbnails_s3 import ConfigError

README = Path(__file__).parents[1] / "README.md"


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
        ({"S3_ACCESS_KEY_ID": "key"}, "Set S3_ACCESS_KEY_ID and S3_ACCESS_KEY_SECRET together"),
    ],
)
def test_a_missing_setting_is_told_at_the_start(
    settings: dict[str, object], message: str, tmp_path: Path
) -> None:
    """What would fail in the middle of a request fails when the app is made, and is named."""
    with pytest.raises(SettingError, match=message):
        create_app({"DATA_FOLDER": str(tmp_path), **settings})


def test_an_unknown_mode_of_thumbnails_is_told_at_the_start(tmp_path: Path) -> None:
    """A mode that thumbnails do not have fails when the app is made, with those that they have."""
    settings = {"DATA_FOLDER": str(tmp_path), "THUMBNAIL_MODE": "eager"}
    with pytest.raises(ConfigError, match="THUMBNAIL_MODE = 'eager': must be 'inline', 'lazy'"):
        create_app(settings)


def test_the_readme_has_every_variable() -> None:
    """The table of the README lists exactly the variables that the app reads."""
    documented = re.findall(r"^\| `(\w+)` \|", README.read_text(), re.MULTILINE)
    assert sorted(documented) == sorted([*config._FLAGS, *config._TEXTS, "DATABASE_URL"])
