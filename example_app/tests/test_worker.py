"""The Celery app of the workers."""

import subprocess
import sys
from pathlib import Path

import pytest

from example_app.tests.support import MakeApp, Settings

ROOT = Path(__file__).parents[2]


def test_redis_brings_celery(make_app: MakeApp, on_disk: Settings) -> None:
    """With REDIS_URL thumbnails have one memory and one queue there; nobody connects before."""
    app = make_app({**on_disk, "REDIS_URL": "redis://127.0.0.1:1/0", "THUMBNAIL_MODE": "queue"})
    celery = app.extensions["celery"]
    assert celery.conf.broker_url == app.config["THUMBNAIL_CACHE"] == "redis://127.0.0.1:1/0"
    assert "flask_thumbnails_s3.make" in celery.tasks


def test_without_redis_a_worker_says_what_it_needs(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A worker without REDIS_URL ends at once, and names the setting."""
    environment.setenv("DATA_FOLDER", str(tmp_path))
    command = [sys.executable, "-c", "import example_app.worker"]
    ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "REDIS_URL is not set" in ended.stderr
