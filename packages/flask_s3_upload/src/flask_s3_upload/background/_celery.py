"""Jobs for Celery's workers. Celery is not imported: all that is needed of it is in the Celery app
that is passed.
"""

import logging
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakValueDictionary

from flask import Flask

from ._queue import Job, Threads, run_job

if TYPE_CHECKING:
    from celery import Celery  # type: ignore[import-untyped]

TASK = "flask_s3_upload.send"

_Apps = WeakValueDictionary[str, Flask]

# By Celery app: its one task, and the Flask apps that the task may be for.
_registered: "WeakKeyDictionary[Celery, tuple[Any, _Apps]]" = WeakKeyDictionary()

logger = logging.getLogger(__name__)


class CeleryQueue:
    """Lets Celery's workers send files to S3. Needs ``flask-s3-upload[celery]``.

    The workers load the module that makes the Celery app and the Flask app, as the web processes
    do, and they must see the same ``UPLOADS_SPOOL_FOLDER``. A task is acknowledged when it is done;
    what a killed worker leaves is delivered again, and one that is delivered twice is done once.

    A thread passes the jobs on, so that no page waits for a broker. While the broker is away that
    thread sends the files itself.

    :param celery_app: the Celery app; its own settings say what the broker is.
    """

    def __init__(self, celery_app: "Celery") -> None:
        self._task, self._apps = _register(celery_app)
        self._outbox = Threads(1, "uploads-celery", self._send)

    def init_app(self, app: Flask) -> None:
        """Let the workers of this process find the app."""
        self._apps[app.name] = app

    def put(self, app: Flask, job: Job) -> None:
        self._outbox.put(app, job)

    def join(self) -> None:
        """Wait until all jobs are passed on."""
        self._outbox.join()

    def _send(self, app: Flask, job: Job) -> None:
        try:
            self._task.apply_async((app.name, *job), retry=False)
        except Exception as error:  # noqa: BLE001 - every broker has errors of its own
            logger.warning("cannot leave an upload to Celery, so it is sent from here: %r", error)
            run_job(app, job)


def _register(celery_app: "Celery") -> "tuple[Any, _Apps]":
    if celery_app not in _registered:
        apps: _Apps = WeakValueDictionary()

        @celery_app.task(  # type: ignore[untyped-decorator]
            name=TASK, shared=False, acks_late=True, reject_on_worker_lost=True, ignore_result=True
        )
        def send(app_name: str, store: str, name: str) -> None:
            run_job(_find_app(apps, app_name), Job(store, name))

        _registered[celery_app] = send, apps
    return _registered[celery_app]


def _find_app(apps: _Apps, name: str) -> Flask:
    # The same app may bear another name here: its module's, if that was run as a script there.
    found = apps.get(name) or (next(iter(apps.values()), None) if len(apps) == 1 else None)
    if not found:
        raise RuntimeError(
            f"no Flask app {name!r} with uploads is known here: let the worker load the module "
            f"that makes it (known: {', '.join(apps) or 'none'})"
        )
    return found
