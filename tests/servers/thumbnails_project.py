"""A site for the tests of real workers: its web processes and Celery's workers load this module.

Run by ``python -m``, it is a web process that renders one page and ends.
"""

import os
import sys
import time
from typing import BinaryIO

from celery import Celery  # type: ignore[import-untyped]
from flask import Flask, render_template_string

from flask_thumbnails_s3 import CeleryQueue, Thumbnail
from s3_saver import S3Storage

REDIS = os.environ.get("PROJECT_REDIS", "")
HOLD = os.environ.get("PROJECT_HOLD", "")


class SlowStorage(S3Storage):
    """Reading waits while the file PROJECT_HOLD is there, and prints a line when it begins."""

    def open(self, name: str) -> BinaryIO:
        if os.path.exists(HOLD):
            with open(f"{HOLD}.begun", "a") as file:
                file.write(f"{os.getpid()}\n")
            while os.path.exists(HOLD):
                time.sleep(0.05)
        return super().open(name)


def storage_for(folder: str, bucket: str) -> S3Storage:
    return SlowStorage(
        bucket,
        prefix=folder,
        region="us-east-1",
        endpoint_url=os.environ.get("PROJECT_STORAGE", os.environ["S3_TEST_ENDPOINT"]),
        access_key_id=os.environ["S3_TEST_KEY"],
        access_key_secret=os.environ["S3_TEST_SECRET"],
    )


REDELIVERY = int(os.environ.get("PROJECT_REDELIVERY", "3600"))  # seconds, Kombu's own default

celery = Celery("project", broker=REDIS)
celery.conf.update(
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": REDELIVERY},
    worker_prefetch_multiplier=1,
)
queue = CeleryQueue(celery)


def create_app() -> Flask:
    app = Flask("project")
    app.config.update(
        MEDIA_FOLDER="/srv/project/static/up",
        MEDIA_THUMBNAIL_FOLDER="/srv/project/static/thumbs",
        MEDIA_THUMBNAIL_URL="thumbs/",
        THUMBNAIL_S3_STATIC_ROOT_PARENT="/srv/project",
        THUMBNAIL_S3_STORAGE_TYPE="s3",
        THUMBNAIL_S3_BUCKET_NAME=os.environ["PROJECT_BUCKET"],
        THUMBNAIL_S3_ENDPOINT_URL=os.environ["S3_TEST_ENDPOINT"],
        THUMBNAIL_S3_URL_STYLE="path",
        THUMBNAIL_MODE="queue",
        THUMBNAIL_CACHE=REDIS,
        THUMBNAIL_LEASE=int(os.environ.get("PROJECT_LEASE", "30")),
    )
    Thumbnail(app, queue=queue, storage_for=storage_for)
    return app


app = create_app() if REDIS else None

if __name__ == "__main__" and app:
    with app.test_request_context():
        print(render_template_string("{{ image|thumbnail('40x40') }}", image=sys.argv[1]))
    queue.join()
