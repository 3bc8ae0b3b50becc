"""Many uploads at once: items in, an outcome for each out, in whatever order they end."""

import logging
import queue
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Literal

from s3_saver import S3Storage

from ._body import Body, open_body
from ._fast_put import FastPut
from ._plan import Item

WORKERS = 64  # threads, as many as the SDK's client has connections: they wait for S3

_BIG_SIZE = 1024 * 1024  # bytes
_BIG_AT_ONCE = 4  # of them, so that memory has a bound

_log = logging.getLogger("flask_s3_static")

_HOPELESS = 10  # failures without a success: the rest would fail as well, only slower


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an item.

    :param result: ``'there'`` if S3 had these bytes already.
    :param size: what was sent, in bytes.
    """

    item: Item
    result: Literal["sent", "there", "failed"]
    size: int = 0
    error: Exception | None = None


class Sender:
    """Stores items in a bucket; gives up on the rest if nothing at all succeeds.

    :param etags: of objects in the bucket, by key, that need not be sent if the bytes are these.
    """

    def __init__(self, storage: S3Storage, items: Iterable[Item], etags: Mapping[str, str]) -> None:
        self._storage = storage
        self._route = FastPut(storage)
        self._items = iter(items)
        self._etags = etags
        self._outcomes: queue.SimpleQueue[Outcome | None] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._big = threading.BoundedSemaphore(_BIG_AT_ONCE)
        self._stop = threading.Event()
        self._failures, self._has_success = 0, False

    def run(self, record: Callable[[Outcome], None]) -> None:
        """Store all; interrupted, end what is under way.

        :param record: called in this thread, with the outcome of each item that was tried.
        """
        threads = [threading.Thread(target=self._work) for _ in range(WORKERS)]
        working = 0
        try:
            for thread in threads:  # in here, for the first are at work while others are started
                thread.start()
                working += 1
            while working:
                outcome = self._outcomes.get()
                if outcome is None:
                    working -= 1
                else:
                    record(outcome)
        finally:
            self._stop.set()
            for thread in threads:
                if thread.is_alive():
                    thread.join()
            while not self._outcomes.empty():
                if outcome := self._outcomes.get():
                    record(outcome)

    def _work(self) -> None:
        try:
            while not self._stop.is_set():
                with self._guard:
                    item = next(self._items, None)
                if item is None:
                    return
                with self._big if item.file.size > _BIG_SIZE else nullcontext():
                    outcome = self._send(item)
                self._outcomes.put(outcome)
                _log.debug("%s: %s", item.key, outcome.error or outcome.result)
                self._note(is_success=outcome.result != "failed")
        finally:
            self._route.close()
            self._outcomes.put(None)

    def _note(self, *, is_success: bool) -> None:
        with self._guard:
            self._has_success = self._has_success or is_success
            self._failures += not is_success
            if self._failures >= _HOPELESS and not self._has_success:
                self._stop.set()

    def _send(self, item: Item) -> Outcome:
        etag = self._etags.get(item.key)
        try:
            with open_body(item) as body:
                if etag and etag == body.etag():
                    return Outcome(item, "there")
                return Outcome(item, "sent", self._put(item, body))
        except Exception as error:  # noqa: BLE001 - whatever it is, the push must name it
            return Outcome(item, "failed", error=error)

    def _put(self, item: Item, body: Body) -> int:
        parameters = dict(item.request.parameters)
        if body.encoding:
            parameters["ContentEncoding"] = body.encoding
        if body.data is not None and self._route.put(item.key, body.data, parameters):
            return len(body.data)
        content_type = parameters.pop("ContentType")
        return self._storage.save(
            item.key, body.stream, content_type=content_type, extra_args=parameters
        ).size
