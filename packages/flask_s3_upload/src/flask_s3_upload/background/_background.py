"""Sending files to S3 after the response: files wait in the spool, and the queue sends them."""

import logging
import os
import time
from collections.abc import Callable
from typing import IO, Any

from flask import Flask

from s3_saver import AlreadyExistsError, ObjectOptions, S3Storage, Storages, StoredFile

from .._options import Options
from .._settings import Settings
from ._queue import Job, Queue, ThreadQueue
from ._spool import Spool, Waiting

logger = logging.getLogger(__name__)


class Background:
    """The spool of one store, and the queue that sends what is in it."""

    def __init__(
        self, app: Flask, storages: Storages, settings: Settings, options: Options
    ) -> None:
        self._app = app
        self._storages = storages
        self._settings = settings
        self._on_sent = options.on_sent
        self._on_failed = options.on_failed
        self._spool = Spool(settings.spool_folder, settings.store.key("UPLOADS_SPOOL_FOLDER"))
        self._looked_pid = 0  # of the process that has looked for what dead ones have left
        self.queue: Queue = options.queue or ThreadQueue(
            settings.background_workers, settings.store.folder
        )
        self.queue.init_app(app)

    def add(self, stored: StoredFile, file: IO[bytes], options: ObjectOptions) -> None:
        """Keep a file on disk, and have it sent.

        :param options: how it is to be kept on S3.
        """
        self._start()
        self._put(self._spool.keep(stored, file, options))

    def resume(self) -> None:
        """Start if an earlier process may have left something; asked before each request."""
        if self._looked_pid != os.getpid():
            self._looked_pid = os.getpid()
            if self._spool.is_there:
                self._start()

    def run(self, name: str) -> None:
        """Send a file of the spool, unless that was done, or somebody else is doing it.

        :param name: of the :class:`Job`.
        """
        with self._spool.take(name) as waiting:
            if waiting is not None:
                self._send(waiting, waiting.stored.bind(self._storages))

    def report_sent(self, stored: StoredFile) -> None:
        """Report a file that is in its storage, whatever the app makes of that."""
        self._call(self._on_sent, stored)

    def _start(self) -> None:
        for name in self._spool.start():
            self._put(name)

    def _put(self, name: str) -> None:
        self.queue.put(self._app, Job(self._settings.store.name, name))

    def _send(self, waiting: Waiting, stored: StoredFile) -> None:
        for attempt in range(self._settings.background_attempts):
            if attempt:
                time.sleep(self._settings.background_retry_delay * 2 ** (attempt - 1))
            try:
                self._deliver(waiting, stored)
            except Exception as error:  # noqa: BLE001 - whatever it is, the app's callback is called
                failure = error
            else:
                waiting.forget()
                self._storages.report_saved(stored)
                self.report_sent(stored)
                return
        logger.error(
            "%r could not be sent to %r in %d attempts (%s): it stays in %r, and is tried again at"
            " the next start",
            stored.name,
            stored.bucket_name,
            self._settings.background_attempts,
            failure,
            waiting.folder.root,
        )
        self._call(self._on_failed, stored, failure)

    def _deliver(self, waiting: Waiting, stored: StoredFile) -> None:
        storage = self._storages.storage_of(stored)
        options: dict[str, Any] = {}
        if isinstance(storage, S3Storage):
            options = {**waiting.options}
        with waiting.open() as file:
            try:
                storage.save(
                    stored.name, file, overwrite=False, content_type=stored.content_type, **options
                )
            except AlreadyExistsError:
                # The name has an id that nobody else has: this was sent before, by a process that
                # died before it could forget it.
                if storage.stat(stored.name).size != stored.size:
                    raise

    def _call(self, callback: Callable[..., object] | None, *args: object) -> None:
        try:
            if callback:
                callback(*args)
        except Exception:
            logger.exception("the callback %r failed for %r", callback, args[0])
