"""Files that wait on the local disk to be sent to S3, each next to what is to become of it.

Each process has a folder of its own in the spool, which it holds by a lock for as long as it lives;
the lock of a folder whose process died is free, and the next process to start takes over what lies
there. Whoever sends a file, in this process or another, holds a lock on that file meanwhile.
"""

import io
import json
import os
import re
import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, BinaryIO

from s3_saver import LocalStorage, ObjectOptions, StoredFile

from ..exceptions import ConfigError
from ._locks import Lock

_JOB = ".json"
_DATA = ".data"
_SENDING = ".sending"
_LOCK = "lock"
_NAME = re.compile("[0-9a-f]{16}/[0-9a-f]{32}")


@dataclass(frozen=True)
class Waiting:
    """A file that waits.

    :param options: how it is to be kept on S3.
    """

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


class Spool:
    """The folder in which the files of one store wait.

    :param root: its path, where it is made when a file comes.
    :param setting: the key of the setting for it, for errors.
    """

    def __init__(self, root: str, setting: str) -> None:
        self._root = root
        self._setting = setting
        self._starting = threading.Lock()
        self._pid = 0  # of the process whose folder it is: a fork gets its own
        self._locks: list[Lock] = []

    @property
    def is_there(self) -> bool:
        return os.path.isdir(self._root)

    def start(self) -> list[str]:
        """Make the folder of this process, once, and return the names of what dead ones have left,
        which are this process's from now on.
        """
        if self._pid == os.getpid():
            return []
        with self._starting:
            if self._pid == os.getpid():
                return []
            for lock in self._locks:  # inherited by a fork: they are to end with the parent
                lock.release()
            self._own = self._make_folder()
            left_over = list(self._take_over())
            self._pid = os.getpid()
        return left_over

    def keep(self, stored: StoredFile, file: IO[bytes], options: ObjectOptions) -> str:
        """Keep a file in the folder of this process; return the name by which it waits."""
        key, values = secrets.token_hex(16), {"file": stored.to_dict(), "options": options}
        self._own.save(key + _DATA, file)
        self._own.save(key + _JOB, io.BytesIO(json.dumps(values).encode()))
        return f"{os.path.basename(self._own.root)}/{key}"

    @contextmanager
    def take(self, name: str) -> Iterator[Waiting | None]:
        """Hold a file, so that nobody else sends it; ``None`` if somebody does, or has.

        :raises ConfigError: this machine does not have the folder in which it waits.
        """
        if not _NAME.fullmatch(name):
            raise ValueError(f"name must be what keep() returned, got {name!r}")
        folder, _, key = name.partition("/")
        path = os.path.join(self._root, folder)
        if not os.path.isdir(path):
            raise ConfigError(
                f"a file that waits to be sent is not below {self._root!r} here: let the processes"
                f" that take files and those that send them have the same {self._setting}, on a"
                " disk that they share",
                setting=self._setting,
            )
        sending = os.path.join(path, key + _SENDING)
        lock = Lock(sending)
        if not lock.take():
            yield None
            return
        try:
            yield _load(LocalStorage(path), key)
        finally:
            with suppress(OSError):
                os.remove(sending)
            lock.release()

    def _make_folder(self) -> LocalStorage:
        while True:
            path = os.path.join(self._root, secrets.token_hex(8))
            os.makedirs(path)
            lock = Lock(os.path.join(path, _LOCK))
            if lock.take():
                self._locks = [lock]
                return LocalStorage(path)

    def _take_over(self) -> Iterator[str]:
        for entry in sorted(os.listdir(self._root)):
            path = os.path.join(self._root, entry)
            lock = Lock(os.path.join(path, _LOCK))
            if path == self._own.root or not lock.take():
                continue
            names = [name for name in os.listdir(path) if name.endswith(_JOB)]
            if not names:
                shutil.rmtree(path, ignore_errors=True)
                lock.release()
                continue
            self._locks.append(lock)
            for name in sorted(names):
                yield f"{entry}/{name.removesuffix(_JOB)}"


def _load(folder: LocalStorage, key: str) -> Waiting | None:
    try:
        with folder.open(key + _JOB) as file:
            values = json.load(file)
    except FileNotFoundError:
        return None
    return Waiting(folder, key, StoredFile.from_dict(values["file"]), values["options"])
