"""Fixtures: recipes as apps run them, with files on disk and on S3."""

from pathlib import Path
from typing import Any

import pytest

from recipes.page import Load, run
from s3_saver.testing import S3Server


@pytest.fixture(params=["disk", "s3"])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where new files go, as the environment says it: a recipe's app reads it from there."""
    if request.param == "s3":
        server: S3Server = request.getfixturevalue("s3_server")
        for name, value in {
            "BUCKET_NAME": request.getfixturevalue("s3_bucket"),
            "ENDPOINT_URL": server.endpoint_url,
            "REGION": "us-east-1",
            "ACCESS_KEY_ID": f'"{server.access_key_id}"',
            "ACCESS_KEY_SECRET": f'"{server.access_key_secret}"',
        }.items():
            monkeypatch.setenv(f"FLASK_S3_{name}", value)
    return str(request.param)


@pytest.fixture
def load(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Runs the code of a recipe in this place."""
    monkeypatch.chdir(tmp_path)

    def load_page(page: str, **shown: str) -> dict[str, Any]:
        return run(page, tmp_path / "instance", shown)

    return load_page
