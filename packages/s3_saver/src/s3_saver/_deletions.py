"""Listeners that are called when files are deleted."""

from collections.abc import Callable
from typing import TypeVar

from .exceptions import ArgumentTypeError

#: Called with the name, the storage type and the bucket name of a file that was deleted.
OnDeleted = Callable[[str, str, str], object]
#: Called likewise, with the names of all files that one call has deleted in one storage.
OnAllDeleted = Callable[[list[str], str, str], object]

Listener = TypeVar("Listener", bound=Callable[..., object])


class Deletions:
    """The listeners of one app's storages."""

    def __init__(self) -> None:
        self._of_each: list[OnDeleted] = []
        self._of_all: list[OnAllDeleted] = []

    def hear_each(self, listener: OnDeleted) -> None:
        self._of_each.append(_checked(listener))

    def hear_all(self, listener: OnAllDeleted) -> None:
        self._of_all.append(_checked(listener))

    def report(self, names: list[str], storage_type: str, bucket_name: str) -> None:
        """Call the listeners. What they raise is logged: the files are gone."""
        for name in names:
            for listener in self._of_each:
                _call(listener, name, storage_type, bucket_name)
        for listener_of_all in self._of_all if names else ():
            _call(listener_of_all, list(names), storage_type, bucket_name)


def _checked(listener: Listener) -> Listener:
    if not callable(listener):
        raise ArgumentTypeError("listener", listener, "a function of three arguments")
    return listener


def _call(listener: Callable[..., object], what: object, *location: str) -> None:
    try:
        listener(what, *location)
    except Exception:
        from logging import getLogger  # rarely needed, and slow to import

        getLogger("s3_saver").exception("%r was deleted, but %r failed", what, listener)
