"""Storages block; the loop of an async session must not."""

import asyncio
import sys
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def off_the_loop(call: Callable[[], T]) -> T:
    """Return what *call* returns; under an async session it runs in a thread, and the loop goes on.

    What it calls may not touch the session: SQLAlchemy's own calls belong to the loop.
    """
    # Who has an async session has greenlet; who has none may not have it.
    if "greenlet" in sys.modules:
        from greenlet import getcurrent
        from sqlalchemy.util import await_only

        if getattr(getcurrent(), "__sqlalchemy_greenlet_provider__", False):
            return await_only(asyncio.to_thread(call))
    return call()
