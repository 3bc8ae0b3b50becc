"""Thumbnails: who makes them, and their end."""

from typing import TYPE_CHECKING

from flask import Flask

from flask_thumbnails_s3 import CeleryQueue, Thumbnail
from s3_saver import StoredFile

if TYPE_CHECKING:
    from celery import Celery  # type: ignore[import-untyped]

thumbnail = Thumbnail()


def register(app: Flask) -> None:
    """Add to *app* the template filters for thumbnails.

    In the mode ``queue`` Celery's workers make them where there is Redis, and else threads.

    :raises flask_thumbnails_s3.ConfigError: one of its settings for thumbnails is wrong.
    """
    if app.config["REDIS_URL"]:
        app.extensions["celery"] = make_celery(
            app.config["REDIS_URL"], app.config["CELERY_VISIBILITY_TIMEOUT"]
        )
        Thumbnail(app, queue=CeleryQueue(app.extensions["celery"]))
    else:
        thumbnail.init_app(app)


def make_celery(broker_url: str, visibility_timeout: int) -> "Celery":
    """Make the Celery app, whose workers are started by ``celery -A example_app.worker worker``.

    :param visibility_timeout: in seconds; what a killed worker had is given to another after it.
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


def delete_thumbnails(file: StoredFile) -> None:
    """Delete the thumbnails of a picture that is gone.

    :raises s3_saver.S3SaverError: the storage refuses, or does not answer.
    """
    thumbnail.delete(file.name, storage_type=file.storage_type, bucket_name=file.bucket_name)
