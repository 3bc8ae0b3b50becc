import subprocess
import sys
from importlib.resources import files

import flask_thumbnails_s3


def test_public_names() -> None:
    """The package's public names are exactly these."""
    assert flask_thumbnails_s3.__all__ == [
        "BrokenImageError",
        "CeleryQueue",
        "ConfigError",
        "Job",
        "MissingImageError",
        "OptionError",
        "PruneRefusedError",
        "Queue",
        "QueueFullError",
        "SourceError",
        "StorageFailedError",
        "ThreadQueue",
        "Thumbnail",
        "ThumbnailError",
        "ThumbnailUrl",
        "TooLargeError",
        "run_job",
        "thumbnail_failed",
        "thumbnail_made",
    ]
    assert all(hasattr(flask_thumbnails_s3, name) for name in flask_thumbnails_s3.__all__)


def test_typed() -> None:
    """Type checkers see that the package is typed."""
    assert files(flask_thumbnails_s3).joinpath("py.typed").is_file()


def test_an_app_on_disk_loads_neither_the_sdk_nor_an_extra() -> None:
    """An app with a queue, and its first page, load no boto3, Celery, or client of a cache."""
    script = """
import sys
from flask import Flask, render_template_string
from flask_thumbnails_s3 import Thumbnail
app = Flask("site", instance_path="/srv/none")
app.config.update(MEDIA_FOLDER="uploads", THUMBNAIL_MODE="queue", SECRET_KEY="secret")
Thumbnail(app)
@app.get("/")
def page():
    return render_template_string("{{ 'a.svg'|thumbnail('20x20') }}{{ thumbnail_script() }}")
assert app.test_client().get("/").text.startswith("/_thumbnails/original/a.svg?")
others = {"boto3", "botocore", "celery", "redis", "memcache"} & sys.modules.keys()
sys.exit(", ".join(sorted(others)) or 0)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
