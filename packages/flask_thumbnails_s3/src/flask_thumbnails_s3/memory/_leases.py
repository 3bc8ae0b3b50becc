"""Who makes a thumbnail now: a lease that ends by itself, so that a crash blocks nothing."""

import json
import os
import threading
import time
from typing import Protocol
from weakref import WeakKeyDictionary

from cachelib import BaseCache, SimpleCache

from ._outcomes import decode_lease

_MOST = 20_000  # leases in a process

_guard = threading.Lock()


def _make_guard() -> None:
    # Again in a forked child: a thread of its parent may have held it.
    global _guard
    _guard = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_make_guard)


class Leases(Protocol):
    """Leases by the key of what they are on."""

    def acquire(self, key: str, owner: str, seconds: int) -> bool:
        """Take a lease, or prolong one's own; report whether it is the owner's now."""
        ...

    def release(self, key: str, owner: str) -> bool:
        """Return a lease; report whether it was still the owner's."""
        ...

    def revoke(self, key: str) -> None:
        """End a lease, whoever has it."""
        ...


class LocalLeases:
    """Leases for a cache that no other process sees: a third of the time of one in the cache, and a
    page may take 50.
    """

    def __init__(self) -> None:
        self._leases: dict[str, tuple[str, float]] = {}

    def acquire(self, key: str, owner: str, seconds: int) -> bool:
        now = time.time()
        with _guard:
            known = self._leases.get(key)
            if known and known[0] != owner and known[1] > now:
                return False
            if len(self._leases) >= _MOST:
                self._remove_some(now)
            self._leases[key] = owner, now + seconds
            return True

    def release(self, key: str, owner: str) -> bool:
        with _guard:
            known = self._leases.get(key)
            if not known or known[0] != owner:
                return False
            del self._leases[key]
            return True

    def revoke(self, key: str) -> None:
        with _guard:
            self._leases.pop(key, None)

    def _remove_some(self, now: float) -> None:
        self._leases = {key: lease for key, lease in self._leases.items() if lease[1] > now}
        if len(self._leases) >= _MOST:
            self._leases.clear()  # then some are made twice, which is only slower


class CacheLeases:
    """Leases in a cache that processes share."""

    def __init__(self, cache: BaseCache) -> None:
        self._cache = cache

    def acquire(self, key: str, owner: str, seconds: int) -> bool:
        # The lease knows its own end too: RedisCache.add sets the value and then the timeout, and
        # FileSystemCache.add takes what has timed out for still there.
        key, lease = f"{key}.lease", json.dumps([owner, time.time() + seconds])
        if self._cache.add(key, lease, seconds):
            return True
        known = decode_lease(self._cache.get(key))
        if known and known[0] != owner and known[1] > time.time():
            return False
        self._cache.set(key, lease, seconds)
        return True

    def release(self, key: str, owner: str) -> bool:
        known = decode_lease(self._cache.get(f"{key}.lease"))
        if not known or known[0] != owner:
            return False
        self._cache.delete(f"{key}.lease")
        return True

    def revoke(self, key: str) -> None:
        self._cache.delete(f"{key}.lease")


# Apps of one process may share a cache, and then their leases.
_local: "WeakKeyDictionary[BaseCache, LocalLeases]" = WeakKeyDictionary()


def leases_of(cache: BaseCache) -> Leases:
    """Return the leases that go with a cache."""
    if type(cache) is SimpleCache:  # one that is derived from it may be anything
        return _local.setdefault(cache, LocalLeases())
    return CacheLeases(cache)
