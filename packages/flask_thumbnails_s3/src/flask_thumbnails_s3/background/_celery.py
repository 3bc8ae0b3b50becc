"""Jobs for Celery's workers, on as many machines as there are. The only module that needs Celery
does not import it: the app that it is given knows all.
"""

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakValueDictionary

from flask import Flask

from .._log import log
from ..exceptions import ConfigError
from ._queue import EXTENSION, Job, run_job
from ._threads import Threads

if TYPE_CHECKING:
    from celery import Celery  # type: ignore[import-untyped]

TASK = "flask_thumbnails_s3.make"

_Apps = WeakValueDictionary[str, Flask]

# By Celery app: its one task, and the Flask apps that the task may be for.
_registered: "WeakKeyDictionary[Celery, tuple[Any, _Apps]]" = WeakKeyDictionary()


class CeleryQueue:
    """Sends the work to Celery. Needs ``flask-thumbnails-s3[celery]``.

    The workers load the module that makes the Celery app and the Flask app, as the web processes
    do, and they must see the same ``THUMBNAIL_CACHE``, by which a page learns that a thumbnail is
    ready. A task is acknowledged when it is done; what a killed worker leaves is delivered again,
    or sent again by the next page after ``THUMBNAIL_LEASE``.

    A thread sends the jobs, so that no page waits for a broker, dead or alive.

    :param celery_app: the Celery app; its own settings say what the broker is.
    :param size: how many jobs may wait to be sent.
    """

    def __init__(self, celery_app: "Celery", *, size: int = 1000) -> None:
        self._celery = celery_app
        self._task, self._apps = _register(celery_app)
        self._outbox = Threads(1, size, self._send)

    def init_app(self, app: Flask) -> None:
        """Let the workers of this process find the app.

        :raises ConfigError: the cache is in each process, where no page sees what workers do.
        """
        eager = self._celery.conf.task_always_eager
        if not (app.extensions[EXTENSION].memory.is_shared or eager):
            raise ConfigError(
                "THUMBNAIL_CACHE is in this process only, where it cannot learn what Celery's "
                "workers have made: set it to a shared one, such as 'redis://localhost:6379/0'"
            )
        self._apps[app.name] = app

    def put(self, app: Flask, job: Job) -> None:
        self._outbox.put(app, job)

    def join(self) -> None:
        """Wait until all jobs are sent."""
        self._outbox.join()

    def _send(self, app: Flask, job: Job) -> None:
        try:
            # Our own retry is the next page's: the lease ends.
            self._task.apply_async((app.name, *job), retry=False)
        except Exception as error:  # noqa: BLE001 - every broker has errors of its own
            log.warning("cannot send thumbnails to Celery, will try again: %r", error)


def _register(celery_app: "Celery") -> "tuple[Any, _Apps]":
    if celery_app not in _registered:
        apps: _Apps = WeakValueDictionary()

        @celery_app.task(  # type: ignore[untyped-decorator]
            name=TASK, shared=False, acks_late=True, reject_on_worker_lost=True, ignore_result=True
        )
        def make(app_name: str, bucket_name: str, names: list[str], owner: str, store: str) -> None:
            run_job(_find_app(apps, app_name), Job(bucket_name, names, owner, store))

        _registered[celery_app] = make, apps
    return _registered[celery_app]


def _find_app(apps: _Apps, name: str) -> Flask:
    # The same app may bear another name here: its module's, if that was run as a script there.
    found = apps.get(name) or (next(iter(apps.values()), None) if len(apps) == 1 else None)
    if not found:
        raise RuntimeError(
            f"no Flask app {name!r} with thumbnails is known here: let the worker load the module "
            f"that makes it (known: {', '.join(apps) or 'none'})"
        )
    return found
