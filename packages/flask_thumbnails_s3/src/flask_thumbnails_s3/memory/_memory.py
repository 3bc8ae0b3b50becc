"""What is known of thumbnails, in a cachelib cache: those that are there, those that can't be made,
and a lease on those that are being made.
"""

import hashlib
import os
import re
import time
import uuid
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any, TypeVar

from cachelib import BaseCache, RedisCache, SimpleCache

from .._log import log
from ..exceptions import ConfigError
from ..naming._options import Size
from ..pictures._pictures import Preview
from ._leases import leases_of
from ._outcomes import (
    Failure,
    decode,
    decode_preview,
    encode,
    encode_preview,
    memcached,
    without_pickle,
)

T = TypeVar("T")

_KEY = "THUMBNAIL_CACHE"

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


def open_cache(cache: object) -> BaseCache:
    """Return the cache that ``THUMBNAIL_CACHE`` means.

    :param cache: a cachelib cache, ``'redis://…'``, ``'memcached://host:port,host:port'``, or
        ``None`` for one in this process.
    :raises ConfigError: it is something else, or its client library is not installed.
    """
    if cache is None:
        return SimpleCache(threshold=_LOCAL_ENTRIES)
    if isinstance(cache, BaseCache):
        return without_pickle(cache)
    if isinstance(cache, str) and cache.startswith(("redis://", "rediss://", "unix://")):
        try:
            from redis import Redis
        except ImportError as error:
            raise ConfigError(
                f"{_KEY} = {_shown(cache)} needs: pip install redis", setting=_KEY
            ) from error
        client = Redis.from_url(
            cache, socket_timeout=_SERVER_TIMEOUT, socket_connect_timeout=_SERVER_TIMEOUT
        )
        return without_pickle(RedisCache(client))
    if isinstance(cache, str) and cache.startswith("memcached://"):
        try:
            return memcached(cache.removeprefix("memcached://").strip("/").split(","))
        except ImportError as error:
            raise ConfigError(
                f"{_KEY} = {_shown(cache)} needs: pip install python-memcached", setting=_KEY
            ) from error
    raise ConfigError(
        f"{_KEY} must be a cachelib cache, 'redis://host:6379/0', 'memcached://host:11211', or "
        f"None for one in each process, got {_shown(cache)}",
        setting=_KEY,
    )


def check_cache(cache: object) -> BaseCache:
    """Return the cache that code passes.

    :raises ConfigError: it is none, such as a URL or the class of one.
    """
    if not isinstance(cache, BaseCache):
        raise ConfigError(
            "cache must be a cachelib cache, such as RedisCache(client), got "
            f"{_shown(cache)}: the setting THUMBNAIL_CACHE takes a URL, too"
        )
    return without_pickle(cache)


def _shown(cache: object) -> str:
    """Return a setting as errors show it: they are logged, and a URL may hold a password."""
    return re.sub(r"(?<=://).*@", "…@", repr(cache))


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
        """Return the size of a thumbnail, why there is none, or ``None`` if neither is known. What
        somebody else has put there is not known.
        """
        known = self._try(self.cache.get, key)
        return None if known is None else decode(known)

    def put(self, key: str, outcome: Size | Failure) -> None:
        timeout = self._error_timeout if isinstance(outcome, Failure) else self._timeout
        self._try(self.cache.set, key, encode(outcome), timeout)

    def preview(self, key: str) -> Preview | None:
        """Return the small picture of an original, if it was seen."""
        return decode_preview(self._try(self.cache.get, key))

    def keep_preview(self, key: str, preview: Preview) -> None:
        self._try(self.cache.set, key, encode_preview(preview), self._timeout)

    def is_news(self, site: str, text: str) -> bool:
        """Report whether a text is new for as long as a failure is remembered, and remember it.

        :param site: what the keys of one site begin with.
        """
        key = f"{site}.news.{hashlib.blake2b(text.encode(errors='surrogatepass')).hexdigest()[:32]}"
        if self._try(self.cache.add, key, "1", self._error_timeout) is not False:
            return True
        if self._try(self.cache.get, key):
            return False
        # FileSystemCache.add takes what has timed out for still there.
        self._try(self.cache.set, key, "1", self._error_timeout)
        return True

    def forget(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._try(self.cache.delete, key)

    def revoke(self, keys: Iterable[str]) -> None:
        """Forget thumbnails that were deleted; whoever is making one learns of it."""
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
        """Call the cache; return ``None`` if it fails, or has failed just now."""
        if self._back_at and time.monotonic() < self._back_at:
            return None
        try:
            return call(*arguments)
        except Exception as error:  # noqa: BLE001 - every client library has errors of its own
            self._back_at = time.monotonic() + _PAUSE
            log.warning("the thumbnail cache fails, going on without it: %r", error)
            return None
