"""Many visitors at once, for minutes."""

import os
import time
from collections import Counter
from pathlib import Path

import pytest
from deployed.app import Web, machine, new_bucket, on_s3
from deployed.load import Load
from deployed.record import check, check_no_strangers, look
from servers.postgres import postgres_server

from s3_saver.testing import S3Server

VISITORS = 50
#: Two minutes, on each storage; fewer for a quick look.
SECONDS = float(os.environ.get("LOAD_SECONDS", "120"))


def row(name: str, load: Load, kinds: Counter[str]) -> str:
    """A row of benchmarks/README.md's table."""
    record, times = load.record, load.times
    median, most = load.percentile(50), load.percentile(95)
    return (
        f"| {name} | {len(times)} | {len(times) / SECONDS:.0f} | {len(record.added)} "
        f"| {len(record.deleted)} | {len(load.errors)} | {median:.2f} s | {most:.2f} s "
        f"| {kinds['have a row']} | {kinds['pending']} | {kinds['files that prune lists']} |"
    )


@pytest.mark.parametrize("storage_type", ["disk", "s3"])
def test_fifty_visitors(
    storage_type: str, s3_server: S3Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Fifty visitors add, look at and delete pictures for two minutes, on disk with SQLite and on
    S3 with PostgreSQL: no page is an error, every row's file is there byte for byte, and every
    file has a row, or waits to be claimed, or is listed by a command that prunes.
    """
    with new_bucket(s3_server) as bucket, postgres_server() as postgres:
        settings = {}
        if storage_type == "s3":
            settings = {**on_s3(bucket, s3_server), "DATABASE_URL": postgres.create("example")}
        environment = machine(tmp_path, **settings)
        database = environment.get("DATABASE_URL") or f"sqlite:///{tmp_path}/example_app.sqlite"
        load = Load()
        with Web(environment, workers=2, threads=8) as web, load.of(VISITORS, web.url):
            time.sleep(SECONDS)
        stock = look(database, bucket if storage_type == "s3" else tmp_path)
        check(load.record, stock)
        kinds = check_no_strangers(stock, environment)
    with capsys.disabled():
        print(f"\n{row(storage_type, load, kinds)}")
    assert not load.errors, Counter(load.errors)
    assert len(load.record.added) >= VISITORS
