import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest
from cachelib import FileSystemCache, NullCache, RedisCache, SimpleCache
from image_files import ImageFile
from thumbnail_place import Place

from flask_thumbnails_s3 import BrokenImageError, ConfigError, Thumbnail
from flask_thumbnails_s3.memory._memory import Memory, open_cache
from flask_thumbnails_s3.memory._outcomes import Failure


def memory(cache: Any) -> Memory:
    return Memory(cache, timeout=100, error_timeout=50, lease=30)


class DeadCache(SimpleCache):
    """Fails as a server that is gone, and counts how often it was asked."""

    asked = 0

    def _fail(self, *args: Any, **kwargs: Any) -> Any:
        self.asked += 1
        raise ConnectionError("gone")

    get = set = add = delete = _fail


def test_outcomes() -> None:
    """A size and a failure come back as they were put, until they are forgotten."""
    known = memory(SimpleCache())
    failure = Failure.of(BrokenImageError("half"))
    known.put("a", (20, 10))
    known.put("b", failure)
    assert known.get("a") == (20, 10)
    assert known.get("b") == failure
    assert isinstance(failure.error(), BrokenImageError)
    assert str(failure.error()) == "half"
    known.forget(["a", "b"])
    assert known.get("a") is known.get("b") is None


def test_timeouts() -> None:
    """A failure is remembered for a shorter time than a thumbnail."""
    seen = {}

    class Cache(SimpleCache):
        def set(self, key: str, value: Any, timeout: Any = None) -> bool | None:
            seen[key] = timeout
            return super().set(key, value, timeout)

    known = memory(Cache())
    known.put("a", (20, 10))
    known.put("b", Failure("BrokenImageError", "half"))
    assert seen == {"a": 100, "b": 50}


def test_news(tmp_path: Any) -> None:
    """A text is news once, at each site; of what may have been forgotten it is again."""
    for cache in (SimpleCache(), FileSystemCache(str(tmp_path / "cache"))):
        known = memory(cache)
        assert known.is_news("site", "broken \ud800")
        assert not known.is_news("site", "broken \ud800")
        assert known.is_news("site", "missing")
        assert known.is_news("another", "missing")
    dead = memory(DeadCache())
    assert dead.is_news("site", "broken")
    assert dead.is_news("site", "broken")


def test_old_news(tmp_path: Any) -> None:
    """What has timed out is news, in a cache that keeps the file of it too."""
    cache = FileSystemCache(str(tmp_path / "cache"))
    over = Memory(cache, timeout=100, error_timeout=-1, lease=30)
    assert over.is_news("site", "broken")
    known = memory(cache)
    assert known.is_news("site", "broken")
    assert not known.is_news("site", "broken")


def test_lease_of_the_same_owner() -> None:
    """The owner of a lease gets it again: a job that is delivered twice goes on."""
    known = memory(SimpleCache())
    assert known.acquire("a", "first")
    assert known.acquire("a", "first")


def test_release() -> None:
    """A lease that is given back is free; nobody gives back another's."""
    known = memory(SimpleCache())
    known.acquire("a", "first")
    assert not known.release("a", "second")
    assert not known.acquire("a", "second")
    assert known.release("a", "first")
    assert known.acquire("a", "second")


def test_revoke() -> None:
    """What is revoked is forgotten, and who has the lease learns it when he gives it back."""
    known = memory(SimpleCache())
    known.acquire("a", "first")
    known.put("a", (1, 1))
    known.revoke(["a"])
    assert known.get("a") is None
    assert not known.release("a", "first")


