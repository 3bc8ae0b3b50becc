"""Senders that stall: the app's own upload route must not wait for them forever.

WSGI has no time limits. Where the server passes the connection (gunicorn, Werkzeug's own), its
reading side is shut, which ends a read that waits. Other servers have limits of their own.
"""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from time import monotonic
from typing import IO, Any

from ..exceptions import UploadsError

CHUNK = 64 * 1024  # bytes: so many must come within the limit
_SOCKETS = ("gunicorn.socket", "werkzeug.socket")


class StalledError(UploadsError):
    """Too few bytes came in time."""


class _Watch:
    """Shuts a connection's reading side when a deadline passes, from a thread of its own."""

    def __init__(self, connection: socket.socket, limit: float) -> None:
        self._connection = connection
        self._limit = limit
        self._deadline = monotonic() + limit
        self._is_over = threading.Event()
        self.has_shut = False
        self._thread = threading.Thread(target=self._wait, name="uploads-watch", daemon=True)
        self._thread.start()

    def restart(self) -> None:
        self._deadline = monotonic() + self._limit

    def stop(self) -> None:
        self._is_over.set()
        self._thread.join()

    def _wait(self) -> None:
        while (left := self._deadline - monotonic()) > 0:
            if self._is_over.wait(left):
                return
        self.has_shut = True
        with suppress(OSError):  # it is closed already
            self._connection.shutdown(socket.SHUT_RD)


@contextmanager
def read_in_time(
    environ: Mapping[str, Any], body: IO[bytes], length: int, limit: float
) -> Iterator[Iterator[bytes]]:
    """Yield the chunks of a request's body.

    They end too early where the client's bytes do.

    :param length: how many bytes to read, and never one more: by ``wsgi.input_terminated`` a server
        says that its stream ends where the request does; Werkzeug then takes a read past the length
        for a body that is too long, and takes one that is too short as it is.
    :param limit: seconds in which each 64 KiB must come.
    :raises StalledError: they did not.
    """
    connection = next((environ[key] for key in _SOCKETS if key in environ), None)
    watch = _Watch(connection, limit) if connection is not None else None
    try:
        yield _chunks(body, length, watch)
    finally:
        if watch:
            watch.stop()


def _chunks(body: IO[bytes], length: int, watch: _Watch | None) -> Iterator[bytes]:
    while length:
        try:
            chunk = body.read(min(length, CHUNK))
        except Exception:  # whatever the server makes of it
            if watch and watch.has_shut:
                raise StalledError from None
            raise
        if watch and watch.has_shut:
            raise StalledError
        if watch:
            watch.restart()
        if not chunk:
            return
        length -= len(chunk)
        yield chunk
