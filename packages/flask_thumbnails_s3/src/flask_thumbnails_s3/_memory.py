"""What is known of thumbnails, in a cachelib cache: those that are there, those that can't be made,
and a lease on those that are being made.
"""

import hashlib
import logging
import os
import re
import time
import uuid
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any, NamedTuple, TypeVar

from cachelib import BaseCache, MemcachedCache, RedisCache, SimpleCache

from flask_thumbnails_s3 import exceptions

from ._leases import leases_of
from ._options import Size
from .exceptions import ConfigError, SourceError

log = logging.getLogger("flask_thumbnails_s3")

T = TypeVar("T")

# About 5 MB in each process.
_LOCAL_ENTRIES = 20_000

# Seconds for which a cache that failed is left alone, so that a page of 50 thumbnails waits for a
# dead server once and not 50 times.
_PAUSE = 5.0
_SERVER_TIMEOUT = 1.0  # seconds


_numbers = count()
_process = ""


def new_owner() -> str:
    """Return a name for who takes leases that nobody else in the world has."""
    return f"{_process}-{next(_numbers)}"


def _name_process() -> None:
    global _process
    _process = uuid.uuid4().hex


_name_process()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_name_process)


class Failure(NamedTuple):
    """Why a thumbnail cannot be made: the name of the error's class, and its message."""

    kind: str
    reason: str

    @classmethod
    def of(cls, error: SourceError) -> "Failure":
        return cls(type(error).__name__, str(error))

    def error(self) -> SourceError:
        error: SourceError = getattr(exceptions, self.kind)(self.reason)
        return error


def open_cache(cache: object) -> BaseCache:
    """Return the cache that ``THUMBNAIL_CACHE`` means.

    :param cache: a cachelib cache, ``'redis://…'``, ``'memcached://host:port,host:port'``, or
        ``None`` for one in this process.
    :raises ConfigError: it is something else, or its client library is not installed.
    """
    if cache is None:
        return SimpleCache(threshold=_LOCAL_ENTRIES)
    if isinstance(cache, BaseCache):
        return cache
    if isinstance(cache, str) and cache.startswith(("redis://", "rediss://", "unix://")):
        try:
            from redis import Redis
        except ImportError as error:
            raise ConfigError(
                f"THUMBNAIL_CACHE = {_shown(cache)} needs: pip install redis"
            ) from error
        client = Redis.from_url(
            cache, socket_timeout=_SERVER_TIMEOUT, socket_connect_timeout=_SERVER_TIMEOUT
        )
        return RedisCache(client)
    if isinstance(cache, str) and cache.startswith("memcached://"):
        try:
            return MemcachedCache(cache.removeprefix("memcached://").strip("/").split(","))
        except RuntimeError as error:
            raise ConfigError(
                f"THUMBNAIL_CACHE = {_shown(cache)} needs: pip install pylibmc, or python-memcached"
            ) from error
    raise ConfigError(
        f"THUMBNAIL_CACHE = {_shown(cache)}: must be a cachelib cache, 'redis://host:6379/0', "
        "'memcached://host:11211', or None for one in each process"
    )


def check_cache(cache: object) -> BaseCache:
    """Return the cache that code passes.

    :raises ConfigError: it is none, such as a URL or the class of one.
    """
    if not isinstance(cache, BaseCache):
        raise ConfigError(
            f"cache={_shown(cache)}: must be a cachelib cache, such as RedisCache(client); the "
            "setting THUMBNAIL_CACHE takes a URL, too"
        )
    return cache


def _shown(cache: object) -> str:
    """Return a setting as errors show it: they are logged, and a URL may hold a password."""
    return re.sub(r"(?<=://)[^/]*@", "…@", repr(cache))


class Memory:
    """A cache that may fail: then nothing is known, and every lease is free.

    :param timeout: how long a thumbnail is remembered, in seconds.
    :param error_timeout: how long a failure is remembered, in seconds.
    :param lease: how long one that is being made is left to who makes it, in seconds.
    """

    def __init__(self, cache: BaseCache, *, timeout: int, error_timeout: int, lease: int) -> None:
        self.cache = cache
        self._leases, self._lease = leases_of(cache), lease
        self._timeout = timeout
        self._error_timeout = error_timeout
        self._back_at = 0.0

    @property
    def is_shared(self) -> bool:
        """Whether other processes see it too."""
        return not isinstance(self.cache, SimpleCache)

    def get(self, key: str) -> Size | Failure | None:
        """Return the size of a thumbnail, why there is none, or ``None`` if neither is known."""
        value = self._try(self.cache.get, key)
        if value is None:
            return None
        return Failure(*value[1:]) if value[0] == "failed" else (value[0], value[1])

    def put(self, key: str, outcome: Size | Failure) -> None:
        if isinstance(outcome, Failure):
            value: Any = ("failed", *outcome)
            self._try(self.cache.set, key, value, self._error_timeout)
        else:
            value = tuple(outcome)
            self._try(self.cache.set, key, value, self._timeout)

    def is_news(self, site: str, text: str) -> bool:
        """Report whether a text is new for as long as a failure is remembered, and remember it.

        :param site: what the keys of one site begin with.
        """
        key = f"{site}.news.{hashlib.blake2b(text.encode(errors='surrogatepass')).hexdigest()[:32]}"
        if self._try(self.cache.add, key, True, self._error_timeout) is not False:
            return True
        if self._try(self.cache.get, key):
            return False
        # FileSystemCache.add takes what has timed out for still there.
        self._try(self.cache.set, key, True, self._error_timeout)
        return True

    def forget(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._try(self.cache.delete, key)

    def revoke(self, keys: Iterable[str]) -> None:
        """Forget thumbnails that were deleted, and tell so who is making them, if anybody is."""
        for key in keys:
            self._try(self._leases.revoke, key)
            self._try(self.cache.delete, key)

    def acquire(self, key: str, owner: str) -> bool:
        """Lease the making of a thumbnail, unless somebody else has done so.

        The owner of a lease gets it again, which prolongs it.
        """
        return self._try(self._leases.acquire, key, owner, self._lease) is not False

    def release(self, key: str, owner: str) -> bool:
        """Return a lease; report whether it was still the owner's."""
        return self._try(self._leases.release, key, owner) is not False

    def _try(self, call: Callable[..., T], *arguments: Any) -> T | None:
        """Call the cache; give ``None`` if it fails, or has failed just now."""
        if self._back_at and time.monotonic() < self._back_at:
            return None
        try:
            return call(*arguments)
        except Exception as error:  # noqa: BLE001 - every client library has errors of its own
            self._back_at = time.monotonic() + _PAUSE
            log.warning("the thumbnail cache fails, going on without it: %r", error)
            return None
