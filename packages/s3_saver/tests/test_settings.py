"""The reader of settings, and the S3 that an app states once."""

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from s3_saver import ArgumentError, LocalStorage, NotConfiguredError, S3Storage
from s3_saver.settings import SHARED_SETTINGS, ConfigError, S3Settings, SettingsReader
from s3_saver.testing import S3Server


class UploadsConfigError(ConfigError):
    """A package's own error."""


def reader_of(**config: Any) -> SettingsReader:
    """A reader of a package whose keys begin with UPLOADS_."""
    return SettingsReader(
        config,
        own="UPLOADS_S3_",
        shared=["UPLOADS_"],
        aliases={"S3_PRIVATE": ["UPLOADS_PRIVATE"]},
        error=UploadsConfigError,
    )


def from_environment(value: str) -> Any:
    """What Flask's from_prefixed_env makes of an environment variable."""
    try:
        return json.loads(value)
    except ValueError:
        return value


def test_a_package_s_own_key_goes_over_the_shared_one() -> None:
    """None is as good as not set, and an empty text is set to nothing."""
    assert reader_of(S3_REGION="eu").text("S3_REGION") == "eu"
    assert reader_of(S3_REGION="eu", UPLOADS_S3_REGION="us").text("S3_REGION") == "us"
    assert reader_of(S3_REGION="eu", UPLOADS_S3_REGION=None).text("S3_REGION") == "eu"
    assert reader_of(S3_REGION="eu", UPLOADS_S3_REGION="").text("S3_REGION") == ""
    assert reader_of().text("S3_REGION", "default") == "default"


def test_a_package_without_keys_of_its_own_reads_the_shared_ones_alone() -> None:
    """The app's own REGION is no setting of S3."""
    reader = SettingsReader({"REGION": "us", "S3_REGION": "eu"}, own="")
    assert reader.text("S3_REGION") == "eu"
    assert reader.keys_of("S3_REGION") == ("S3_REGION",)
    assert SettingsReader({"REGION": "us"}, own="").text("S3_REGION") == ""


def test_an_original_s_key_goes_over_the_shared_one() -> None:
    """And the package's own goes over that."""
    assert reader_of(UPLOADS_PRIVATE=False, S3_PRIVATE=True).switch("S3_PRIVATE", True) is False
    reader = reader_of(UPLOADS_S3_PRIVATE=True, UPLOADS_PRIVATE=False)
    assert reader.switch("S3_PRIVATE", False) is True
    assert reader.key_of("S3_PRIVATE") == "UPLOADS_S3_PRIVATE"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("media", "media"),
        ("12345", "12345"),
        ("0123", "0123"),
        ('"1e10"', "1e10"),
        ("", ""),
        ("None", "None"),
    ],
)
def test_texts_survive_the_environment(written: str, text: str) -> None:
    """An int's digits are what was written."""
    assert reader_of(S3_REGION=from_environment(written)).text("S3_REGION", "default") == text


@pytest.mark.parametrize("written", ["1e10", "1.5", "NaN", "Infinity", "true", "[1]", "{}"])
def test_what_is_no_text_any_more_is_refused(written: str) -> None:
    """The key id 1e10 arrives as a float, of which nobody knows how it was written."""
    with pytest.raises(UploadsConfigError, match="^S3_REGION must be a text, got ") as caught:
        reader_of(S3_REGION=from_environment(written)).text("S3_REGION")
    assert caught.value.setting == "S3_REGION"


@pytest.mark.parametrize(
    ("written", "is_on"),
    [
        *((word, True) for word in ("true", "True", "1", "yes", "YES", "on", '"true"')),
        *((word, False) for word in ("false", "False", "FALSE", "0", "no", "off", '"0"')),
    ],
)
def test_switches_survive_the_environment(written: str, is_on: bool) -> None:
    """False arrives as a text, which Python takes for true."""
    reader = reader_of(USE_S3=from_environment(written))
    assert reader.switch("USE_S3", not is_on) is is_on


@pytest.mark.parametrize("value", ["", "maybe", "2", 2, 1.0, [], "None"])
def test_no_other_value_is_a_switch(value: Any) -> None:
    """What is neither on nor off is refused, and not taken for either."""
    with pytest.raises(UploadsConfigError, match="^USE_S3 must be True or False, or one of true,"):
        reader_of(USE_S3=value).switch("USE_S3", True)


