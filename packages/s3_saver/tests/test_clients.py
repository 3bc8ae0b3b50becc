"""Clients: shared, made once, made again where they must."""

import io
import logging
import pickle
import subprocess
import sys
import threading
from typing import Any

import pytest
from botocore.config import Config
from makers import MakeStorage

from s3_saver import S3Storage, StorageUnavailableError, _clients
from s3_saver.testing import S3Server


def test_50_threads_cause_one_client(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Client making is slow and not thread-safe: it happens once, under a lock."""
    made = []
    make = _clients._make_client

    def counted(options: Any) -> Any:
        made.append(options)
        return make(options)

    monkeypatch.setattr(_clients, "_make_client", counted)
    start, clients = threading.Barrier(50), []

    def ask() -> None:
        storage = S3Storage(
            "b",
            endpoint_url=s3_server.endpoint_url,
            access_key_id="fifty",
            access_key_secret="threads",
            region="us-east-1",
        )
        start.wait()
        clients.append(storage.client)

    threads = [threading.Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(clients) == 50
    assert len({id(client) for client in clients}) == 1
    assert len(made) == 1


def test_equal_options_share_a_client(make_s3: MakeStorage) -> None:
    """One client per configuration: the bucket does not matter, the region does."""
    assert make_s3("one").client is make_s3("two").client
    assert make_s3("one").client is not make_s3("one", region="eu-west-1").client


def test_equal_configs_share_a_client_and_old_ones_go(
    make_s3: MakeStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Storages that are made for each request, or unpickled, share one client."""
    monkeypatch.setattr(_clients, "_MOST_CLIENTS", 2)
    same = [make_s3("b", config=Config(read_timeout=7)).client for _ in range(3)]
    assert same[0] is same[1] is same[2]
    for number in range(3):
        _ = make_s3("b", session_token=f"rotated-{number}").client
    assert len(_clients._clients) == 2


def test_a_forked_child_makes_its_own_client(s3_server: S3Server, s3_bucket: str) -> None:
    """A forked child makes its own client, even if another thread was making one meanwhile."""
    script = """
import io, os, sys, threading, time
from s3_saver import S3Storage, _clients
endpoint, key, secret, bucket = sys.argv[1:]
storage = S3Storage(bucket, endpoint_url=endpoint, access_key_id=key, access_key_secret=secret,
                    region="us-east-1")
storage.save("parent", io.BytesIO(b"x"))
mine = id(storage.client)
threading.Thread(target=lambda: _clients._making.acquire() and time.sleep(1), daemon=True).start()
time.sleep(0.1)
if not os.fork():
    storage.save("child", io.BytesIO(b"x"))
    os._exit(7 if id(storage.client) != mine else 1)
sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
"""
    arguments = [
        s3_server.endpoint_url,
        s3_server.access_key_id,
        s3_server.access_key_secret,
        s3_bucket,
    ]
    run = subprocess.run([sys.executable, "-c", script, *arguments], timeout=60)
    assert run.returncode == 7


def test_a_pickled_storage_makes_its_client_again(s3: S3Storage) -> None:
    """A storage goes to another process without its client, which is made again there."""
    s3.save("a", io.BytesIO(b"x"))
    again = pickle.loads(pickle.dumps(s3))
    with again.open("a") as file:
        assert file.read() == b"x"


def test_the_pool_is_as_big_as_the_concurrency(
    s3: S3Storage, caplog: pytest.LogCaptureFixture
) -> None:
    """Eight big files in five parts each fill no connection pool."""
    with caplog.at_level(logging.WARNING, logger="urllib3"):
        threads = [
            threading.Thread(target=s3.save, args=(f"{n}", io.BytesIO(bytes(20 * 1024**2))))
            for n in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert "pool is full" not in caplog.text
    config: Any = s3.client.meta.config
    assert config.max_pool_connections >= 8 * 5


def test_defaults_are_bounded_and_can_be_changed(make_s3: MakeStorage) -> None:
    """Timeouts and retries are sane by default; a config lays its own over them."""
    config: Any = make_s3("b").client.meta.config
    assert (config.connect_timeout, config.read_timeout) == (5, 30)
    assert config.retries == {"mode": "standard", "total_max_attempts": 4}
    config = make_s3("b", config=Config(read_timeout=3)).client.meta.config
    assert (config.connect_timeout, config.read_timeout) == (5, 3)


def test_a_server_that_is_gone_is_told(make_s3: MakeStorage) -> None:
    """Nobody listens: an error within bounded time that names the endpoint."""
    storage = make_s3(
        "b",
        endpoint_url="http://127.0.0.1:9",
        config=Config(retries={"mode": "standard", "total_max_attempts": 2}),
    )
    with pytest.raises(StorageUnavailableError, match=r"127\.0\.0\.1:9"):
        storage.save("a", io.BytesIO(b"x"))
    with pytest.raises(StorageUnavailableError, match="check endpoint_url"):
        storage.exists("a")
