"""Fixtures: all the servers that the example app has past one machine."""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from deployed.app import Environment, Web, Worker, machine, on_s3
from deployed.record import Stock, look
from deployed.visitor import Picture, Visitor
from servers.postgres import Postgres, postgres_server
from servers.processes import interrupted_by_sigterm
from servers.redis import Redis

from s3_saver import S3Storage
from s3_saver.testing import S3Server

_interrupted = pytest.fixture(scope="session", autouse=True)(interrupted_by_sigterm)


@dataclass
class Cluster:
    """Two machines with a web server each, two with a worker each, and what they share."""

    environments: list[Environment]
    webs: list[Web]
    workers: list[Worker]
    database: Postgres
    cache: Redis
    storage: S3Storage

    @property
    def urls(self) -> list[str]:
        return [web.url for web in self.webs]

    @property
    def folders(self) -> list[Path]:
        """What each machine has on its disk."""
        return [Path(environment["DATA_FOLDER"]) for environment in self.environments]

    def pictures(self) -> list[Picture]:
        """The whole gallery, as somebody sees it who turns its pages, on one web server each."""
        visitor = Visitor(*self.urls)
        found: list[Picture] = []
        for number in itertools.count(1):
            page = visitor.see("/gallery", page=str(number))
            if page.status == 404:
                return found
            assert page.status == 200, page.words
            found += page.pictures
        raise AssertionError

    def look(self) -> Stock:
        return look(self.environments[0]["DATABASE_URL"], self.storage)


@pytest.fixture
def cluster(storage: S3Storage, s3_server: S3Server, tmp_path: Path) -> Iterator[Cluster]:
    with ExitStack() as stack:
        database = stack.enter_context(postgres_server())
        cache = stack.enter_context(Redis())
        shared = {
            **on_s3(storage, s3_server),
            "DATABASE_URL": database.create("example"),
            "REDIS_URL": cache.url,
            "THUMBNAIL_MODE": "queue",
        }
        environments = [machine(tmp_path / f"machine-{n}", **shared) for n in range(4)]
        webs = [Web(environment) for environment in environments[:2]]
        workers = [Worker(environment, processes=1) for environment in environments[2:]]
        # All at the same moment, as after a power cut, on a database that is empty.
        for program in (*webs, *workers):
            stack.callback(program.stop)
            program.launch()
        for program in (*webs, *workers):
            program.wait()
        yield Cluster(environments, webs, workers, database, cache, storage)
