"""A folder on disk as a storage: temporary file, flush, atomic rename."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import IO, BinaryIO

from ._checks import FOLDER, PATH, check_header, check_type
from ._names import RESERVED_PREFIX, check_name, check_prefix
from ._storage import FileInfo
from ._streams import read_chunks, rewind
from ._types import guess_content_type
from .exceptions import (
    AccessDeniedError,
    AlreadyExistsError,
    NotFoundError,
    S3SaverError,
    StorageUnavailableError,
)

# How often a folder is made anew for a save, while deletes in other processes remove it as empty.
_MAKING_ATTEMPTS = 100


class LocalStorage:
    """Keeps files in a folder. See :class:`Storage` for what each call promises.

    A file is written beside its target under a hidden name, flushed to the disk and then renamed,
    so readers see the old file or the new one. What a killed process leaves behind begins with
    ``.s3-saver-`` and is never listed. Folders are made as they are needed and removed when their
    last file is deleted, as on S3, where there are none.

    Symbolic links are followed by reading: what the owner of the folder links is part of it. A save
    under a link's name replaces the link.

    :param root: the folder's path; made at the first save if it is absent.
    :param permission: the mode bits of new files, less the process's umask. Folders get the same,
        and may be searched by whoever may read them.
    :param keep: a folder below the root that stays, with those above it, even when it is empty.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        *,
        permission: int = 0o666,
        keep: str | os.PathLike[str] | None = None,
    ) -> None:
        check_type("root", root, PATH, FOLDER)
        check_type("permission", permission, int, "an int such as 0o640")
        if not os.fspath(root):
            raise ValueError("root must be the path of a folder, got ''")
        self.root = os.path.abspath(root)
        self.permission = permission
        self._kept = os.path.abspath(keep or root)

    def __repr__(self) -> str:
        return f"LocalStorage({self.root!r})"

    def path(self, name: str) -> str:
        """Give the absolute path of the file of that name, be it there or not."""
        return os.path.join(self.root, check_name(name))

    def save(
        self,
        name: str,
        file: IO[bytes],
        *,
        overwrite: bool = True,
        content_type: str | None = None,  # a disk has no room for it
    ) -> FileInfo:
        check_header("content_type", content_type)
        path = self.path(name)
        rewind(file)
        with self._translated("save", name):
            descriptor, temporary = self._create_beside(path)
        try:
            with os.fdopen(descriptor, "wb", buffering=0) as out:
                for chunk in read_chunks(file):
                    with self._translated("save", name):
                        _write_fully(out.fileno(), chunk)
                with self._translated("save", name):
                    os.fsync(out.fileno())
                    status = os.fstat(out.fileno())
            if overwrite:
                with self._translated("save", name):
                    os.replace(temporary, path)
            else:
                with self._translated("create", name):
                    os.link(temporary, path)  # unlike a rename, it fails if the name is taken
                    os.unlink(temporary)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(temporary)
            self._remove_empty_folders(os.path.dirname(path))
            raise
        return _info(name, status)

    def open(self, name: str) -> BinaryIO:
        with self._translated("open", name):
            return open(self.path(name), "rb")

    def stat(self, name: str) -> FileInfo:
        return self._stat(check_name(name))

    def exists(self, name: str) -> bool:
        try:
            self.stat(name)
        except NotFoundError:
            return False
        return True

    def delete(self, *names: str) -> None:
        paths = {name: self.path(name) for name in names}  # checks all before the first is deleted
        for name, path in paths.items():
            if os.path.isdir(path) and not os.path.islink(path):
                continue  # a folder is no file: nothing of that name is stored
            with suppress(NotFoundError), self._translated("delete", name):
                os.unlink(path)
                self._remove_empty_folders(os.path.dirname(path))

    def find(self, prefix: str = "") -> Iterator[FileInfo]:
        folder, _, start = check_prefix(prefix).rpartition("/")
        return self._walk(folder + "/" if folder else "", start, frozenset())

    def copy(self, source: str, target: str, *, overwrite: bool = True) -> FileInfo:
        with self.open(source) as file:
            return self.save(target, file, overwrite=overwrite)

    def _stat(self, name: str) -> FileInfo:
        with self._translated("stat", name):
            status = os.stat(os.path.join(self.root, name))
        if not stat.S_ISREG(status.st_mode):
            raise self._not_found(name)
        return _info(name, status)

    def _create_beside(self, path: str) -> tuple[int, str]:
        folder = os.path.dirname(path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        for _ in range(_MAKING_ATTEMPTS):
            temporary = os.path.join(folder, RESERVED_PREFIX + os.urandom(8).hex())
            try:
                return os.open(temporary, flags, self.permission), temporary
            except FileNotFoundError:
                # Not there yet, or just removed as empty by a delete in another process.
                self._make_folder(folder)
        # As below /proc, where mkdir says that there is no such folder, or on a drive that is gone.
        raise PermissionError(errno.EACCES, "its folder cannot be made", folder)

    def _make_folder(self, folder: str) -> None:
        searchable = (self.permission & 0o444) >> 2
        mode = self.permission | searchable | stat.S_IWUSR | stat.S_IXUSR
        try:
            os.mkdir(folder, mode)
        except FileNotFoundError:
            self._make_folder(os.path.dirname(folder))
            with suppress(FileNotFoundError, FileExistsError):
                os.mkdir(folder, mode)  # if that fails once more, the caller tries again
        except FileExistsError:
            try:
                mode = os.lstat(folder).st_mode
            except FileNotFoundError:
                return  # removed as empty just now: the caller tries again
            if not stat.S_ISDIR(mode) and not os.path.isdir(folder):
                raise

    def _remove_empty_folders(self, folder: str) -> None:
        while folder.startswith(self.root + os.sep) and not os.path.islink(folder):
            if (self._kept + os.sep).startswith(folder + os.sep):
                return
            try:
                os.rmdir(folder)
            except OSError:
                return  # it holds another file, or is being filled just now: it stays
            folder = os.path.dirname(folder)

    def _walk(
        self, folder: str, start: str, above: frozenset[tuple[int, int]]
    ) -> Iterator[FileInfo]:
        """Give the files below *folder* (empty, or ending in a slash), whose rest has *start*.

        *above* holds the folders that we are in, so that a link back to one of them ends there.
        """
        try:
            with self._translated("find", folder):
                status = os.stat(os.path.join(self.root, folder))
                with os.scandir(os.path.join(self.root, folder)) as scan:
                    # A folder sorts by what its files' names go on with, a slash.
                    entries = sorted(
                        (os.fsencode(entry.name) + b"/" * _is_folder(entry), entry)
                        for entry in scan
                        if entry.name.startswith(start)
                        and not entry.name.startswith(RESERVED_PREFIX)
                    )
        except NotFoundError:
            return
        here = (status.st_dev, status.st_ino)
        if here in above:
            return
        for key, entry in entries:
            if key.endswith(b"/"):
                yield from self._walk(f"{folder}{entry.name}/", "", above | {here})
            else:
                with suppress(NotFoundError):  # deleted since we looked, or no file
                    yield self._stat(folder + entry.name)

    def _not_found(self, name: str) -> NotFoundError:
        return NotFoundError(f"there is no file {name!r} in {self!r}", name=name)

    @contextmanager
    def _translated(self, verb: str, name: str) -> Iterator[None]:
        try:
            yield
        except (S3SaverError, TypeError, ValueError):
            raise
        except OSError as error:
            raise self._translate(error, verb, name) from error

    def _translate(self, error: OSError, verb: str, name: str) -> S3SaverError:
        what = f"cannot {verb} {name!r} in {self!r}"
        saving = verb in ("save", "create")
        if isinstance(error, FileNotFoundError) or (
            not saving
            and (
                isinstance(error, NotADirectoryError | IsADirectoryError)
                or error.errno == errno.ELOOP  # links that lead nowhere
            )
        ):
            return self._not_found(name)
        taken = verb == "create" and isinstance(error, FileExistsError)
        if isinstance(error, IsADirectoryError) or (taken and os.path.isdir(self.path(name))):
            return AlreadyExistsError(
                f"{what}: a directory of that name is in the way; choose another name", name=name
            )
        if taken:
            return AlreadyExistsError(
                f"{what}: it exists; choose another name or pass overwrite=True", name=name
            )
        if isinstance(error, FileExistsError | NotADirectoryError):
            return AlreadyExistsError(
                f"{what}: one of its folders is a file; choose another name or delete that file",
                name=name,
            )
        if verb == "create" and error.errno in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS):
            return S3SaverError(
                f"{what}: its file system has no hard links, which overwrite=False needs; "
                "move the folder to one that has them",
                name=name,
            )
        if isinstance(error, PermissionError) or error.errno == errno.EROFS:
            permission = "read" if verb in ("open", "stat", "find") else "write"
            return AccessDeniedError(
                f"{what}: {error.strerror}; let the process {permission} there",
                name=name,
                permission=permission,
            )
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return StorageUnavailableError(
                f"{what}: {error.strerror}; free some space and try again", name=name
            )
        return StorageUnavailableError(f"{what}: {error}", name=name)


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    # What is no link is known from the listing alone. A link may be broken in ways that only
    # os.path.isdir takes for False.
    return os.path.isdir(entry) if entry.is_symlink() else entry.is_dir()


def _write_fully(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _info(name: str, status: os.stat_result) -> FileInfo:
    return FileInfo(
        name=name,
        size=status.st_size,
        modified=datetime.fromtimestamp(status.st_mtime, UTC),
        etag=f"{status.st_ino:x}-{status.st_mtime_ns:x}-{status.st_size:x}",
        content_type=guess_content_type(name),
    )
