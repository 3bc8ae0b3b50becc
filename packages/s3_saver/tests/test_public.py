"""What the package shows to the outside, and what importing it costs."""

import subprocess
import sys
from importlib.resources import files

import pytest

import s3_saver
import s3_saver.testing


def test_public_names_are_pinned() -> None:
    """The package's root offers these names and no others."""
    assert s3_saver.__all__ == [
        "AccessDeniedError",
        "AlreadyExistsError",
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
        "copy_file",
        "copy_files",
        "ensure_storage",
        "guess_content_type",
        "location_of",
    ]
    assert s3_saver.testing.__all__ == [
        "MemoryStorage",
        "S3Server",
        "check_storage",
        "s3_server",
    ]
    assert all(getattr(s3_saver, name).__doc__ for name in s3_saver.__all__)


@pytest.mark.parametrize("module", ["s3_saver", "s3_saver.testing"])
def test_import_leaves_the_sdk_alone(module: str) -> None:
    """Who only uses a disk never waits for boto3, nor for another slow module: neither import nor
    a local save brings them.
    """
    script = f"""
import {module}, io, sys, tempfile
with tempfile.TemporaryDirectory() as folder:
    s3_saver.LocalStorage(folder).save("a", io.BytesIO(b"x"))
    s3_saver.S3Saver(base_path=folder).save(io.BytesIO(b"x"), "b")
slow = {{"boto3", "botocore", "requests", "logging", "urllib.parse", "moto", "pytest"}}
sys.exit(", ".join(slow & sys.modules.keys()) or 0)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


def test_package_is_typed() -> None:
    """Type checkers are told that the package has types."""
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
