"""Work on many things in threads, and little ahead of who takes the results."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

Thing = TypeVar("Thing")
Result = TypeVar("Result")


@contextmanager
def in_threads(
    work: Callable[[Thing], Result],
    things: Iterator[Thing],
    *,
    workers: int,
    stop: Callable[[], object],
) -> Iterator[Iterator[Result]]:
    """Yield the results as they come. What a worker raises is raised where its result is taken.

    :param stop: called when the block ends by an error, before waiting for calls that still run.
    """
    with ThreadPoolExecutor(workers, thread_name_prefix="s3-saver-copy") as pool:
        try:
            yield _results(pool, work, things, most=2 * workers)
        except BaseException:
            stop()
            pool.shutdown(cancel_futures=True)
            raise


def _results(
    pool: ThreadPoolExecutor,
    work: Callable[[Thing], Result],
    things: Iterator[Thing],
    *,
    most: int,
) -> Iterator[Result]:
    running: set[Future[Result]] = set()
    for thing in things:
        running.add(pool.submit(work, thing))
        if len(running) >= most:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
    while running:
        done, running = wait(running, return_when=FIRST_COMPLETED)
        yield from (future.result() for future in done)
