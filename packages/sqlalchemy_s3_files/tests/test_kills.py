"""Processes that are killed at random: no row names what is not there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from s3_saver.testing import S3Server

SCRIPT = Path(__file__).with_name("killed.py")


def run(*arguments: object, **variables: str) -> str:
    """What the program prints."""
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    env = {**os.environ, **variables}
    ran = subprocess.run(command, capture_output=True, text=True, env=env)
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


def test_killed_on_disk(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """Between assignment and after-commit: what no row names is listed, and nothing is missing."""
    kills = pytestconfig.getoption("--kills")
    assert run(tmp_path, kills).startswith(f"{kills} kills")


def test_killed_on_s3(
    tmp_path: Path, pytestconfig: pytest.Config, s3_server: S3Server, s3_bucket: str
) -> None:
    """The same for a bucket."""
    kills = pytestconfig.getoption("--kills")
    assert run(tmp_path, kills, s3_bucket, **s3_server.environment).startswith(f"{kills} kills")
