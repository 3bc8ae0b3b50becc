"""Async sessions: the same, and the loop goes on while storages work."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

import pytest
from engines import follow_sqlalchemy_s_recipe
from models import Models, contents, make_models, upload
from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from s3_saver import FileInfo, Storages
from s3_saver.testing import MemoryStorage


class WaitingStorage(MemoryStorage):
    """Goes on only when the loop has ticked a few times more."""

    ticks = 0
    begun = 0
    waited = 0

    def __init__(self) -> None:
        super().__init__()
        self.ticked = threading.Condition()

    def tick(self) -> None:
        with self.ticked:
            self.ticks += 1
            self.ticked.notify_all()

    def wait(self) -> None:
        assert threading.current_thread() is not threading.main_thread()
        self.begun += 1
        with self.ticked:
            enough = self.ticks + 3
            assert self.ticked.wait_for(lambda: self.ticks >= enough, timeout=3)
        self.waited += 1

    def save(
        self,
        name: str,
        file: IO[bytes],
        *,
        overwrite: bool = True,
        content_type: str | None = None,
    ) -> FileInfo:
        self.wait()
        return super().save(name, file, overwrite=overwrite, content_type=content_type)

    def delete(self, *names: str | FileInfo) -> None:
        self.wait()
        super().delete(*names)


Work = Callable[[AsyncSession, Models], object]


@pytest.fixture(params=["aiosqlite", pytest.param("asyncpg", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind, by a driver for async code."""
    if request.param == "aiosqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/rows.db"
    made: str = request.getfixturevalue("postgres")
    return made.replace("+psycopg:", "+asyncpg:")


def run(url: str, storage: WaitingStorage, work: Work) -> None:
    """Run a coroutine with an async session, while a clock ticks in the loop."""
    models = make_models(Storages(storage=storage))

    async def main() -> None:
        engine = create_async_engine(url, poolclass=NullPool)
        if engine.dialect.name == "sqlite":
            follow_sqlalchemy_s_recipe(engine.sync_engine)

        async def tick() -> None:
            while True:
                storage.tick()
                await asyncio.sleep(0)

        clock = asyncio.create_task(tick())
        async with engine.begin() as connection:
            await connection.run_sync(models.base.metadata.create_all)
        async with AsyncSession(engine, expire_on_commit=False) as session:
            await work(session, models)  # type: ignore[misc]
        async with engine.begin() as connection:
            await connection.run_sync(models.base.metadata.drop_all)
        clock.cancel()
        await engine.dispose()

    asyncio.run(main())


def test_async_sessions_store_and_delete_in_a_thread(url: str) -> None:
    """The loop ticks while a file is stored by the flush and deleted after the commit."""
    storage = WaitingStorage()

    async def work(session: AsyncSession, models: Models) -> None:
        thing = models.thing(image=upload(b"old"), pages=[upload(b"1")])
        session.add(thing)
        await session.commit()
        assert storage.waited == 2
        thing.image = upload(b"new")
        await session.commit()
        assert storage.waited == 4
        thing.image = upload(b"newer")
        await session.flush()
        await session.rollback()
        assert storage.waited == 6
        await session.delete(thing)
        await session.commit()

    run(url, storage, work)
    assert contents(Storages(storage=storage)) == []


def test_async_sessions_have_savepoints(url: str) -> None:
    """Rolled back, they leave the old file; committed, they delete nothing yet."""
    storage = WaitingStorage()
    storages = Storages(storage=storage)

    async def work(session: AsyncSession, models: Models) -> None:
        thing = models.thing(image=upload(b"old"))
        session.add(thing)
        await session.commit()
        nested = await session.begin_nested()
        thing.image = upload(b"new")
        await nested.rollback()
        await session.refresh(thing)
        assert contents(storages) == [b"old"]
        async with session.begin_nested():
            thing.image = upload(b"newer")
        assert contents(storages) == [b"newer", b"old"]
        await session.commit()

    run(url, storage, work)
    assert contents(storages) == [b"newer"]


def test_a_task_that_is_cancelled_while_it_stores_leaves_nothing(url: str) -> None:
    """The thread goes on to the end of the file, which is deleted then."""
    storage = WaitingStorage()

    async def work(session: AsyncSession, models: Models) -> None:
        session.add(models.thing(image=upload(b"new")))
        commit = asyncio.create_task(session.commit())
        while not storage.begun:
            await asyncio.sleep(0)
        commit.cancel()
        with suppress(asyncio.CancelledError):
            await commit
        assert commit.cancelled()
        assert storage.waited
        await session.rollback()

    run(url, storage, work)
    assert contents(Storages(storage=storage)) == []


def test_a_cancelled_task_leaves_nothing(url: str) -> None:
    """A request that goes away before its commit rolls back."""
    storage = WaitingStorage()

    async def work(session: AsyncSession, models: Models) -> None:
        with suppress(asyncio.CancelledError):
            async with session.begin():
                session.add(models.thing(image=upload(b"new")))
                await session.flush()
                raise asyncio.CancelledError

    run(url, storage, work)
    assert contents(Storages(storage=storage)) == []


def test_a_plain_session_in_a_coroutine_stores_at_once(small: Models, sqlite: Engine) -> None:
    """It blocks the loop, as all that it does."""

    async def main() -> None:
        with Session(sqlite) as session:
            session.add(small.thing(image=upload()))
            session.commit()

    asyncio.run(main())
    assert contents(small.storages) == [b"new"]