@pytest.mark.parametrize(
    ("value", "number"),
    [(7, 7), ("7", 7), (1e6, 1_000_000), ("-3", -3), (timedelta(minutes=1), 60)],
)
def test_whole_numbers_are_read(value: Any, number: int) -> None:
    """Of a text too, as os.environ has it, and of a timedelta."""
    assert reader_of(UPLOADS_MAX=value).integer("UPLOADS_MAX", 0) == number


@pytest.mark.parametrize(
    "value", [True, "0600", "1e3", "1_000", " 7", "٣", 1.5, float("nan"), "", [], "9" * 5000]
)
def test_no_other_value_is_a_whole_number(value: Any) -> None:
    """Nor True, nor digits whose meaning is a guess."""
    with pytest.raises(UploadsConfigError, match="^UPLOADS_MAX must be a whole number, got "):
        reader_of(UPLOADS_MAX=value).integer("UPLOADS_MAX", 0)


def test_numbers_have_limits_and_units_in_their_errors() -> None:
    """The error says the range and the unit."""
    reader = reader_of(UPLOADS_URL_EXPIRES=0, UPLOADS_DELAY=float("nan"))
    with pytest.raises(
        ConfigError,
        match="^UPLOADS_URL_EXPIRES must be a whole number of seconds, 1 to 604,800, got 0$",
    ):
        reader.seconds("UPLOADS_URL_EXPIRES", 60, maximum=604_800)
    with pytest.raises(ConfigError, match="must be a number, 0 or more, got nan"):
        reader.number("UPLOADS_DELAY", 1, minimum=0)
    assert reader_of(UPLOADS_DELAY=0.5).number("UPLOADS_DELAY", 1, minimum=0) == 0.5
    assert reader_of(UPLOADS_DELAY="0.5").number("UPLOADS_DELAY", 1) == 0.5
    assert reader_of(UPLOADS_DELAY="-3").number("UPLOADS_DELAY", 1) == -3
    for value in (float("inf"), 10**400, "9" * 400, "1e3", " 1", "", True, "nan", "٣"):
        with pytest.raises(ConfigError, match="UPLOADS_DELAY must be a number, got"):
            reader_of(UPLOADS_DELAY=value).number("UPLOADS_DELAY", 1)
    assert reader_of(UPLOADS_T=timedelta(days=1)).seconds("UPLOADS_T", 60) == 86_400
    with pytest.raises(ConfigError, match="whole number of seconds"):
        reader_of(UPLOADS_T=timedelta(milliseconds=1)).seconds("UPLOADS_T", 60)


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        (["a", "b"], ("a", "b")),
        (("a",), ("a",)),
        ("a", ("a",)),
        ("a, b,", ("a", "b")),
        ("", ()),
        (12345, ("12345",)),
        (None, ("default",)),
    ],
)
def test_a_text_with_commas_is_a_list(value: Any, texts: tuple[str, ...]) -> None:
    """One text is one item, or several with commas, and never its letters."""
    reader = reader_of(S3_ALLOWED_BUCKETS=value)
    assert reader.texts("S3_ALLOWED_BUCKETS", ["default"]) == texts


@pytest.mark.parametrize("value", [{"a": 1}, [1.5], [None], 1.5, True])
def test_no_other_value_is_a_list(value: Any) -> None:
    """Each item is a text, too."""
    with pytest.raises(ConfigError, match="^S3_ALLOWED_BUCKETS must be a list of texts"):
        reader_of(S3_ALLOWED_BUCKETS=value).texts("S3_ALLOWED_BUCKETS")


def test_folders_are_relative_to_the_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the process was started is nobody's folder."""
    monkeypatch.chdir(tmp_path)
    for value in ("data/up", Path("data/up"), "/srv/app/data/up", "data/x/../up"):
        reader = reader_of(UPLOADS_FOLDER=value)
        assert reader.path("UPLOADS_FOLDER", root="/srv/app") == "/srv/app/data/up"
    assert reader_of().path("UPLOADS_FOLDER", "up", root="/srv/app") == "/srv/app/up"
    assert reader_of().path("UPLOADS_FOLDER", root="/srv/app") == ""
    with pytest.raises(ConfigError, match="^UPLOADS_FOLDER must be a path"):
        reader_of(UPLOADS_FOLDER=b"up").path("UPLOADS_FOLDER", root="/srv/app")


