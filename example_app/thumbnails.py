"""Thumbnails: who makes them. They are deleted with their originals."""

from typing import TYPE_CHECKING

from flask import Flask

from example_app.storage import uploads
from flask_thumbnails_s3 import CeleryQueue, Thumbnail

if TYPE_CHECKING:
    from celery import Celery  # type: ignore[import-untyped]


def register(app: Flask) -> None:
    """Add to *app* the template filters for thumbnails.

    In the mode ``queue`` Celery's workers make them where there is Redis, and else threads.

    :raises flask_thumbnails_s3.ConfigError: one of its settings for thumbnails is wrong.
    """
    queue = None
    if url := app.config["REDIS_URL"]:
        celery = make_celery(url, app.config["CELERY_VISIBILITY_TIMEOUT"])
        app.extensions["celery"] = celery
        queue = CeleryQueue(celery)
    Thumbnail(app, originals=uploads, queue=queue)


def make_celery(broker_url: str, visibility_timeout: int) -> "Celery":
    """Make the Celery app, whose workers are started by ``celery -A example_app.worker worker``.

    :param visibility_timeout: in seconds; after it another worker gets the jobs of a killed one.
    """
    from celery import Celery

    celery = Celery("example_app", broker=broker_url)
    celery.conf.update(
        broker_connection_retry_on_startup=True,
        broker_transport_options={"visibility_timeout": visibility_timeout},
        worker_prefetch_multiplier=1,
        task_ignore_result=True,
        worker_hijack_root_logger=False,
    )
    return celery
