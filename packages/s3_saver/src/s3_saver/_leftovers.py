"""Hidden files that killed processes left on a disk: found, and removed when a day old."""

import os
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from ._names import RESERVED_PREFIX

DAY: Final = 24 * 60 * 60  # seconds: no save takes that long

# A save looks for leftovers in its folder. So that this stays cheap in big folders, it is left out
# once for every so many entries that the last look had to pass.
_ENTRIES_A_SAVE: Final = 200
_saves_to_skip: dict[str, int] = {}
_MOST_FOLDERS: Final = 1000  # that are remembered


def sweep(folder: str) -> None:
    """Remove the leftovers in a folder that are a day old; a failure is left to the next call."""
    if skip := _saves_to_skip.get(folder, 0):
        _saves_to_skip[folder] = skip - 1
        return
    entries = 0
    with suppress(OSError), os.scandir(folder) as scan:
        for entry in scan:
            entries += 1
            if _is_old_leftover(entry, DAY):
                with suppress(OSError):
                    os.unlink(entry.path)
    if entries > _ENTRIES_A_SAVE:
        if len(_saves_to_skip) >= _MOST_FOLDERS:
            _saves_to_skip.clear()
        _saves_to_skip[folder] = entries // _ENTRIES_A_SAVE
    else:
        _saves_to_skip.pop(folder, None)


def find_leftovers(root: str, older_than: float) -> Iterator[str]:
    """Return the paths of all leftovers below a folder that are that old, in seconds.

    Links are not followed: nothing is deleted out of the folder.
    """
    try:
        with os.scandir(root) as scan:
            entries = list(scan)
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from find_leftovers(entry.path, older_than)
        elif _is_old_leftover(entry, older_than):
            yield entry.path


def _is_old_leftover(entry: "os.DirEntry[str]", older_than: float) -> bool:
    if not entry.name.startswith(RESERVED_PREFIX):
        return False
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return False
    return stat.S_ISREG(status.st_mode) and time.time() - status.st_mtime >= older_than
