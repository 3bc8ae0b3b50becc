"""What the package shows to the outside, and what importing it costs."""

import pickle
import subprocess
import sys
from importlib.resources import files

import pytest

import s3_saver
import s3_saver.settings
import s3_saver.testing


def test_public_names_are_pinned() -> None:
    """The package's root offers these names and no others."""
    assert s3_saver.__all__ == [
        "PENDING_FOLDER",
        "AccessDeniedError",
        "AlreadyExistsError",
        "AnnouncedPrefix",
        "ArgumentError",
        "ArgumentTypeError",
        "BucketNotFoundError",
        "ConfigError",
        "CopyReport",
        "FileInfo",
        "FileTransaction",
        "LocalStorage",
        "NotConfiguredError",
        "NotFoundError",
        "ObjectOptions",
        "PrefixRegistry",
        "ReplacedError",
        "S3File",
        "S3Saver",
        "S3SaverError",
        "S3Storage",
        "Storage",
        "StorageUnavailableError",
        "Storages",
        "StoredFile",
        "UnboundError",
        "UnsafeNameError",
        "check_name",
        "content_etag",
        "copy_file",
        "copy_files",
        "ensure_storage",
        "folder_in",
        "format_size",
        "guess_content_type",
        "location_of",
        "parse_age",
    ]
    assert s3_saver.testing.__all__ == [
        "MemoryStorage",
        "S3Server",
        "check_storage",
        "s3_server",
    ]
    assert s3_saver.settings.__all__ == [
        "SHARED_SETTINGS",
        "ConfigError",
        "S3Settings",
        "SettingsReader",
    ]
    assert all(getattr(s3_saver, name).__doc__ for name in s3_saver.__all__)


@pytest.mark.parametrize("module", ["s3_saver", "s3_saver.settings", "s3_saver.testing"])
def test_import_leaves_the_sdk_alone(module: str) -> None:
    """An app that only uses a disk never waits for boto3: neither import nor a local save loads
    it, nor what only tests need.
    """
    script = f"""
import {module}, io, sys, tempfile
with tempfile.TemporaryDirectory() as folder:
    s3_saver.LocalStorage(folder).save("a", io.BytesIO(b"x"))
    s3_saver.S3Saver(base_path=folder).save(io.BytesIO(b"x"), "b")
slow = {{"boto3", "botocore", "requests", "moto", "pytest"}}
sys.exit(", ".join(slow & sys.modules.keys()) or 0)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


def test_import_is_lean() -> None:
    """Importing it loads nothing slow that only a copy, a failure, a digest or S3 needs."""
    script = """
import sys
before = set(sys.modules)
import s3_saver
slow = {"concurrent.futures", "email.utils", "logging", "_hashlib"}
sys.exit(", ".join(slow & (sys.modules.keys() - before)) or 0)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


def test_package_is_typed() -> None:
    """The package has the marker by which type checkers know that it has types."""
    assert files("s3_saver").joinpath("py.typed").is_file()


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (s3_saver.UnsafeNameError, ValueError),
        (s3_saver.NotFoundError, FileNotFoundError),
        (s3_saver.AlreadyExistsError, FileExistsError),
        (s3_saver.AccessDeniedError, PermissionError),
        (s3_saver.BucketNotFoundError, Exception),
        (s3_saver.StorageUnavailableError, ConnectionError),
        (s3_saver.NotConfiguredError, LookupError),
        (s3_saver.UnboundError, Exception),
    ],
)
def test_errors_are_also_python_s_own(
    error: type[s3_saver.S3SaverError], builtin: type[Exception]
) -> None:
    """Each error is caught by our root and by what Python raises for files."""
    made = error("what happened", name="a.txt")
    assert isinstance(made, s3_saver.S3SaverError)
    assert isinstance(made, builtin)
    assert (str(made), made.name) == ("what happened", "a.txt")


@pytest.mark.parametrize(
    "error",
    [
        s3_saver.ArgumentError("permission", "0666", "an int", ": drop the quotes"),
        s3_saver.ArgumentTypeError("name", None, "a str"),
        s3_saver.UnsafeNameError("name '' is not safe", name="", rule="it is empty"),
        s3_saver.ConfigError("S3_REGION is missing", setting="S3_REGION"),
        s3_saver.NotConfiguredError("not ours", name="a", storage_type="s3", bucket_name="b"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_keep_their_data_between_processes(error: Exception) -> None:
    """A worker's error arrives with its message and all that it knows."""
    arrived = pickle.loads(pickle.dumps(error))
    assert str(arrived) == str(error)
    assert vars(arrived) == vars(error)


def test_an_argument_error_says_what_is_wrong_in_one_grammar() -> None:
    """What it must be, what was passed and the fix; a long value is cut."""
    error = s3_saver.ArgumentError("workers", 0, "1 or more", ": leave it out for 8")
    assert str(error) == "workers must be 1 or more, got 0: leave it out for 8"
    assert (error.argument, error.value, error.rule) == ("workers", 0, "1 or more")
    many = s3_saver.ArgumentTypeError("name", ["a.jpg"] * 1000, "a str")
    assert len(str(many)) < 300


def test_an_unsafe_name_is_a_wrong_argument_too() -> None:
    """So a package that has settings sees from the data which argument broke the rule."""
    with pytest.raises(s3_saver.ArgumentError) as caught:
        s3_saver.S3Storage("media", prefix="../up")
    assert (caught.value.argument, caught.value.value) == ("prefix", "../up/")
    assert "'..'" in caught.value.rule
