"""How a file gets onto a disk: written without a name, flushed, and put under its name at once."""

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

from ._digests import sha256
from ._disk_errors import is_plain
from ._names import RESERVED_PREFIX
from ._streams import CHUNK_SIZE

_Result = TypeVar("_Result")

# A file without a name (open(2), O_TMPFILE) is gone when its process is. It gets its name by way
# of /proc, which a jail may lack.
_CAN_BE_NAMELESS: Final = hasattr(os, "O_TMPFILE") and os.path.isdir("/proc/self/fd")

# What link and fsync answer where a file system has none: exFAT, SMB, gcsfuse, Android's sdcardfs.
_NO_LINKS: Final = frozenset(
    {errno.ENOSYS, errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL, errno.EACCES}
    | {errno.EXDEV, errno.EMLINK}
)
_NO_FLUSH: Final = frozenset(
    {errno.ENOSYS, errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL}
)

# How often a folder is made again for a save, while deletes in other processes remove it as empty.
_MAKING_ATTEMPTS: Final = 100


class Draft:
    """A file that is being written: it has no name yet, or a hidden one next to its own.

    :param path: the absolute path that it shall have.
    :param permission: its mode bits, less the umask.
    :param make_folder: makes the folder of that path, and those above it.
    """

    def __init__(self, path: str, permission: int, make_folder: Callable[[str], None]) -> None:
        self._path = path
        self._folder = os.path.dirname(path)
        self._permission = permission
        self._make_folder = make_folder
        self._hidden = ""
        self._descriptor = self._with_folder(self._open)

    def write(self, data: bytes) -> None:
        write_fully(self._descriptor, data)

    def publish(self, *, overwrite: bool) -> os.stat_result:
        """Flush the file and put it under its name; flush the folder as well.

        :raises FileExistsError: the name is taken, by what may not be replaced.
        """
        flush(self._descriptor)
        status = os.fstat(self._descriptor)
        if not self._hidden:
            self._with_folder(lambda: self._publish_nameless(overwrite=overwrite))
        elif overwrite:
            self._replace()
        else:
            self._create()
        flush_folder(self._folder)
        return status

    def close(self) -> None:
        """End the writing; what was not published is gone."""
        os.close(self._descriptor)
        if self._hidden:
            with suppress(FileNotFoundError):
                os.unlink(self._hidden)

    def _open(self) -> int:
        if _CAN_BE_NAMELESS:
            try:
                return os.open(self._folder, os.O_TMPFILE | os.O_RDWR, self._permission)
            except FileNotFoundError:
                raise
            except OSError:
                pass  # not on this file system; if it is something else, the next line says so
        return self._create_hidden()

    def _create_hidden(self) -> int:
        hidden = self._hidden_path(os.urandom(8).hex())
        descriptor = _create(hidden, self._permission)
        self._hidden = hidden
        return descriptor

    def _hidden_path(self, rest: str) -> str:
        return os.path.join(self._folder, RESERVED_PREFIX + rest)

    def _with_folder(self, work: Callable[[], _Result]) -> _Result:
        for _ in range(_MAKING_ATTEMPTS):
            try:
                return work()
            except FileNotFoundError:
                # Not there yet, or just removed as empty by a delete in another process.
                self._make_folder(self._folder)
        # As below /proc, where mkdir says that there is no such folder, or on a drive that is gone.
        raise PermissionError(errno.EACCES, "its folder cannot be made", self._folder)

    def _publish_nameless(self, *, overwrite: bool) -> None:
        try:
            self._link(self._path)
        except FileExistsError:
            if not overwrite:
                raise
            hidden = self._hidden_path(os.urandom(8).hex())
            self._link(hidden)
            self._hidden = hidden
            self._replace()
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            self._copy_to_hidden()
            self._replace() if overwrite else self._create()

    def _link(self, path: str) -> None:
        # With a dst_dir_fd, Python calls linkat, which follows the link in /proc; link does not.
        # The path is absolute, so any descriptor will do.
        source = f"/proc/self/fd/{self._descriptor}"
        os.link(source, path, dst_dir_fd=self._descriptor)

    def _copy_to_hidden(self) -> None:
        nameless = self._descriptor
        self._descriptor = self._create_hidden()
        try:
            os.lseek(nameless, 0, os.SEEK_SET)
            while chunk := os.read(nameless, CHUNK_SIZE):
                self.write(chunk)
        finally:
            os.close(nameless)
        flush(self._descriptor)

    def _replace(self) -> None:
        with suppress(FileNotFoundError):
            if not is_plain(os.lstat(self._path).st_mode):
                raise FileExistsError(errno.EEXIST, "no file", self._path)
        os.replace(self._hidden, self._path)
        self._hidden = ""

    def _create(self) -> None:
        try:
            os.link(self._hidden, self._path)  # unlike a rename, it fails if the name is taken
        except FileExistsError:
            raise
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            self._create_by_claim()
        else:
            os.unlink(self._hidden)
            self._hidden = ""

    def _create_by_claim(self) -> None:
        """Rename the file to a free name, while nobody else with ``overwrite=False`` may.

        Where there are no links, an exclusive create still decides who is first. What is created is
        a hidden claim, and not the file itself, so that a kill leaves no empty file under the name.
        """
        digest = sha256(os.fsencode(os.path.basename(self._path))).hexdigest()
        claim = self._hidden_path(f"claim-{digest[:32]}")
        os.close(_create(claim, self._permission))
        try:
            if os.path.lexists(self._path):
                raise FileExistsError(errno.EEXIST, "it exists", self._path)
            os.replace(self._hidden, self._path)
            self._hidden = ""
        finally:
            os.unlink(claim)


def _create(path: str, permission: int) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.open(path, flags, permission)


def write_fully(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def flush(descriptor: int) -> None:
    """Wait until a file's bytes are on the disk, where its file system can say that."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_FLUSH:
            raise


def flush_folder(folder: str) -> None:
    """Wait until the names in a folder are on the disk; fsync(2) of a file leaves them out.

    A folder that the process may write but not read cannot be flushed, nor can one on Windows.
    """
    if not hasattr(os, "O_DIRECTORY"):
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except (FileNotFoundError, PermissionError):
        return  # removed as empty just now, by who deleted the file again
    try:
        flush(descriptor)
    finally:
        os.close(descriptor)
