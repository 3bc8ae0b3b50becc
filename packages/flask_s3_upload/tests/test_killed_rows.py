"""Processes that are killed at random while rows claim direct uploads."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).with_name("killed_rows.py")


@pytest.mark.parametrize("place", ["disk", "s3"])
def test_no_row_names_what_is_not_there(
    place: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """And what no row names is listed by flask uploads prune."""
    settings: dict[str, Any] = request.getfixturevalue("on_s3") if place == "s3" else {}
    kills = "6" if place == "disk" else "3"
    run = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path), kills],
        capture_output=True,
        text=True,
        input=json.dumps(settings),
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith(f"{kills} kills")
