"""Processes that tests start: a free port for each, a wait until it is up, a sure end."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Self


def free_port() -> int:
    """Return a free port of loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def accepts(port: int) -> bool:
    """Whether somebody listens on that port of loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(happened: Callable[[], object], seconds: float = 60) -> None:
    """Return as soon as something has happened.

    :raises AssertionError: it has not, for so many seconds.
    """
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, f"it has not happened within {seconds} seconds"
        time.sleep(0.1)


@contextmanager
def running(
    *command: str, ending: int = signal.SIGTERM, **options: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program in a process group of its own, which ends with the block.

    :param ending: the signal that ends it in order; who ignores it is killed after 20 seconds.
    :param options: as for :class:`subprocess.Popen`.
    """
    process = subprocess.Popen(command, start_new_session=True, **options)
    try:
        yield process
    finally:
        signal_group(process, ending)
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and its children, as a machine that loses power does."""
    signal_group(process, signal.SIGKILL)
    process.wait()


def signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # all have ended, or are about to
        os.killpg(process.pid, number)


def interrupted_by_sigterm() -> None:
    """Let SIGTERM end this process as Ctrl-C does, in order: what it has started ends, too."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


class Program:
    """A program that can be stopped or killed, and started again by the same command::

        with Program("redis-server", is_up=lambda: accepts(6379)) as redis:
            redis.kill()
            redis.start()

    :param is_up: what becomes true when it can be used.
    :param options: as for :func:`running`.
    """

    def __init__(self, *command: str, is_up: Callable[[], object], **options: Any) -> None:
        self._command = command
        self._is_up = is_up
        self._options = options
        self._run = ExitStack()
        self.process: subprocess.Popen[bytes]

    def launch(self) -> None:
        """Start it, and don't wait until it is up."""
        self.process = self._run.enter_context(running(*self._command, **self._options))

    def wait(self) -> None:
        """Wait until it is up."""
        wait_for(self._is_up_or_ended, seconds=240)
        assert self.process.poll() is None, f"{self._command} has ended: {self.process.returncode}"

    def start(self) -> None:
        self.launch()
        self.wait()

    def stop(self) -> None:
        """End it in order."""
        self._run.close()

    def kill(self) -> None:
        """Kill it and its children, as a machine that loses power does."""
        kill(self.process)
        self._run.close()

    def _is_up_or_ended(self) -> bool:
        return self.process.poll() is not None or bool(self._is_up())

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()
