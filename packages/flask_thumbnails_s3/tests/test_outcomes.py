"""What is kept in a cache, and what somebody else has put there."""

import os
import pickle
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cachelib import FileSystemCache, RedisCache, SimpleCache
from image_files import ImageFile
from thumbnail_place import Place

from flask_thumbnails_s3 import Thumbnail
from flask_thumbnails_s3.memory._leases import CacheLeases
from flask_thumbnails_s3.memory._memory import Memory, check_cache, open_cache
from flask_thumbnails_s3.memory._outcomes import Failure, decode, encode

FOREIGN = [
    5,
    True,
    b"[20, 15]",
    (20, 15),
    [20, 15],
    {"a": 1},
    "",
    "hello",
    "20",
    "null",
    "{}",
    "[]",
    "[20]",
    "[20, 15, 10]",
    "[0, 15]",
    "[-1, 15]",
    "[true, true]",
    '["20", "15"]',
    '["failed"]',
    '["failed", "OSError", "x"]',
    '["failed", "ConfigError", "x"]',
    '["failed", "__builtins__", "x"]',
    "[" * 100_000,
    "!" + "\x80",
]


class Boom:
    """Unpickling it runs code: a folder is made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.folder),)


@pytest.fixture
def redis_url() -> Iterator[str]:
    """The URL of a Redis of our own."""
    pytest.importorskip("redis")
    if not shutil.which("redis-server"):
        pytest.skip("needs Redis: apt-get install redis-server")
    # Not pytest's folder: a UNIX socket's path is at most 107 bytes long.
    with tempfile.TemporaryDirectory(prefix="redis-", dir="/tmp") as folder:
        socket = Path(folder) / "socket"
        command = ["redis-server", "--port", "0", "--unixsocket", str(socket), "--save", ""]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=folder) as process:
            for _ in range(600):
                if socket.exists():
                    break
                time.sleep(0.1)
            yield f"unix://{socket}"
            process.terminate()


@pytest.mark.parametrize("outcome", [(20, 15), Failure("BrokenImageError", "half, ü \udc80")])
def test_round_trip(outcome: Any) -> None:
    """A size and a failure come back from JSON as they were."""
    assert decode(encode(outcome)) == outcome
    assert encode(outcome).isascii()


@pytest.mark.parametrize("value", FOREIGN)
def test_foreign_values_are_misses(value: object) -> None:
    """A value that is not ours is as none, and no error."""
    assert decode(value) is None


@pytest.mark.parametrize("mode", ["inline", "lazy", "queue"])
@pytest.mark.parametrize("value", [5, (1, 2, 3), "x", ["failed"], {"a": 1}, b"!"])
def test_page_with_a_foreign_value(
    value: Any, mode: str, disk: Place, image_file: ImageFile, state_of: Any
) -> None:
    """Whatever is in the cache in place of a thumbnail, a page shows one, or what stands in."""
    disk.save("a.jpg", image_file())
    app = disk.app(
        thumbnail=Thumbnail(storage_for=disk.counted, cache=SimpleCache()), THUMBNAIL_MODE=mode
    )
    state = state_of(app)
    state.memory.cache.set(state.wants.key("", "a_20x20_85.jpg"), value)
    with app.test_request_context():
        assert app.jinja_env.filters["thumbnail"]("a.jpg", "20x20")


@pytest.mark.parametrize("value", FOREIGN)
def test_lease_that_is_none(value: object, tmp_path: Any) -> None:
    """A lease that is not ours keeps nobody from work."""
    cache = FileSystemCache(str(tmp_path))
    cache.set("a.lease", value)
    leases = CacheLeases(cache)
    assert not leases.release("a", "me")
    assert leases.acquire("a", "me", 30)


def test_redis_keeps_json(redis_url: str) -> None:
    """What is kept in Redis is JSON, of an app's own cache object too, which is not changed."""
    from redis import Redis

    with Redis.from_url(redis_url) as client:
        own = RedisCache(client)
        memory = Memory(check_cache(own), timeout=100, error_timeout=50, lease=30)
        memory.put("a", (20, 15))
        memory.put("b", Failure("BrokenImageError", "half"))
        assert memory.acquire("a", "me")
        assert client.get("a") == b"[20, 15]"
        assert client.get("b") == b'["failed", "BrokenImageError", "half"]'
        assert client.get("a.lease").startswith(b'["me", ')
        assert memory.get("a") == (20, 15)
        assert memory.is_news("site", "x")
        assert not memory.is_news("site", "x")
        own.set("other", (1, 2))
        assert own.get("other") == (1, 2)


def test_nothing_is_unpickled(redis_url: str, tmp_path: Path) -> None:
    """A pickle that somebody has put into Redis is a miss, and runs no code."""
    from redis import Redis

    boom = b"!" + pickle.dumps(Boom(tmp_path / "boom"))
    cache: Any = open_cache(redis_url)
    memory = Memory(cache, timeout=100, error_timeout=50, lease=30)
    with Redis.from_url(redis_url) as client:
        for key in ("a", "a.lease"):
            client.set(key, boom)
        assert memory.get("a") is None
        assert memory.acquire("a", "me")
        assert not (tmp_path / "boom").exists()
        client.set("a", boom)
        RedisCache(client).get("a")
        assert (tmp_path / "boom").exists()  # as cachelib does by itself
    cache._read_client.close()


def test_memcached_unpickles_nothing(tmp_path: Path) -> None:
    """The client of memcached that we make has no way to load a pickle."""
    pytest.importorskip("memcache")
    cache: Any = open_cache("memcached://127.0.0.1:1")
    file = BytesIO(pickle.dumps(Boom(tmp_path / "boom")))
    assert cache._client.unpickler(file).load() is None
    assert not (tmp_path / "boom").exists()
