"""Where the work of ``save(…, background=True)`` goes."""

import logging
import os
import queue
import threading
from collections.abc import Callable
from typing import NamedTuple, Protocol

from flask import Flask

#: In ``app.extensions``.
EXTENSION = "flask_s3_upload"

logger = logging.getLogger(__name__)


class Job(NamedTuple):
    """A file that is to be sent to S3. All of it fits into JSON.

    :param store: the name of the store, ``''`` for the only one.
    :param name: under which it waits in the store's spool.
    """

    store: str
    name: str


class Queue(Protocol):
    """What takes jobs, and sees to it that :func:`run_job` is called for each, once or more."""

    def init_app(self, app: Flask) -> None:
        """Set an app up whose jobs will come."""
        ...

    def put(self, app: Flask, job: Job) -> None:
        """Take a job, at once."""
        ...


def check_queue(queue: object) -> None:
    """Raise TypeError unless *queue* is one, and not the class of one."""
    if isinstance(queue, type) or not all(hasattr(queue, name) for name in ("init_app", "put")):
        raise TypeError(f"queue must be a queue, such as CeleryQueue(celery_app), got {queue!r}")


def run_job(app: Flask, job: Job) -> None:
    """Send the file of a job, unless that was done, or somebody else is doing it.

    :raises ConfigError: the app has no such store, or this machine does not have its spool.
    """
    with app.app_context():
        app.extensions[EXTENSION][job.store].background.run(job.name)


class ThreadQueue:
    """Sends files in threads of this process. They start with the first job.

    :param workers: how many threads.
    :param name: what theirs begin with.
    """

    def __init__(self, workers: int, name: str) -> None:
        self._threads = Threads(workers, name, run_job)

    def init_app(self, app: Flask) -> None:
        """Do nothing: threads need no preparation."""

    def put(self, app: Flask, job: Job) -> None:
        self._threads.put(app, job)

    def join(self) -> None:
        """Wait until all jobs are done."""
        self._threads.join()


class Threads:
    """A queue and the threads that empty it; a forked child gets its own."""

    def __init__(self, workers: int, name: str, handle: Callable[[Flask, Job], None]) -> None:
        self._workers = workers
        self._name = name
        self._handle = handle
        self._starting = threading.Lock()
        self._pid = 0  # of the process that the threads run in: a fork leaves them behind
        self._jobs: queue.Queue[tuple[Flask, Job]] = queue.Queue()

    def put(self, app: Flask, job: Job) -> None:
        self._start()
        self._jobs.put((app, job))

    def join(self) -> None:
        if self._pid == os.getpid():  # what waits elsewhere is the parent's
            self._jobs.join()

    def _start(self) -> None:
        if self._pid == os.getpid():
            return
        with self._starting:
            if self._pid == os.getpid():
                return
            self._jobs = queue.Queue()
            for number in range(self._workers):
                name = f"{self._name}-{number}"
                threading.Thread(
                    target=self._run, args=(self._jobs,), name=name, daemon=True
                ).start()
            self._pid = os.getpid()

    def _run(self, jobs: "queue.Queue[tuple[Flask, Job]]") -> None:
        while True:
            app, job = jobs.get()
            try:
                self._handle(app, job)
            except Exception:
                logger.exception("sending failed; the file stays in the spool as %r", job.name)
            finally:
                jobs.task_done()