def test_a_choice_names_what_there_is() -> None:
    """And the value that is none of it."""
    assert reader_of().choice("S3_URL_STYLE", ("host", "path"), "host") == "host"
    with pytest.raises(ConfigError, match="S3_URL_STYLE must be one of 'host', 'path', got 'p'"):
        reader_of(S3_URL_STYLE="p").choice("S3_URL_STYLE", ("host", "path"), "host")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("S3_ACCESS_KEY_SECRET", ["hush"]),
        ("S3_ACCESS_KEY_ID", 1.5e10),
        ("S3_CLOUDFRONT_PRIVATE_KEY", b"hush"),
        ("UPLOADS_S3_ACCESS_KEY_SECRET", ["hush"]),
        ("S3_ENDPOINT_URL", ["http://user:hush@host"]),
    ],
)
def test_no_secret_is_shown(key: str, value: Any) -> None:
    """The error says of which type the value is."""
    with pytest.raises(ConfigError, match=f"{key} must be a text, got a value of type") as caught:
        reader_of(**{key: value}).text(key)
    assert "hush" not in str(caught.value)
    assert "15000000000" not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("UPLOADS_S3_BUCKET", "did you mean UPLOADS_S3_BUCKET_NAME"),
        ("UPLOADS_S3_REGOIN", "did you mean UPLOADS_S3_REGION"),
        ("UPLOADS_S3_SOMETHING", "there are UPLOADS_S3_ACCESS_KEY_ID, UPLOADS_S3_ACCESS_KEY_SEC"),
        ("S3_BUCKET", "did you mean S3_BUCKET_NAME"),
        ("S3_REGION_NAME", "did you mean S3_REGION"),
        ("S3_ENDPOINT", "did you mean S3_ENDPOINT_URL"),
        ("S3_REGOIN", "did you mean S3_REGION"),
        ("S3_SECRET_ACCESS_KEY", "did you mean S3_ACCESS_KEY_SECRET"),
        ("S3_ACCESS_KEY", "did you mean S3_ACCESS_KEY_ID"),
        ("S3_ALLOWED_BUCKET", "did you mean S3_ALLOWED_BUCKETS"),
        ("UPLOADS_ROOT", "did you mean UPLOADS_FOLDER"),
        ("UPLOADS_FODLER", "did you mean UPLOADS_FOLDER"),
    ],
)
def test_typing_errors_in_keys_are_found(key: str, message: str) -> None:
    """A setting that nobody reads would be silent: files would go to disk, or be public."""
    reader = reader_of(**{key: "x"})
    reader.path("UPLOADS_FOLDER", root="/")
    S3Settings.read(reader)
    with pytest.raises(UploadsConfigError, match=f"^{key} is not a setting: {message}") as caught:
        reader.check_keys()
    assert caught.value.setting == key


@pytest.mark.parametrize(
    "key",
    [
        "UPLOADS_RELATIVE_PATH",
        "UPLOADS_PER_PAGE",
        "UPLOADS_FOLDER_BACKUP",
        "S3_BUCKET_POLICY",
        "S3_BACKUPS",
        "S3_URL",
        "S3_UPLOAD_TIMEOUT",
        "SECRET_KEY",
        "THUMBNAIL_S3_BUCKET",
        *SHARED_SETTINGS,
    ],
)
def test_an_app_s_own_keys_are_its_own(key: str) -> None:
    """Also those that begin like ours, and those of other packages."""
    reader = reader_of(**{key: "x"})
    reader.path("UPLOADS_FOLDER", root="/")
    reader.check_keys()


def test_a_key_that_is_like_one_which_is_set_is_the_app_s_own() -> None:
    """Who sets both has not mistyped the one."""
    reader = reader_of(UPLOADS_FOLDER="/a", UPLOADS_PATH="/b")
    reader.path("UPLOADS_FOLDER", root="/")
    reader.check_keys()


def test_keys_that_are_read_elsewhere_can_be_named() -> None:
    """For a setting that is only read by a command."""
    reader = reader_of(UPLOADS_S3_LIFECYCLE=True)
    reader.check_keys(["UPLOADS_S3_LIFECYCLE"])


def test_wrong_arguments_of_a_call_become_settings() -> None:
    """From the error's data: words in a value are not replaced, nor are other arguments'."""
    reader = reader_of(UPLOADS_S3_ACL="acl\n")
    error = ArgumentError("acl", "acl\n", "a str without control characters", ": remove them")
    blamed = reader.blame(error, {"acl": "S3_ACL"})
    assert isinstance(blamed, UploadsConfigError)
    assert blamed.setting == "UPLOADS_S3_ACL"
    assert str(blamed) == (
        "UPLOADS_S3_ACL must be a str without control characters, got 'acl\\n': remove them"
    )
    assert str(reader.blame(error, {})) == str(error)


