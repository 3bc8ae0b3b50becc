"""Sending files to S3 after the response.

A file and what is to become of it lie on the local disk before ``save`` returns. Each process has a
folder of its own in the spool, which it holds by a lock for as long as it lives; the lock of a
folder whose process died is free, and the next process to start takes over what lies there.
"""

import io
import json
import logging
import os
import queue
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any, BinaryIO

from flask import Flask

from s3_saver import (
    AlreadyExistsError,
    LocalStorage,
    ObjectOptions,
    S3Storage,
    Storages,
    StoredFile,
)

from ._locks import Lock
from ._settings import Settings

_JOB = ".json"
_DATA = ".data"
_LOCK = "lock"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Job:
    folder: LocalStorage
    id: str
    stored: StoredFile
    options: ObjectOptions

    def open(self) -> BinaryIO:
        return self.folder.open(self.id + _DATA)

    def forget(self) -> None:
        # The job file first: data without a job is harmless, a job without data is an error.
        self.folder.delete(self.id + _JOB)
        self.folder.delete(self.id + _DATA)


class Background:
    """The spool of one app, and the threads that empty it.

    :param on_sent: called with the StoredFile, in an app context, when it is in its storage.
    :param on_failed: called likewise, with the error too, when all attempts failed. The file stays
        in the spool and is tried again at the next start.
    """

    def __init__(
        self,
        app: Flask,
        storages: Storages,
        settings: Settings,
        on_sent: Callable[[StoredFile], object] | None,
        on_failed: Callable[[StoredFile, Exception], object] | None,
    ) -> None:
        self._app = app
        self._storages = storages
        self._settings = settings
        self._on_sent = on_sent
        self._on_failed = on_failed
        self._starting = threading.Lock()
        self._pid = 0  # of the process that the threads run in: a fork leaves them behind
        self._looked_pid = 0  # of the process that has looked for left-overs
        self._jobs: queue.Queue[_Job] = queue.Queue()
        self._locks: list[Lock] = []

    def add(self, stored: StoredFile, file: IO[bytes], options: ObjectOptions) -> None:
        """Keep a file on disk, and send it as soon as a thread is free.

        :param options: how it is to be kept on S3.
        """
        self.start()
        job = _Job(self._own, secrets.token_hex(16), stored, options)
        job.folder.save(job.id + _DATA, file)
        job.folder.save(job.id + _JOB, _as_file(job))
        self._jobs.put(job)

    def resume(self) -> None:
        """Start if an earlier process may have left something; asked before each request."""
        if self._looked_pid != os.getpid():
            self._looked_pid = os.getpid()
            if os.path.isdir(self._settings.spool_folder):
                self.start()

    def start(self) -> None:
        """Start the threads of this process, once, and take over what dead ones have left."""
        if self._pid == os.getpid():
            return
        with self._starting:
            if self._pid == os.getpid():
                return
            for lock in self._locks:  # inherited by a fork: they are to end with the parent
                lock.release()
            self._jobs = queue.Queue()
            self._own = self._make_folder()
            for job in self._orphans():
                self._jobs.put(job)
            for number in range(self._settings.background_workers):
                name = f"{self._settings.store.folder}-{number}"
                threading.Thread(target=self._work, name=name, daemon=True).start()
            self._pid = os.getpid()

    def wait(self) -> None:
        """Wait until nothing is left to send, or to give up."""
        self._jobs.join()

    def _make_folder(self) -> LocalStorage:
        while True:
            path = os.path.join(self._settings.spool_folder, secrets.token_hex(8))
            os.makedirs(path)
            lock = Lock(os.path.join(path, _LOCK))
            if lock.take():
                self._locks = [lock]
                return LocalStorage(path)

    def _orphans(self) -> Iterator[_Job]:
        spool = self._settings.spool_folder
        for entry in sorted(os.listdir(spool)):
            path = os.path.join(spool, entry)
            lock = Lock(os.path.join(path, _LOCK))
            if path == self._own.root or not lock.take():
                continue
            folder = LocalStorage(path)
            names = [info.name for info in folder.find() if info.name.endswith(_JOB)]
            if not names:
                shutil.rmtree(path, ignore_errors=True)
                lock.release()
                continue
            self._locks.append(lock)
            for name in names:
                with folder.open(name) as file:
                    job = json.load(file)
                stored = StoredFile.from_dict(job["file"]).bind(self._storages)
                yield _Job(folder, name.removesuffix(_JOB), stored, job["options"])

    def _work(self) -> None:
        jobs = self._jobs
        while True:
            job = jobs.get()
            try:
                with self._app.app_context():
                    self._send(job)
            except Exception:
                logger.exception("sending %r failed; it stays in %r", job.stored.name, job.folder)
            finally:
                jobs.task_done()

    def _send(self, job: _Job) -> None:
        for attempt in range(self._settings.background_attempts):
            if attempt:
                time.sleep(self._settings.background_retry_delay * 2 ** (attempt - 1))
            try:
                self._deliver(job)
            except Exception as error:  # noqa: BLE001 - whatever it is, the app is to be told
                failure = error
            else:
                job.forget()
                self.sent(job.stored)
                return
        logger.error(
            "%r could not be sent to %r in %d attempts (%s): it stays in %r, and is tried again at"
            " the next start",
            job.stored.name,
            job.stored.bucket_name,
            self._settings.background_attempts,
            failure,
            job.folder.root,
        )
        self._tell(self._on_failed, job.stored, failure)

    def _deliver(self, job: _Job) -> None:
        stored = job.stored
        storage = self._storages.storage_of(stored)
        options: dict[str, Any] = {}
        if isinstance(storage, S3Storage):
            options = {**job.options}
        with job.open() as file:
            try:
                storage.save(
                    stored.name, file, overwrite=False, content_type=stored.content_type, **options
                )
            except AlreadyExistsError:
                # The name has an id that nobody else has: this was sent before, by a process that
                # died before it could forget it.
                if storage.stat(stored.name).size != stored.size:
                    raise

    def sent(self, stored: StoredFile) -> None:
        self._tell(self._on_sent, stored)

    def _tell(self, callback: Callable[..., object] | None, *args: object) -> None:
        # The file is where it belongs, whatever the app makes of that.
        try:
            if callback:
                callback(*args)
        except Exception:
            logger.exception("the callback %r failed for %r", callback, args[0])


def _as_file(job: _Job) -> IO[bytes]:
    values = {"file": job.stored.to_dict(), "options": job.options}
    return io.BytesIO(json.dumps(values).encode())
