"""A Redis server that can be stopped, killed and started again."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from .processes import Program, accepts, free_port

COMMANDS = ("redis-server",)


class Redis(Program):
    """A Redis on loopback that keeps nothing on disk: who starts it again gets an empty one.

    :param port: ``0`` takes a free one.
    """

    def __init__(self, port: int = 0) -> None:
        port = port or free_port()
        self.url = f"redis://127.0.0.1:{port}/0"
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no"]
        super().__init__(*command, is_up=lambda: accepts(port), stdout=subprocess.DEVNULL)


@contextmanager
def redis_server(port: int = 0) -> Iterator[str]:
    """Run a Redis for as long as the block lasts.

    :param port: of one that was stopped and comes back; ``0`` takes a free one.
    :return: its URL.
    """
    with Redis(port) as server:
        yield server.url
