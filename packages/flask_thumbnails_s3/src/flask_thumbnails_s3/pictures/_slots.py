"""How many images this process renders at once."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_slots = threading.Semaphore()


@contextmanager
def rendering() -> Iterator[None]:
    """Wait for a slot: one for each processor. More renderings at once would be no faster, and hold
    more images in memory.
    """
    slots = _slots
    with slots:
        yield


def _make_slots() -> None:
    # Again in a forked child, whose parent's threads may hold some that they never release here.
    global _slots
    _slots = threading.Semaphore(os.cpu_count() or 1)


_make_slots()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_make_slots)
