"""s3_saver compared with boto3 and plain files, on a server of the environment or on moto.

Set S3_TEST_ENDPOINT, S3_TEST_KEY and S3_TEST_SECRET for a server of your own.
"""

import io
import json
import os
import subprocess
import sys
import tempfile
import tracemalloc
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from _listing import listing_server
from _table import Table, best_of, duration, import_time

from s3_saver import LocalStorage, S3Storage

MIB = 1024**2
KEYS = {"access_key_id": "testkey", "access_key_secret": "testsecret"}


@contextmanager
def a_server() -> Iterator[dict[str, str]]:
    """Where S3 is and who may use it; moto gets a process of its own, as any server has."""
    if endpoint := os.environ.get("S3_TEST_ENDPOINT"):
        yield {
            "endpoint_url": endpoint,
            "access_key_id": os.environ["S3_TEST_KEY"],
            "access_key_secret": os.environ["S3_TEST_SECRET"],
        }
        return
    script = """
import logging, time
from moto.server import ThreadedMotoServer
logging.getLogger("werkzeug").disabled = True
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print("http://%s:%s" % server.get_host_and_port(), flush=True)
time.sleep(3600)
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        yield {"endpoint_url": process.stdout.readline().strip(), **KEYS}
        process.kill()


def small_saves(table: Table, storage: S3Storage) -> None:
    content = os.urandom(10_000)
    client, bucket = storage.client, storage.bucket_name
    ours, peer = best_of(
        lambda: storage.save("small.jpg", io.BytesIO(content)),
        lambda: client.put_object(
            Bucket=bucket, Key="small.jpg", Body=io.BytesIO(content), ContentType="image/jpeg"
        ),
        rounds=15,
        calls=40,
    )
    table.ratio("save 10 kB on S3", ours, peer, "put_object", most=1.15)


def big_saves(table: Table, storage: S3Storage) -> None:
    with tempfile.TemporaryFile() as file:
        for _ in range(256):
            file.write(os.urandom(MIB))
        file.flush()

        def ours() -> None:
            storage.save("big.bin", file)

        def peer() -> None:
            with os.fdopen(os.dup(file.fileno()), "rb") as copy:  # it closes what is passed
                copy.seek(0)
                storage.client.upload_fileobj(copy, storage.bucket_name, "big.bin")

        times = best_of(ours, peer, rounds=6)
    table.ratio("save 256 MiB on S3", *times, peer_name="upload_fileobj", most=1.05)


def memory_of_big_saves(table: Table, place: dict[str, str], bucket: str) -> None:
    """Peak growth, each in a process of its own, since a peak never goes down."""
    script = """
import io, json, re, sys, tempfile
from s3_saver import S3Storage
place, bucket, call = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3]
storage = S3Storage(bucket, region="us-east-1", **place)
storage.save("warm-up", io.BytesIO(b"x"))
storage.client.upload_fileobj(io.BytesIO(b"x"), bucket, "warm-up")

def peak():
    with open("/proc/self/status") as status:
        return int(re.search(r"VmHWM:\\s+(\\d+)", status.read())[1]) // 1024

with tempfile.TemporaryFile() as file:
    for _ in range(256):
        file.write(bytes(1024**2))
    with open("/proc/self/clear_refs", "w") as reset:
        reset.write("5")  # else it is the peak of the process that started this one
    before = peak()
    if call == "ours":
        storage.save("big.bin", file)
    else:
        file.seek(0)
        storage.client.upload_fileobj(file, bucket, "big.bin")
    print(peak() - before)
"""
    ours, peer = (
        int(
            subprocess.check_output(
                [sys.executable, "-c", script, json.dumps(place), bucket, call], text=True
            )
        )
        for call in ("ours", "peer")
    )
    table.row(
        "peak memory of it",
        f"+{ours} MiB",
        f"upload_fileobj +{peer} MiB",
        "",
        "≤ 64 MiB",
        holds=ours <= 64,
    )


def local_saves(table: Table, folder: Path) -> None:
    content = os.urandom(10_000)
    storage = LocalStorage(folder)
    storage.save("small.jpg", io.BytesIO(content))

    def by_hand() -> None:
        temporary = folder / "temporary"
        with open(temporary, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, folder / "small.jpg")
        directory = os.open(folder, os.O_RDONLY)  # else a power cut may take the new name back
        os.fsync(directory)
        os.close(directory)

    ours, peer = best_of(
        lambda: storage.save("small.jpg", io.BytesIO(content)), by_hand, rounds=30, calls=40
    )
    table.ratio(
        "save 10 kB on disk", ours, peer, "write, fsync, rename, fsync of the folder", most=1.3
    )


def listings(table: Table) -> None:
    def peak_of(keys: int) -> tuple[int, int]:
        with listing_server(keys) as (endpoint, requests):
            storage = S3Storage("b", endpoint_url=endpoint, region="us-east-1", **KEYS)
            next(storage.find())
            requests.clear()
            tracemalloc.start()
            assert sum(1 for _ in storage.find()) == keys
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            return len(requests), peak

    (_, small), (calls, big) = peak_of(10_000), peak_of(100_000)
    table.row("find 100,000 keys", f"{calls} calls", "", "", "100 calls", holds=calls == 100)
    table.row(
        "peak memory of it",
        f"{big / MIB:.1f} MiB",
        f"for 10,000 keys {small / MIB:.1f} MiB",
        f"{big / small:.2f} ×",
        "flat (≤ 1.2 ×)",
        holds=big <= 1.2 * small,
    )
    with listing_server(100_000) as (endpoint, requests):
        files = S3Storage("b", endpoint_url=endpoint, region="us-east-1", **KEYS).find()
        for _ in range(10):
            next(files)
        calls = len(requests)
    table.row("its first 10 files", f"{calls} call", "", "", "1 call", holds=calls == 1)


def deletions(table: Table, storage: S3Storage) -> None:
    calls = []

    def count(**details: object) -> None:
        calls.append(details)

    storage.client.meta.events.register("before-send.s3", count)
    storage.delete(*[f"{number}" for number in range(2500)])
    storage.client.meta.events.unregister("before-send.s3", count)
    table.row("delete 2,500 keys", f"{len(calls)} calls", "", "", "3 calls", holds=len(calls) == 3)


def main() -> None:
    table = Table("boto3")
    took = import_time("s3_saver")
    table.row(
        "`import s3_saver`", duration(took), "bare Python", "", "≤ 40 ms", holds=took <= 0.040
    )
    took = import_time("s3_saver", after="flask")
    table.row("... where Flask is", duration(took), "", "", "≤ 15 ms", holds=took <= 0.015)
    with a_server() as place, tempfile.TemporaryDirectory() as folder:
        bucket = f"bench-{uuid.uuid4().hex[:12]}"
        storage = S3Storage(bucket, region="us-east-1", **place)  # type: ignore[arg-type]
        storage.client.create_bucket(Bucket=bucket)
        small_saves(table, storage)
        big_saves(table, storage)
        memory_of_big_saves(table, place, bucket)
        local_saves(table, Path(folder))
        listings(table)
        deletions(table, storage)
        storage.delete(*[info.name for info in storage.find()])
        storage.client.delete_bucket(Bucket=bucket)


main()
