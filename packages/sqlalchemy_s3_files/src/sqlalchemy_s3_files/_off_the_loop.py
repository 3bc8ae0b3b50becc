"""Storages block; the loop of an async session must not."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def off_the_loop(call: Callable[[], T]) -> T:
    """Return what *call* returns; under an async session it runs in a thread, and the loop goes on.

    What it calls may not touch the session: SQLAlchemy's own calls belong to the loop.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return call()
    from sqlalchemy.exc import MissingGreenlet
    from sqlalchemy.util import await_only

    has_begun = False

    def begin() -> T:
        nonlocal has_begun
        has_begun = True
        return call()

    async def in_thread() -> T:
        task = asyncio.ensure_future(asyncio.to_thread(begin))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])  # threads go on: what it stores must be known to a rollback
            raise

    waiting = in_thread()
    try:
        return await_only(waiting)
    except (MissingGreenlet, ImportError, ValueError):  # greenlet may not be installed
        if has_begun:
            raise
        waiting.close()
        return call()  # a plain session in a coroutine, which blocks the loop as it does itself
