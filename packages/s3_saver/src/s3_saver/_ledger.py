"""The files that a transaction has saved or will delete."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from ._logs import log_error
from ._saved import SavedFile, file_key
from ._stored import FileStorages, StoredFile


@dataclass
class Ledger:
    """The files of one transaction, by their keys: see :func:`file_key`.

    :param saved: what stays after a commit.
    :param deleted: what is deleted after a commit.
    :param undone: what was saved and then deleted or replaced again; it is deleted in any case.
    """

    saved: dict[object, SavedFile] = field(default_factory=dict)
    deleted: dict[object, StoredFile] = field(default_factory=dict)
    undone: list[SavedFile] = field(default_factory=list)
    after_commit: list[Callable[[], object]] = field(default_factory=list)
    after_rollback: list[Callable[[], object]] = field(default_factory=list)

    def save(self, saved: SavedFile) -> None:
        key = file_key(saved.file)
        self.deleted.pop(key, None)
        if earlier := self.saved.get(key):
            self.undone.append(earlier)
        self.saved[key] = saved

    def delete(self, file: StoredFile) -> None:
        key = file_key(file)
        saved = self.saved.pop(key, None)
        if saved:
            self.undone.append(saved)
        if not saved or saved.waits:
            self.deleted[key] = file

    def release(self, file: StoredFile) -> None:
        key = file_key(file)
        self.deleted.pop(key, None)
        saved = self.saved.get(key)
        if saved and not saved.waits:
            del self.saved[key]

    def absorb(self, other: "Ledger") -> None:
        """Take over the changes of a nested transaction."""
        self.undone += other.undone
        for file in other.deleted.values():
            self.delete(file)
        for saved in other.saved.values():
            self.save(saved)
        self.after_commit += other.after_commit
        self.after_rollback += other.after_rollback

    def take(self) -> "Ledger":
        """Return the contents as a new ledger, and empty this one: nested transactions hold it."""
        taken = replace(self)
        self.saved, self.deleted, self.undone = {}, {}, []
        self.after_commit, self.after_rollback = [], []
        return taken

    def finish(self) -> None:
        """Put what was saved under its names, and delete what was replaced again."""
        for one in self.saved.values():
            attempt("%r is committed, but its content is still in %r: %s", one, one.finish)
        for one in self.undone:
            # A later file has taken its name, and may even have the same bytes.
            if one.waits or file_key(one.file) not in self.saved:
                attempt("%r could not be deleted, it is in %r: %s", one, one.undo)

    def undo(self) -> None:
        """Delete what was saved."""
        for one in (*self.saved.values(), *self.undone):
            attempt("%r was rolled back, but is still in %r: %s", one, one.undo)


def delete_all(files: Iterable[StoredFile]) -> None:
    """Delete files, by one call for those of the same storages."""
    groups: dict[int, tuple[FileStorages, list[StoredFile]]] = {}
    for file in files:
        groups.setdefault(id(file.storages), (file.storages, []))[1].append(file)
    for storages, group in groups.values():
        try:
            storages.delete(*group)
        except Exception as error:  # noqa: BLE001
            log_error(
                "%d files could not be deleted, %r first: %s", len(group), group[0].name, error
            )


def attempt(message: str, saved: SavedFile, step: Callable[[], None]) -> None:
    """Take a step after the transaction, when a failure can only be logged."""
    try:
        step()
    except Exception as error:  # noqa: BLE001
        log_error(message, saved.file.name, saved.held, error)


def call_all(calls: Iterable[Callable[[], object]]) -> None:
    for call in calls:
        try:
            call()
        except Exception as error:  # noqa: BLE001
            log_error("%r failed after the transaction: %s", call, error)
