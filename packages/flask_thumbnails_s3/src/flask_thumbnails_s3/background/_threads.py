"""The queue in this process: bounded, and emptied by threads."""

import os
import queue
import threading
from collections.abc import Callable
from typing import Any

from flask import Flask

from .._log import log
from ..exceptions import QueueFullError
from ._queue import Job, run_job

# Another object in each process: to ask the system for the process's number takes longer.
_process = object()

_starting = threading.Lock()


def _mark_process() -> None:
    global _process, _starting
    _process = object()
    _starting = threading.Lock()  # which a thread of the parent may have held


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_mark_process)


class ThreadQueue:
    """Makes thumbnails in threads of this process. They start with the first job.

    :param workers: how many threads.
    :param size: how many jobs may wait; who comes then is refused, and comes again with the next
        page that shows the thumbnail.
    """

    def __init__(self, workers: int = 2, size: int = 1000) -> None:
        self._threads = Threads(workers, size, run_job)

    def init_app(self, app: Flask) -> None:
        """Nothing is needed beforehand."""

    def put(self, app: Flask, job: Job) -> None:
        self._threads.put(app, job)

    def join(self) -> None:
        """Wait until all jobs are done."""
        self._threads.join()


_Call = tuple[Callable[..., object], *tuple[Any, ...]]


class Threads:
    """A bounded queue and the threads that empty it; a forked child gets its own.

    Putting a job takes a fifth of the time that :class:`queue.Queue` takes, whose lock the threads
    want, too, and there may be 50 of them in a page.
    """

    def __init__(self, workers: int, size: int, handle: Callable[[Flask, Job], None]) -> None:
        if not all(type(number) is int and number > 0 for number in (workers, size)):
            raise ValueError(
                f"workers={workers!r}, size={size!r}: both must be whole numbers, 1 or more"
            )
        self._workers = workers
        self._size = size
        self._handle = handle
        self._started_in: object = None
        self._clear()

    def put(self, app: Flask, job: Job) -> None:
        if self._started_in is not _process:
            self._start()
        # Without a lock: of pages that come at the same time each may put one more.
        if self._jobs.qsize() >= self._size:
            raise QueueFullError(f"{self._size} jobs are waiting already")
        self._jobs.put((self._run_job, app, job))

    def join(self) -> None:
        """Wait until the jobs are done that have been put by now."""
        if self._started_in is not _process:
            return  # what waits is the parent's
        with self._joining:
            # First in, first out: when all threads are there, so is the end of all jobs before.
            meeting = threading.Barrier(self._workers + 1)
            for _ in range(self._workers):
                self._jobs.put((meeting.wait,))
            meeting.wait()

    def _clear(self) -> None:
        self._jobs: queue.SimpleQueue[_Call] = queue.SimpleQueue()
        self._joining = threading.Lock()

    def _start(self) -> None:
        with _starting:
            if self._started_in is _process:
                return
            self._clear()
            for number in range(1, self._workers + 1):
                threading.Thread(
                    target=_work, args=(self._jobs,), name=f"thumbnails-{number}", daemon=True
                ).start()
            self._started_in = _process

    def _run_job(self, app: Flask, job: Job) -> None:
        try:
            self._handle(app, job)
        except Exception:  # noqa: BLE001 - the thread must live on for the next job
            log.exception("thumbnails failed: %s", ", ".join(job.names))


def _work(calls: "queue.SimpleQueue[_Call]") -> None:
    while True:
        call, *arguments = calls.get()
        call(*arguments)
        del call, arguments  # they keep the app while the thread waits
