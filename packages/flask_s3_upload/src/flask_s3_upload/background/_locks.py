"""A lock on a file that ends with the process that holds it, however that ends."""

import os
import sys
from contextlib import suppress

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Lock:
    """A lock that one process holds, on a file that is made if it is absent."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._descriptor = -1

    def take(self) -> bool:
        """Take the lock if it is free; it is held until this process ends."""
        try:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            _try_lock(self._descriptor)
            # Whoever had it before may have removed the file: then this lock is on nothing.
            if os.path.samestat(os.fstat(self._descriptor), os.stat(self._path)):
                return True
        except OSError:
            pass
        self.release()
        return False

    def release(self) -> None:
        """Release the lock; in a forked child, the child's share in it alone."""
        with suppress(OSError):
            os.close(self._descriptor)
        self._descriptor = -1
