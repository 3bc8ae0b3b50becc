"""What can come of a thumbnail, and how a cache keeps it: as JSON, which runs no code."""

import json
import re
from functools import lru_cache
from typing import Any, NamedTuple

from cachelib import BaseCache, MemcachedCache
from cachelib.serializers import BaseRedisSerializer, BaseSerializer

from .. import exceptions
from ..exceptions import SourceError
from ..naming._options import Size
from ..pictures._pictures import Preview

_FAILED = "failed"


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


def encode(outcome: Size | Failure) -> str:
    return json.dumps([_FAILED, *outcome] if isinstance(outcome, Failure) else outcome)


def decode(value: object) -> Size | Failure | None:
    """Return what :func:`encode` made a value of; ``None`` for any other, since whoever shares the
    cache may have put it there.
    """
    return _decode(value) if type(value) is str else None


def encode_preview(preview: Preview) -> str:
    return json.dumps([*preview.size, preview.url])


def decode_preview(value: object) -> Preview | None:
    """Return what :func:`encode_preview` made a value of; ``None`` for any other."""
    match _load(value):
        case [int(width), int(height), str(url)] if min(width, height) > 0 and _PREVIEW(url):
            return Preview((width, height), url)
    return None


_PREVIEW = re.compile(r"data:image/(?:webp|jpeg);base64,[A-Za-z0-9+/]{1,8000}={0,2}").fullmatch


def decode_lease(value: object) -> tuple[str, float] | None:
    """Return the owner and the end of a lease, kept as ``[owner, end]``; ``None`` for what is
    none.
    """
    match _load(value):
        case [str(owner), int() | float() as end]:
            return owner, end
    return None


@lru_cache(maxsize=8192)
def _decode(text: str) -> Size | Failure | None:
    match _load(text):
        case [int(width), int(height)] if min(width, height) > 0 and bool not in (
            type(width),
            type(height),
        ):
            return width, height
        case [str(word), str(kind), str(reason)] if word == _FAILED and kind in _KINDS:
            return Failure(kind, reason)
    return None


_KINDS = {one.__name__ for one in SourceError.__subclasses__()}


def _load(value: object) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        return None


class _TextSerializer(BaseSerializer):
    """Keeps text as it is. cachelib's own unpickle what they read, which runs what is in it."""

    def dumps(self, value: Any, protocol: int = 0) -> bytes:  # noqa: ARG002 - the base's
        return str(value).encode()

    def loads(self, bvalue: Any) -> Any:
        try:
            return None if bvalue is None else bvalue.decode()
        except UnicodeDecodeError:
            return None


def without_pickle(cache: BaseCache) -> BaseCache:
    """Return the same cache, reading and writing text where it is one of Redis's kind.

    The app's own object is not changed: it may keep other things.
    """
    if not isinstance(getattr(cache, "serializer", None), BaseRedisSerializer):
        return cache
    from copy import copy

    mine: BaseCache = copy(cache)
    setattr(mine, "serializer", _TextSerializer())  # noqa: B010 - which the base does not have
    return mine


def memcached(servers: list[str]) -> MemcachedCache:
    """Return a cache in memcached whose client unpickles nothing.

    :raises ImportError: python-memcached is not installed.
    """
    import memcache  # type: ignore[import-untyped]

    return MemcachedCache(memcache.Client(servers, unpickler=_Unpickler))


class _Unpickler:
    """Takes the place of pickle's: what was pickled was not put there by us."""

    def __init__(self, file: object) -> None:
        """Nothing is read."""

    def load(self) -> None:
        return None
