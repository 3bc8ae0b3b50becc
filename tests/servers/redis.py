"""A Redis server for as long as a ``with`` block lasts."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from .processes import accepts, free_port, running, wait_for

COMMANDS = ("redis-server",)


@contextmanager
def redis_server(port: int = 0) -> Iterator[str]:
    """Start a Redis on loopback that keeps nothing on disk.

    :param port: of one that was stopped and comes back; ``0`` takes a free one.
    :return: its URL.
    """
    port = port or free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1"]
    with running(*command, "--save", "", "--appendonly", "no", stdout=subprocess.DEVNULL):
        wait_for(lambda: accepts(port))
        yield f"redis://127.0.0.1:{port}/0"
