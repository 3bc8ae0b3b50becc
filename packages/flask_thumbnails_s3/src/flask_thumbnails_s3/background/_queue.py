"""Where the work of ``THUMBNAIL_MODE = 'queue'`` goes."""

from typing import NamedTuple, Protocol

from flask import Flask

from ..exceptions import ConfigError

#: In ``app.extensions``.
EXTENSION = "flask_thumbnails_s3"


class Job(NamedTuple):
    """Thumbnails of one image that are to be made. All of it fits into JSON.

    :param bucket_name: of the image, ``''`` on disk.
    :param names: of the thumbnails; they contain the image and all options.
    :param owner: of the leases on them.
    :param store: the name of the ``Uploads`` that keeps the image.
    """

    bucket_name: str
    names: list[str]
    owner: str
    store: str = ""


class Queue(Protocol):
    """What takes jobs, and sees to it that :func:`run_job` is called for each, once or more."""

    def init_app(self, app: Flask) -> None:
        """Get to know an app whose jobs will come. It has its thumbnails already.

        :raises ConfigError: the app's settings don't fit this queue.
        """
        ...

    def put(self, app: Flask, job: Job) -> None:
        """Take a job, at once.

        :raises QueueFullError: there are too many already.
        """
        ...


def check_queue(queue: Queue) -> Queue:
    """Return a queue that is one.

    :raises ConfigError: it is none, such as the class of one.
    """
    if isinstance(queue, type) or not all(hasattr(queue, name) for name in ("init_app", "put")):
        raise ConfigError(f"queue={queue!r}: must be a queue, such as ThreadQueue()")
    return queue


def run_job(app: Flask, job: Job) -> None:
    """Make the thumbnails that a job asks for, but those that somebody else is making."""
    with app.app_context():
        app.extensions[EXTENSION].run(job)
