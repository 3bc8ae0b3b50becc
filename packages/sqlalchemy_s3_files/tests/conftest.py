"""Fixtures: the databases and the storages, one after the other. S3's are s3_saver.testing's."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from engines import sqlite_engine
from models import Models, make_models
from postgres_server import missing, postgres_server
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import close_all_sessions

from s3_saver import Storages
from s3_saver.testing import MemoryStorage, S3Server

pytest_plugins = ["s3_saver.testing.pytest_plugin"]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "postgres: needs a PostgreSQL server, which it starts")


def pytest_addoption(parser: pytest.Parser) -> None:
    kills = 50 if os.environ.get("CI") else 5
    parser.addoption("--kills", type=int, default=kills, help="how often a process is killed")


@pytest.fixture(params=["disk", "s3", "memory"])
def storages(request: pytest.FixtureRequest, tmp_path: Path) -> Storages:
    """New files go to a folder, to a bucket, to memory."""
    if request.param == "disk":
        return Storages(tmp_path / "files")
    if request.param == "memory":
        return Storages(storage=MemoryStorage())
    server: S3Server = request.getfixturevalue("s3_server")
    return Storages(storage=server.storage(request.getfixturevalue("s3_bucket"), prefix="up"))


@pytest.fixture
def memory() -> Storages:
    """New files go to memory."""
    return Storages(storage=MemoryStorage())


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a database of PostgreSQL."""
    if words := missing():
        pytest.skip(words)
    with postgres_server() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        made = sqlite_engine(tmp_path)
    else:
        made = create_engine(request.getfixturevalue("postgres"))
    yield made
    close_all_sessions()
    if request.param == "postgres":
        with made.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    made.dispose()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    """An empty database of SQLite."""
    made = sqlite_engine(tmp_path)
    yield made
    close_all_sessions()
    made.dispose()


@pytest.fixture
def models(storages: Storages, engine: Engine) -> Models:
    """Classes with files, whose tables are there: on each kind of storage and database."""
    made = make_models(storages)
    made.base.metadata.create_all(engine)
    return made


@pytest.fixture
def tables(memory: Storages, engine: Engine) -> Models:
    """Classes whose files are in memory, on each kind of database."""
    made = make_models(memory)
    made.base.metadata.create_all(engine)
    return made


@pytest.fixture
def small(memory: Storages, sqlite: Engine) -> Models:
    """The same, in memory and on SQLite."""
    made = make_models(memory)
    made.base.metadata.create_all(sqlite)
    return made
