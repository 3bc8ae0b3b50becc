import threading
import time
from typing import Any

import pytest
from cachelib import FileSystemCache, SimpleCache

from flask_thumbnails_s3.memory import _leases
from flask_thumbnails_s3.memory._leases import CacheLeases, Leases, LocalLeases, leases_of


class ForgetfulAdd(SimpleCache):
    """As RedisCache after a crash between SETNX and EXPIRE: what was added never ends."""

    def add(self, key: str, value: Any, timeout: Any = None) -> bool:
        return super().add(key, value, 0)


@pytest.fixture(params=["local", "files", "forgetful"])
def leases(request: pytest.FixtureRequest, tmp_path: Any) -> Leases:
    """Leases in this process, and in caches that others may share."""
    if request.param == "local":
        return leases_of(SimpleCache())
    return leases_of(ForgetfulAdd() if request.param == "forgetful" else FileSystemCache(tmp_path))


def test_end(leases: Leases, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lease of who has crashed ends by itself, on caches that never end it too."""
    assert leases.acquire("a", "first", 30)
    assert not leases.acquire("a", "second", 30)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 31)
    assert leases.acquire("a", "second", 30)
    assert not leases.acquire("a", "first", 30)


def test_same_owner(leases: Leases, monkeypatch: pytest.MonkeyPatch) -> None:
    """The owner of a lease gets it again, which prolongs it."""
    assert leases.acquire("a", "first", 30)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 20)
    assert leases.acquire("a", "first", 30)
    monkeypatch.setattr(time, "time", lambda: now + 40)
    assert not leases.acquire("a", "second", 30)


def test_release(leases: Leases) -> None:
    """A lease that is given back is free; nobody gives back another's, nor one that was revoked."""
    leases.acquire("a", "first", 30)
    leases.acquire("b", "first", 30)
    assert not leases.release("a", "second")
    assert not leases.acquire("a", "second", 30)
    assert leases.release("a", "first")
    assert leases.acquire("a", "second", 30)
    leases.revoke("b")
    leases.revoke("c")
    assert not leases.release("b", "first")


def test_one_of_many() -> None:
    """Of many threads that want a lease at once, one gets it."""
    leases, start, won = LocalLeases(), threading.Barrier(16), []

    def work(owner: str) -> None:
        for key in map(str, range(200)):
            start.wait()
            if leases.acquire(key, owner, 30):
                won.append(key)

    threads = [threading.Thread(target=work, args=(str(number),)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won, key=int) == [str(number) for number in range(200)]


def test_shared_by_apps() -> None:
    """Apps of one process that have the same cache have the same leases; others have their own."""
    cache = SimpleCache()
    assert leases_of(cache).acquire("a", "first", 30)
    assert not leases_of(cache).acquire("a", "second", 30)
    assert leases_of(SimpleCache()).acquire("a", "second", 30)
    assert isinstance(leases_of(ForgetfulAdd()), CacheLeases)


def test_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many leases those that have ended go first; there are never more than the bound."""
    monkeypatch.setattr(_leases, "_MOST", 10)
    leases = LocalLeases()
    for number in range(9):
        leases.acquire(f"old {number}", "first", 1)
    leases.acquire("new", "first", 60)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 2)
    leases.acquire("newer", "first", 60)
    assert not leases.acquire("new", "second", 60)
    for number in range(1000):
        leases.acquire(str(number), "first", 60)
        assert len(leases._leases) <= 10
