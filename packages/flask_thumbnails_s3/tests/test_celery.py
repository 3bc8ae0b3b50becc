import subprocess
import sys
from typing import Any

import pytest
from cachelib import FileSystemCache
from celery import Celery  # type: ignore[import-untyped]
from flask import Flask
from image_files import ImageFile
from thumbnail_place import Place

from flask_thumbnails_s3 import CeleryQueue, ConfigError, Thumbnail
from flask_thumbnails_s3.background._celery import TASK


def show(app: Flask) -> Any:
    with app.test_request_context():
        return app.jinja_env.filters["thumbnail"]("a.jpg", "20x20")


def test_story(place: Place, image_file: ImageFile, tmp_path: Any) -> None:
    """A worker finds the app and makes the thumbnail; the next page shows it."""
    place.save("a.jpg", image_file())
    celery = Celery("project", broker="memory://")
    celery.conf.task_always_eager = True
    queue = CeleryQueue(celery)
    cache = FileSystemCache(str(tmp_path / "cache"))
    thumbnail = Thumbnail(storage_for=place.counted, queue=queue, cache=cache)
    app = place.app(thumbnail=thumbnail, THUMBNAIL_MODE="queue")
    assert show(app).stands_in
    queue.join()
    assert show(app) == place.url("a_20x20_85.jpg")


def test_task_outlives_its_worker() -> None:
    """The task is acknowledged when it is done, so that a killed worker's is delivered again."""
    celery = Celery("project")
    CeleryQueue(celery)
    task = celery.tasks[TASK]
    assert task.acks_late
    assert task.reject_on_worker_lost
    assert task.ignore_result


def test_two_queues_of_one_celery(disk: Place, image_file: ImageFile, tmp_path: Any) -> None:
    """Apps with queues of their own on one Celery app both get their work done."""
    celery = Celery("project", broker="memory://")
    celery.conf.task_always_eager = True
    disk.save("a.jpg", image_file())
    for name in ("one", "two"):
        queue = CeleryQueue(celery)
        app = Flask(name, static_folder=f"{disk.root}/static")
        app.config.update(disk.config, THUMBNAIL_MODE="queue")
        Thumbnail(app, queue=queue, cache=FileSystemCache(str(tmp_path / name)))
        show(app)
        queue.join()
        assert not show(app).stands_in


def test_dead_broker(disk: Place, caplog: pytest.LogCaptureFixture, tmp_path: Any) -> None:
    """A dead broker costs the page nothing; the log reports it."""
    queue = CeleryQueue(Celery("project", broker="redis://127.0.0.1:1"))
    thumbnail = Thumbnail(queue=queue, cache=FileSystemCache(str(tmp_path / "cache")))
    app = disk.app(thumbnail=thumbnail, THUMBNAIL_MODE="queue")
    assert show(app).startswith("data:")
    queue.join()
    assert "cannot send thumbnails to Celery" in caplog.text


def test_cache_must_be_shared(disk: Place) -> None:
    """A cache in each process, where no page learns what a worker has made, is refused."""
    with pytest.raises(ConfigError, match="THUMBNAIL_CACHE"):
        disk.app(thumbnail=Thumbnail(queue=CeleryQueue(Celery("project"))), THUMBNAIL_MODE="queue")


def test_worker_without_the_app() -> None:
    """A worker that has not loaded the Flask app says what to load."""
    celery = Celery("project")
    CeleryQueue(celery)
    with pytest.raises(RuntimeError, match="let the worker load the module"):
        celery.tasks[TASK]("project", "", [], "me", "")


def test_celery_is_optional() -> None:
    """Importing the package does not import Celery, Redis or boto3."""
    code = (
        "import sys, flask_thumbnails_s3;"
        " print(*(name for name in ('celery', 'redis', 'boto3') if name in sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []
