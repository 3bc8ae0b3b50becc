"""The queue in this process."""

import os
import signal
import threading
from typing import Any

import pytest
from cachelib import SimpleCache
from flask import Flask

from flask_thumbnails_s3 import (
    Job,
    QueueFullError,
    ThreadQueue,
)
from flask_thumbnails_s3.background import _threads
from flask_thumbnails_s3.background._threads import Threads
from flask_thumbnails_s3.memory import _leases
from flask_thumbnails_s3.memory._memory import Memory


def test_bounded() -> None:
    """A ThreadQueue that is full refuses more work instead of growing."""
    hold = threading.Event()
    started = threading.Event()

    def work(app: Flask, job: Job) -> None:
        started.set()
        hold.wait(10)

    threads = Threads(1, 2, work)
    app, job = Flask("project"), Job("", [], "me")
    threads.put(app, job)
    started.wait(10)
    threads.put(app, job)
    threads.put(app, job)
    with pytest.raises(QueueFullError, match="2 jobs"):
        threads.put(app, job)
    hold.set()
    threads.join()
    threads.put(app, job)
    threads.join()


def test_worker_survives(caplog: pytest.LogCaptureFixture) -> None:
    """A job that fails is logged, and the next one is done."""
    done: list[str] = []

    def work(app: Flask, job: Job) -> None:
        if not done:
            done.append("failed")
            raise RuntimeError("unexpected")
        done.append("done")

    threads = Threads(1, 5, work)
    for _ in range(2):
        threads.put(Flask("project"), Job("", ["a_2x_85.jpg"], "me"))
    threads.join()
    assert done == ["failed", "done"]
    assert "a_2x_85.jpg" in caplog.text


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork, which this system has not")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_fork() -> None:
    """After a fork, as of a server that loads the app first, the child has threads of its own."""
    ran = threading.Event()
    threads = Threads(1, 5, lambda app, job: ran.set())
    threads.put(Flask("project"), Job("", [], "me"))
    threads.join()
    ran.clear()
    child = os.fork()
    if not child:
        threads.put(Flask("project"), Job("", [], "me"))
        os._exit(0 if ran.wait(10) else 1)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork, which this system has not")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_fork_while_others_are_at_it() -> None:
    """A child waits neither for its parent's jobs nor for locks that its parent's threads hold."""
    started, go_on = threading.Event(), threading.Event()

    def handle(app: Flask, job: Job) -> None:
        started.set()
        go_on.wait()

    threads = Threads(1, 5, handle)
    threads.put(Flask("project"), Job("", [], "me"))
    started.wait()
    memory = Memory(SimpleCache(), timeout=9, error_timeout=9, lease=9)
    with _threads._starting, _leases._guard:
        child = os.fork()
        if not child:
            signal.alarm(60)
            started.clear()
            threads.join()
            threads.put(Flask("project"), Job("", [], "me"))
            os._exit(0 if memory.acquire("a", "me") and started.wait() else 1)
    go_on.set()
    threads.join()
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize(
    "options", [{"workers": 0}, {"size": 0}, {"workers": "4"}, {"workers": 1.5}, {"size": None}]
)
def test_wrong_bounds(options: dict[str, Any]) -> None:
    """A queue needs a worker and a place."""
    with pytest.raises(ValueError, match="1 or more"):
        ThreadQueue(**options)