def test_a_reader_of_text_is_refused() -> None:
    """A str in place of a list would be a prefix for each letter."""
    with pytest.raises(ArgumentError, match="shared must be a list of str, got 'UPLOADS_'"):
        SettingsReader({}, own="UPLOADS_S3_", shared="UPLOADS_")
    with pytest.raises(ArgumentError, match="config must be a mapping such as app.config"):
        SettingsReader([], own="UPLOADS_S3_")  # type: ignore[arg-type]


def test_a_bucket_means_s3_unless_use_s3_is_off(tmp_path: Path) -> None:
    """Off, new files go to disk, and those of the bucket are found."""
    on = S3Settings.read(reader_of(S3_BUCKET_NAME="media", S3_ALLOWED_BUCKETS="old"))
    off = S3Settings.read(reader_of(S3_BUCKET_NAME="media", USE_S3="no"))
    none = S3Settings.read(reader_of())
    assert (on.storage_type, off.storage_type, none.storage_type) == ("s3", "", "")
    storages = on.storages(tmp_path, prefix="up")
    for name in ("media", "old"):
        found = storages.find("s3", name)
        assert isinstance(found, S3Storage)
        assert (found.bucket_name, found.prefix) == (name, "up/")
    assert isinstance(off.storages(tmp_path).current, LocalStorage)
    assert isinstance(off.storages(tmp_path).find("s3", "media"), S3Storage)


def test_storages_name_the_settings_that_an_app_has_set(tmp_path: Path) -> None:
    """A row's foreign bucket is refused in the words of app.config."""
    settings = S3Settings.read(reader_of(S3_BUCKET_NAME="media", UPLOADS_S3_ALLOWED_BUCKETS="old"))
    with pytest.raises(NotConfiguredError, match="add it to UPLOADS_S3_ALLOWED_BUCKETS"):
        settings.storages(tmp_path).find("s3", "payroll")
    with pytest.raises(NotConfiguredError, match="set UPLOADS_FOLDER"):
        settings.storages(None, folder_setting="UPLOADS_FOLDER").find("", "")
    with pytest.raises(NotConfiguredError, match="set S3_BUCKET_NAME or S3_ALLOWED_BUCKETS"):
        S3Settings.read(reader_of()).storages(tmp_path).find("s3", "media")