def test_dead_cache(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dead cache knows nothing and keeps nobody from work; it is asked once, then left alone for
    a while, and logged once.
    """
    cache = DeadCache()
    known = memory(cache)
    for _ in range(50):
        assert known.get("a") is None
        assert known.acquire("a", "me")
        known.put("a", (1, 1))
        known.release("a", "me")
        known.forget(["a"])
        known.revoke(["a"])
    assert cache.asked == 1
    assert len(caplog.records) == 1
    assert "going on without it" in caplog.text
    later = time.monotonic() + 10
    monkeypatch.setattr(time, "monotonic", lambda: later)
    known.get("a")
    assert cache.asked == 2


def test_cache_that_keeps_nothing() -> None:
    """A cache that keeps nothing keeps nobody from work."""
    known = memory(NullCache())
    assert known.acquire("a", "me")
    known.put("a", (1, 1))
    assert known.get("a") is None


def test_default_cache() -> None:
    """Without a setting the cache is in this process, and bounded."""
    cache = open_cache(None)
    for number in range(25_000):
        cache.set(str(number), number)
        if number >= 20_001:
            break
    assert isinstance(cache, SimpleCache)
    assert len(cache._cache) <= 20_001
    assert not memory(cache).is_shared


def test_cache_by_url() -> None:
    """A Redis URL gives a cache that others share, with bounded waits."""
    cache = open_cache("redis://127.0.0.1:1/3")
    assert isinstance(cache, RedisCache)
    options = cache._read_client.connection_pool.connection_kwargs
    assert (options["db"], options["socket_timeout"]) == (3, 1.0)
    assert memory(cache).is_shared


@pytest.fixture
def memcached() -> Iterator[str]:
    """The URL of a memcached of our own."""
    pytest.importorskip("memcache")
    if not shutil.which("memcached"):
        pytest.skip("needs memcached: apt-get install memcached")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with subprocess.Popen(["memcached", "-l", "127.0.0.1", "-p", port, "-u", "nobody"]) as process:
        for _ in range(600):
            with socket.socket() as probe:
                if not probe.connect_ex(("127.0.0.1", int(port))):
                    break
            time.sleep(0.1)
        yield f"memcached://127.0.0.1:{port}"
        process.terminate()


def test_memcached(memcached: str, place: Place, image_file: ImageFile, state_of: Any) -> None:
    """A memcached URL gives a cache that others share: outcomes, leases, and thumbnails by it."""
    first, second = memory(open_cache(memcached)), memory(open_cache(f"{memcached}/"))
    assert first.is_shared
    failure = Failure.of(BrokenImageError("half, ü"))
    first.put("a", (20, 10))
    first.put("b", failure)
    assert second.get("a") == (20, 10)
    assert second.get("b") == failure
    assert first.acquire("a", "first")
    assert not second.acquire("a", "second")
    assert first.release("a", "first")
    assert second.acquire("a", "second")
    second.revoke(["a"])
    assert first.get("a") is None

    place.save("ü b.jpg", image_file())
    caches: list[Any] = [first.cache, second.cache]
    for _ in range(2):  # one app makes it, another shows it
        app = place.app(THUMBNAIL_CACHE=memcached)
        caches.append(state_of(app).memory.cache)
        with app.test_request_context():
            assert app.jinja_env.filters["thumbnail"]("ü b.jpg", "20x20").width == 20
    for cache in caches:
        cache._client.disconnect_all()
    assert place.count("save") == 1
    assert place.calls["stat", "ü b_20x20_85.jpg"] == 1


# The client leaves the socket that could not connect to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_dead_memcached() -> None:
    """A memcached that is gone is as a cache that knows nothing."""
    pytest.importorskip("memcache")
    known = memory(open_cache("memcached://127.0.0.1:1"))
    assert known.get("a") is None
    assert known.acquire("a", "me")
    known.put("a", (1, 1))
    assert known.get("a") is None


def test_cache_object() -> None:
    """A cachelib object is taken as it is."""
    cache = NullCache()
    assert open_cache(cache) is cache


@pytest.mark.parametrize("value", ["simple", 5, "http://x"])
def test_wrong_cache(value: object) -> None:
    """Anything else raises an error that names the key and what it takes."""
    with pytest.raises(ConfigError, match=r"THUMBNAIL_CACHE.*redis://"):
        open_cache(value)


@pytest.mark.parametrize("value", [SimpleCache, {}, "redis://:hush@cache:6379/0"])
def test_wrong_cache_of_code(value: Any) -> None:
    """A passed object must be a cache; an error lists what a setting may be, without a password."""
    with pytest.raises(ConfigError, match=r"^cache must be a cachelib cache") as raised:
        Thumbnail(cache=value)
    assert "hush" not in str(raised.value)


def test_the_password_of_a_cache_is_not_told() -> None:
    """A wrong URL is refused without its password: messages end up in logs."""
    for password in ("hush", "hu/sh", "hu@sh"):
        with pytest.raises(ConfigError, match="got 'redys://…@cache:6379/0'") as raised:
            open_cache(f"redys://:{password}@cache:6379/0")
        assert "hu" not in str(raised.value)
        assert raised.value.setting == "THUMBNAIL_CACHE"
