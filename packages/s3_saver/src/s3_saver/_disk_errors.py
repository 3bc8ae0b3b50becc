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
    UnsafeNameError,
)

_WRITING = ("save", "create")

# What file systems answer for a name that they cannot hold: eCryptfs takes 143 bytes, Linux 4,095
# of a whole path; exFAT and SMB take no '?', others no text that is new in Unicode.
_NO_NAME = frozenset({errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL})
_LEADS_NOWHERE = frozenset({errno.ELOOP, errno.ENAMETOOLONG, errno.EILSEQ})


def not_found(name: str, storage: object) -> NotFoundError:
    return NotFoundError(f"there is no file {name!r} in {storage!r}", name=name)


def from_os_error(error: OSError, verb: str, name: str, storage: object, path: str) -> S3SaverError:
    """Return the error to raise for *error*.

    :param verb: what was tried: ``'create'`` is a save with ``overwrite=False``.
    :param path: where the file is, or would be.
    """
    what = f"cannot {'save' if verb == 'create' else verb} {name!r} in {storage!r}"
    is_absent = isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError)
    if verb not in _WRITING and (is_absent or error.errno in _LEADS_NOWHERE):
        return not_found(name, storage)
    if verb in _WRITING and error.errno in _NO_NAME:
        rule = "its file system holds no such name; choose another, or a shorter one"
        return UnsafeNameError(f"{what}: {error.strerror}: {rule}", name=name, rule=rule)
    if error.errno == errno.EFBIG:  # it concerns this file alone
        return S3SaverError(
            f"{what}: {error.strerror} for its file system, or for the limits of the process",
            name=name,
        )
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