def test_headers_of_new_files_are_settings_too(
    s3_server: S3Server, s3_bucket: str, tmp_path: Path
) -> None:
    """A package's own go over the shared ones; a call's over both."""
    config = {
        "S3_BUCKET_NAME": s3_bucket,
        "S3_REGION": "us-east-1",
        "S3_ENDPOINT_URL": s3_server.endpoint_url,
        "S3_ACCESS_KEY_ID": s3_server.access_key_id,
        "S3_ACCESS_KEY_SECRET": s3_server.access_key_secret,
        "S3_CACHE_CONTROL": "no-store",
        "UPLOADS_S3_CACHE_CONTROL": "max-age=60",
        "S3_TAGS": {"owner": "ann", "year": 2026},
    }
    storages = S3Settings.read(reader_of(**config)).storages(tmp_path)
    storages.save("a", io.BytesIO(b"x"))
    storages.save("b", io.BytesIO(b"x"), cache_control="immutable")
    storage = storages.current
    assert isinstance(storage, S3Storage)
    head = storage.client.head_object(Bucket=s3_bucket, Key="a")
    assert head["CacheControl"] == "max-age=60"
    tags = storage.client.get_object_tagging(Bucket=s3_bucket, Key="a")["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"owner": "ann", "year": "2026"}
    head = storage.client.head_object(Bucket=s3_bucket, Key="b")
    assert head["CacheControl"] == "immutable"


def test_settings_are_private_unless_an_app_or_a_package_says_otherwise() -> None:
    """Static assets are public by the package's default."""
    assert S3Settings.read(reader_of()).private is True
    assert S3Settings.read(reader_of(), private=False).private is False
    assert S3Settings.read(reader_of(S3_PRIVATE="no")).private is False


def test_a_cdn_stands_in_front_of_one_bucket() -> None:
    """No other bucket that rows may name is read by way of it; private files only with a key."""
    cdn = {"S3_CDN_DOMAIN": "cdn.example.com"}
    settings = S3Settings.read(reader_of(S3_BUCKET_NAME="media", S3_ALLOWED_BUCKETS="old", **cdn))
    assert (settings.cdn_of("media"), settings.cdn_of("old")) == ("cdn.example.com", None)
    assert settings.cloudfront is None
    keys = {"S3_CLOUDFRONT_KEY_ID": "K1", "S3_CLOUDFRONT_PRIVATE_KEY": "PEM"}
    assert S3Settings.read(reader_of(**keys, **cdn)).cloudfront == ("K1", "PEM")
    without = S3Settings.read(reader_of(**keys))
    assert (without.cloudfront, without.cdn_of("media")) == (None, None)


def test_secrets_are_not_in_the_repr() -> None:
    """Logs may show settings."""
    settings = S3Settings.read(
        reader_of(
            S3_ACCESS_KEY_ID="id",
            S3_ACCESS_KEY_SECRET="hush",
            S3_CLOUDFRONT_KEY_ID="id",
            S3_CLOUDFRONT_PRIVATE_KEY="hush",
        )
    )
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(
    ("config", "setting", "message"),
    [
        ({"USE_S3": True}, "S3_BUCKET_NAME", "S3_BUCKET_NAME is missing: USE_S3 needs it"),
        ({"S3_BUCKET_NAME": "s3://media"}, "S3_BUCKET_NAME", "S3_BUCKET_NAME must be a bucket's"),
        (
            {"UPLOADS_S3_ENDPOINT_URL": "user:hush@localhost:9000"},
            "UPLOADS_S3_ENDPOINT_URL",
            "UPLOADS_S3_ENDPOINT_URL must be a URL that begins with .*, got '...@localhost:9000'",
        ),
        ({"S3_RACES": "win"}, "S3_RACES", "S3_RACES must be one of 'warn', 'allow', 'refuse'"),
        ({"S3_TAGS": ["a"]}, "S3_TAGS", "S3_TAGS must be a dict of texts such as"),
        ({"S3_TAGS": {"": "a"}}, "S3_TAGS", "S3_TAGS must be a dict whose keys are not empty"),
        (
            {"UPLOADS_S3_CACHE_CONTROL": "a\r\nb"},
            "UPLOADS_S3_CACHE_CONTROL",
            "UPLOADS_S3_CACHE_CONTROL must be a str without control characters",
        ),
        ({"S3_ACL": "private\n"}, "S3_ACL", "S3_ACL must be a str without control characters"),
        ({"S3_ALLOWED_BUCKETS": ["a/b"]}, "S3_ALLOWED_BUCKETS", "must be names of buckets"),
        (
            {"S3_ACCESS_KEY_ID": "id"},
            "S3_ACCESS_KEY_SECRET",
            "S3_ACCESS_KEY_SECRET is missing: S3_ACCESS_KEY_ID needs it",
        ),
        (
            {"S3_ACCESS_KEY_SECRET": "hush"},
            "S3_ACCESS_KEY_ID",
            "S3_ACCESS_KEY_ID is missing: S3_ACCESS_KEY_SECRET needs it",
        ),
        (
            {
                "UPLOADS_S3_ACCESS_KEY_ID": "own",
                "S3_ACCESS_KEY_ID": "id",
                "S3_ACCESS_KEY_SECRET": "hush",
            },
            "UPLOADS_S3_ACCESS_KEY_SECRET",
            "UPLOADS_S3_ACCESS_KEY_SECRET is missing: .* are of two pairs",
        ),
        (
            {"S3_CLOUDFRONT_KEY_ID": "id"},
            "S3_CLOUDFRONT_PRIVATE_KEY",
            "S3_CLOUDFRONT_PRIVATE_KEY is missing",
        ),
    ],
)
def test_wrong_settings_of_s3_are_found_at_the_start(
    config: dict[str, Any], setting: str, message: str
) -> None:
    """By the key that the app has set, without a secret, and without asking S3."""
    with pytest.raises(UploadsConfigError, match=message) as caught:
        S3Settings.read(reader_of(**config))
    assert caught.value.setting == setting
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "tags"),
    [("", {}), (None, {}), ({"owner": "ann", "n": 1}, {"owner": "ann", "n": "1"})],
)
def test_an_empty_text_sets_a_mapping_to_nothing(value: Any, tags: dict[str, str]) -> None:
    """As it does a list: a variable of the environment that is empty."""
    assert reader_of(S3_TAGS=value).mapping("S3_TAGS") == tags


@pytest.mark.parametrize("value", ["owner=ann", [1], 5, True, {1: "a"}, {"a": 1.5}])
def test_no_other_value_is_a_mapping(value: Any) -> None:
    """The error shows what one looks like."""
    with pytest.raises(ConfigError, match="^S3_TAGS must be a dict of texts such as"):
        reader_of(S3_TAGS=value).mapping("S3_TAGS")
