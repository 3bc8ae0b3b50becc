"""Errors of the operating system about a file become ours."""

import errno
import os
import stat

from .exceptions import (
    AccessDeniedError,
    AlreadyExistsError,
    NotFoundError,
    S3SaverError,
    StorageUnavailableError,
)

_WRITING = ("save", "create")


def not_found(name: str, storage: object) -> NotFoundError:
    return NotFoundError(f"there is no file {name!r} in {storage!r}", name=name)


def from_os_error(error: OSError, verb: str, name: str, storage: object, path: str) -> S3SaverError:
    """Return the error to raise for *error*.

    :param verb: what was tried: ``'create'`` is a save with ``overwrite=False``.
    :param path: where the file is, or would be.
    """
    what = f"cannot {'save' if verb == 'create' else verb} {name!r} in {storage!r}"
    is_absent = isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError)
    if verb not in _WRITING and (is_absent or error.errno == errno.ELOOP):
        return not_found(name, storage)  # ELOOP: links that lead nowhere
    if isinstance(error, FileExistsError | NotADirectoryError | IsADirectoryError):
        return AlreadyExistsError(f"{what}: {_obstacle(path)}", name=name)
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


def is_plain(mode: int) -> bool:
    """Report whether a name with that mode is a file, or a link, which a save may replace."""
    return stat.S_ISREG(mode) or stat.S_ISLNK(mode)


def _obstacle(path: str) -> str:
    try:
        mode = os.stat(path, follow_symlinks=os.path.isdir(path)).st_mode
    except NotADirectoryError:
        return _FOLDER_IS_A_FILE
    except FileNotFoundError:
        if os.path.isdir(os.path.dirname(path)):  # only the claim on the name is there
            return "another save of that name is under way, or was killed; try again"
        return _FOLDER_IS_A_FILE
    if stat.S_ISDIR(mode):
        return "a directory of that name is in the way; choose another name"
    if not is_plain(mode):
        return "a FIFO, socket or device of that name is in the way; choose another name"
    return "it exists; choose another name or pass overwrite=True"


_FOLDER_IS_A_FILE = (
    "one of its folders is a file, or a link to nothing; choose another name or delete that file"
)
