"""A folder on disk as a storage."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from typing import IO, BinaryIO

from ._checks import FOLDER, PATH, check_header, check_type
from ._disk_errors import from_os_error, is_plain, not_found
from ._disk_write import Draft, flush_folder
from ._leftovers import DAY, find_leftovers, sweep
from ._listed import listed, names_to_delete
from ._names import RESERVED_PREFIX, check_name, check_prefix
from ._storage import FileInfo
from ._streams import read_chunks, rewind
from ._types import guess_content_type
from .exceptions import AccessDeniedError, ArgumentError, NotFoundError, S3SaverError


class LocalStorage:
    """Keeps files in a folder. See :class:`Storage` for what each call promises.

    A file is written without a name, flushed to the disk, and then put under its name, so readers
    see the old file or the new one; then the folder is flushed as well. A process that is killed
    leaves nothing behind, or, where it was replacing a file, at most one whole file under a hidden
    name that begins with ``.s3-saver-``. File systems that know no files without names (NFS, SMB,
    exFAT) get a hidden one from the start. The next save in that folder removes hidden files that
    are a day old, and :meth:`prune` removes those of all folders.

    On file systems without hard links, ``overwrite=False`` claims the name by an exclusive create
    of a hidden file. A save with ``overwrite=True`` at the same moment does not see the claim.

    Folders are made as they are needed and removed when their last file is deleted, as on S3, where
    there are none. A FIFO, a socket or a device is no file: it is not there, and never replaced.

    Symbolic links are followed by reading: what the owner of the folder links is part of it.
    Nothing is saved or deleted through a folder that is a link to somewhere outside. A save under a
    link's name replaces the link.

    :param root: the folder's path; made at the first save if it is absent.
    :param permission: the mode bits of new files, less the process's umask. Folders get the same,
        and may be searched by whoever may read them.
    :param keep: a folder below the root that stays, with those above it, even when it is empty.
    :raises ArgumentError: *root* is empty or no path, or *permission* is no int.
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
            raise ArgumentError("root", root, FOLDER)
        self.root = os.path.abspath(root)
        self.permission = permission
        self._kept = os.path.abspath(keep or root)

    def __repr__(self) -> str:
        return f"LocalStorage({self.root!r})"

    def path(self, name: str) -> str:
        """Return the absolute path of the file of that name, whether it is there or not."""
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
        folder = os.path.dirname(path)
        rewind(file)
        verb = "save" if overwrite else "create"
        made_folders: list[str] = []

        def make_folder(folder: str) -> None:
            made_folders.append(folder)
            self._make_folder(folder)

        with self._translated("save", name):
            self._refuse_link_out("save", name)
            try:
                draft = Draft(path, self.permission, make_folder)
            except BaseException:
                if made_folders:
                    self._remove_empty_folders(folder)
                raise
        try:
            for chunk in read_chunks(file):
                with self._translated("save", name):
                    draft.write(chunk)
            with self._translated(verb, name):
                status = draft.publish(overwrite=overwrite)
        except BaseException:
            draft.close()
            self._remove_empty_folders(folder)
            sweep(folder)  # what is in the way may be a claim that a killed process left
            raise
        draft.close()
        sweep(folder)
        return _info(name, status)

    def open(self, name: str) -> BinaryIO:
        path = self.path(name)
        with self._translated("open", name):
            if not stat.S_ISREG(os.stat(path).st_mode):
                raise not_found(name, self)
            return open(path, "rb", opener=_open_at_once)

    def stat(self, name: str) -> FileInfo:
        return self._stat(check_name(name))

    def exists(self, name: str) -> bool:
        try:
            self.stat(name)
        except NotFoundError:
            return False
        return True

    def delete(self, *names: str | FileInfo) -> None:
        failure: S3SaverError | None = None
        for name in names_to_delete(names):  # checks all before the first is deleted
            try:
                with suppress(NotFoundError), self._translated("delete", name):
                    self._delete(name)
            except S3SaverError as error:  # the others are deleted all the same
                failure = failure or error
        if failure:
            raise failure

    def find(self, prefix: str = "") -> Iterator[FileInfo]:
        folder, _, start = check_prefix(prefix).rpartition("/")
        return self._walk(folder + "/" if folder else "", start, frozenset())

    def copy(self, source: str, target: str, *, overwrite: bool = True) -> FileInfo:
        with self.open(source) as file:
            return self.save(target, file, overwrite=overwrite)

    def prune(
        self, *, older_than: timedelta = timedelta(seconds=DAY), dry_run: bool = False
    ) -> list[str]:
        """Remove hidden files that killed processes left, in all folders of the storage.

        :param older_than: how long nothing was written to them; by default a day. What is younger
            may belong to a save that is under way.
        :param dry_run: remove nothing.
        :return: their paths below the root.
        """
        removed = []
        with self._translated("find", ""):
            for path in list(find_leftovers(self.root, older_than.total_seconds())):
                name = os.path.relpath(path, self.root)
                if not dry_run:
                    with suppress(NotFoundError), self._translated("delete", name):
                        os.unlink(path)
                        self._remove_empty_folders(os.path.dirname(path))
                removed.append(name)
        return removed

    def _stat(self, name: str) -> FileInfo:
        with self._translated("stat", name):
            status = os.stat(os.path.join(self.root, name))
        if not stat.S_ISREG(status.st_mode):
            raise not_found(name, self)
        return _info(name, status)

    def _delete(self, name: str) -> None:
        path = os.path.join(self.root, name)
        if not is_plain(os.lstat(path).st_mode) or os.path.isdir(path):
            return  # a folder, FIFO or device is no file: nothing of that name is stored
        self._refuse_link_out("delete", name)
        os.unlink(path)
        self._remove_empty_folders(os.path.dirname(path))

    def _refuse_link_out(self, verb: str, name: str) -> None:
        folder = self.root
        for segment in name.split("/")[:-1]:
            folder = os.path.join(folder, segment)
            if os.path.islink(folder):
                root, real = (os.path.realpath(path) + os.sep for path in (self.root, folder))
                if not real.startswith(root):
                    raise AccessDeniedError(
                        f"cannot {verb} {name!r} in {self!r}: its folder {folder!r} is a link to "
                        "somewhere outside; make it a folder, or use a storage of the linked one",
                        name=name,
                        permission="write",
                    )

    def _make_folder(self, folder: str) -> None:
        searchable = (self.permission & 0o444) >> 2
        mode = self.permission | searchable | stat.S_IWUSR | stat.S_IXUSR
        try:
            os.mkdir(folder, mode)
            flush_folder(os.path.dirname(folder))
        except FileNotFoundError:
            self._make_folder(os.path.dirname(folder))
            with suppress(FileNotFoundError, FileExistsError):
                os.mkdir(folder, mode)  # if that fails once more, the caller tries again
                flush_folder(os.path.dirname(folder))
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
            except FileNotFoundError:
                pass  # it could not be made, or another process has removed it
            except OSError:
                return  # it holds another file, or is being filled just now: it stays
            folder = os.path.dirname(folder)

    def _walk(
        self, folder: str, start: str, above: frozenset[tuple[int, int]]
    ) -> Iterator[FileInfo]:
        """Return the files below *folder* (empty, or ending in a slash), whose rest has *start*.

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
                    yield self._stat(listed(folder + entry.name))

    @contextmanager
    def _translated(self, verb: str, name: str) -> Iterator[None]:
        try:
            yield
        except (S3SaverError, TypeError, ValueError):
            raise
        except OSError as error:
            path = os.path.join(self.root, name)
            raise from_os_error(error, verb, name, self, path) from error


def _open_at_once(path: str, flags: int) -> int:
    # If it became a FIFO just now, opening it must not wait for somebody to write to it.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    # What is no link is known from the listing alone. A link may be broken in ways that only
    # os.path.isdir takes for False.
    return os.path.isdir(entry) if entry.is_symlink() else entry.is_dir()


def _time_of(status: os.stat_result) -> datetime:
    try:
        return datetime.fromtimestamp(status.st_mtime, UTC)
    except (ValueError, OverflowError):  # file systems have more years than Python
        year = MAXYEAR if status.st_mtime > 0 else MINYEAR
        return datetime(year, 1, 1, tzinfo=UTC)


def _info(name: str, status: os.stat_result) -> FileInfo:
    return FileInfo(
        name=name,
        size=status.st_size,
        modified=_time_of(status),
        etag=f"{status.st_ino:x}-{status.st_mtime_ns:x}-{status.st_size:x}",
        content_type=guess_content_type(name),
    )
