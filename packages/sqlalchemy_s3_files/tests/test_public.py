"""What the package shows to the outside, and what importing it costs."""

import pickle
import subprocess
import sys
from importlib.resources import files

import sqlalchemy_s3_files


def test_public_names_are_pinned() -> None:
    """The package's root offers these names and no others, all with a docstring."""
    assert sqlalchemy_s3_files.__all__ == [
        "UNCHANGED",
        "CheckedFile",
        "Content",
        "Field",
        "FileRules",
        "FileType",
        "FilesError",
        "FollowedColumns",
        "NewFile",
        "NotStoredError",
        "StoredFiles",
        "Unchanged",
        "files_of",
        "find_models",
        "find_orphans",
        "follow",
        "follow_fields",
        "hand_over",
        "is_named_by_others",
        "move_files",
        "new_file",
    ]
    for name in sqlalchemy_s3_files.__all__:
        assert getattr(sqlalchemy_s3_files, name).__doc__


def test_package_is_typed() -> None:
    """The package has the marker by which type checkers know that it has types."""
    assert files("sqlalchemy_s3_files").joinpath("py.typed").is_file()


def test_import_brings_no_framework_and_no_sdk() -> None:
    """Neither Flask, nor boto3, nor what only async sessions need."""
    script = """
import sqlalchemy_s3_files, sys
sys.exit(", ".join({"flask", "boto3", "werkzeug", "untrusted_files"} & sys.modules.keys()) or 0)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


def test_errors_keep_their_data_between_processes() -> None:
    """A worker's error arrives with its message and the name."""
    error = sqlalchemy_s3_files.NotStoredError("not stored", name="a.jpg")
    arrived = pickle.loads(pickle.dumps(error))
    assert (str(arrived), arrived.name) == ("not stored", "a.jpg")
    assert isinstance(arrived, sqlalchemy_s3_files.FilesError | ValueError)
