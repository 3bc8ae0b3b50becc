import os
import threading

import pytest

from flask_thumbnails_s3.pictures._slots import rendering


def test_bounded() -> None:
    """No more renderings than processors are there at the same time, however many are wanted."""
    most = os.cpu_count() or 1
    inside, seen = 0, []
    counting = threading.Lock()
    full = threading.Barrier(most)  # breaks the test if fewer get in

    def work() -> None:
        nonlocal inside
        with rendering():
            with counting:
                inside += 1
                seen.append(inside)
            full.wait(60)
            with counting:
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(3 * most)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 3 * most
    assert max(seen) == most


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork, which this system has not")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_fork() -> None:
    """A child that is forked while all slots are taken has its own."""
    most = os.cpu_count() or 1
    taken, done = threading.Barrier(most + 1), threading.Event()

    def work() -> None:
        with rendering():
            taken.wait(60)
            done.wait(60)

    threads = [threading.Thread(target=work) for _ in range(most)]
    for thread in threads:
        thread.start()
    taken.wait(60)
    child = os.fork()
    if not child:
        threading.Timer(20, os._exit, [1]).start()
        with rendering():
            os._exit(0)
    status = os.waitpid(child, 0)[1]
    done.set()
    for thread in threads:
        thread.join()
    assert status == 0
