"""Listeners that are called when files are saved and deleted."""

from collections.abc import Callable
from typing import TypeVar

from ._logs import log_exception
from ._stored import StoredFile
from .exceptions import ArgumentTypeError

#: Called with a file that was stored.
OnSaved = Callable[[StoredFile], object]
#: Called with the name, the storage type and the bucket name of a file that was deleted.
OnDeleted = Callable[[str, str, str], object]
#: Called likewise, with the names of all files that one call has deleted in one storage.
OnAllDeleted = Callable[[list[str], str, str], object]

Listener = TypeVar("Listener", bound=Callable[..., object])


class Listeners:
    """The part of :class:`Storages` that calls listeners.

    Listeners are called in the same process and thread, after the fact. What one raises is logged,
    and the others are called as well. What another process or a lifecycle rule does is not
    reported.
    """

    def __init__(self) -> None:
        self._of_saved: list[OnSaved] = []
        self._of_replaced: list[OnSaved] = []
        self._of_deleted: list[OnDeleted] = []
        self._of_all_deleted: list[OnAllDeleted] = []

    def on_saved(self, listener: OnSaved) -> OnSaved:
        """Call *listener* for each file that is saved through these storages, with the stored file;
        that of a :class:`FileTransaction`, too, before it is committed. It is returned unchanged,
        so that this works as a decorator.
        """
        self._of_saved.append(_checked(listener, "a function of a StoredFile"))
        return listener

    def on_replaced(self, listener: OnSaved) -> OnSaved:
        """Call *listener* for each file that may have taken the place of another of its name, with
        the stored file: it was saved with ``overwrite=True``, or a :class:`FileTransaction` has
        moved it to a name that was taken, after the commit. It is returned unchanged, so that this
        works as a decorator.
        """
        self._of_replaced.append(_checked(listener, "a function of a StoredFile"))
        return listener

    def on_deleted(self, listener: OnDeleted) -> OnDeleted:
        """Call *listener* for each file that is deleted through these storages, with its name,
        storage type and bucket name. It is returned unchanged, so that this works as a decorator.
        """
        self._of_deleted.append(_checked(listener))
        return listener

    def on_all_deleted(self, listener: OnAllDeleted) -> OnAllDeleted:
        """As :meth:`on_deleted`, but *listener* is called once with a list of all names that one
        call has deleted in one storage: so it can handle many files by few requests.
        """
        self._of_all_deleted.append(_checked(listener))
        return listener

    def report_saved(self, file: StoredFile) -> None:
        """Call the listeners of saved files: for what was stored otherwise than through these
        storages, such as by a copy inside S3.
        """
        for listener in self._of_saved:
            _call("saved", listener, file)

    def report_replaced(self, file: StoredFile) -> None:
        """Call the listeners of files that may have replaced others."""
        for listener in self._of_replaced:
            _call("saved", listener, file)

    def _report_deleted(self, names: list[str], storage_type: str, bucket_name: str) -> None:
        for name in names:
            for listener in self._of_deleted:
                _call("deleted", listener, name, storage_type, bucket_name)
        for listener_of_all in self._of_all_deleted if names else ():
            _call("deleted", listener_of_all, list(names), storage_type, bucket_name)


def _checked(listener: Listener, wanted: str = "a function of three arguments") -> Listener:
    if not callable(listener):
        raise ArgumentTypeError("listener", listener, wanted)
    return listener


def _call(done: str, listener: Callable[..., object], what: object, *location: str) -> None:
    try:
        listener(what, *location)
    except Exception:  # noqa: BLE001
        log_exception("%r was %s, but %r failed", what, done, listener)
