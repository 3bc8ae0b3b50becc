"""Faults, and three packages whose files should outlive them: each in a database and a folder of
its own.

A fault is a function of a rig. It holds if afterwards every file that a row names is there, and no
other one is.
"""

import asyncio
import contextlib
import io
import os
import signal
import sqlite3
import threading
import uuid
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psycopg
from depot.fields.sqlalchemy import UploadedFileField
from depot.io.boto3 import S3Storage as DepotS3
from depot.io.utils import FileIntent
from depot.manager import DepotManager
from libcloud.storage.providers import get_driver
from libcloud.storage.types import Provider
from sqlalchemy import Engine, NullPool, String, create_engine, delete, event, insert, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    mapped_column,
    with_loader_criteria,
)
from sqlalchemy_file import File, FileField
from sqlalchemy_file.storage import StorageManager

from s3_saver import S3Storage, Storages
from sqlalchemy_s3_files import FileType, find_orphans, follow, new_file


class Kind(NamedTuple):
    """A kind of database, and the URL of a folder of SQLite's or of a database of PostgreSQL's."""

    name: str
    url: str


@dataclass
class Rig:
    """One package's model, on one database.

    :param value: makes what can be assigned.
    :param empty: makes what a form has where no file was chosen.
    :param shared: the same model, whose files several rows may name; *thing*, where the package has
        no such kind.
    :param list_orphans: the ids of files that the package itself lists as those that no row names.
    :param stored: the ids of all stored files.
    :param identify: the id of what a row has.
    :param lossy: an engine of the same database whose COMMIT goes through and fails.
    """

    engine: Engine
    lossy: Engine
    thing: Any
    value: Callable[[], Any]
    stored: Callable[[], set[str]]
    identify: Callable[[Any], str]
    empty: Callable[[], Any]
    shared: Any
    list_orphans: Callable[[Session], set[str]] = lambda _: set()

    def add(self) -> int:
        with Session(self.engine) as session:
            row = self.thing(image=self.value())
            session.add(row)
            session.commit()
            return int(row.id)

    def verdict(self) -> str:
        with Session(self.engine) as session:
            images = session.scalars(select(self.thing.image)).all()
            named = {self.identify(image) for image in images if image}
            listed = self.list_orphans(session)
        stored = self.stored()
        if lost := len(named - stored):
            return f"{lost} lost"
        if not (left := stored - named):
            return "✓"
        return f"{len(left)} left over{', listed' if left <= listed else ''}"


def make_model(column: Any) -> Any:
    class Base(DeclarativeBase):
        pass

    class Thing(Base):
        __tablename__ = "thing"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str | None] = mapped_column(String(20), unique=True)
        image: Mapped[Any] = mapped_column(column, nullable=True)

    return Thing


class Ours:
    name = "sqlalchemy-s3-files"

    def rig(self, engine: Engine, lossy: Engine, folder: str) -> Rig:
        storages = Storages(folder)
        thing = make_model(FileType(storages))
        shared = make_model(FileType(storages, shared=True))
        return our_rig(engine, lossy, storages, thing, shared)


class Followed:
    name = "... by `follow`"

    def rig(self, engine: Engine, lossy: Engine, folder: str) -> Rig:
        storages = Storages(folder)
        thing = make_model(String(255))
        follow(thing, storages, name="image")
        return our_rig(engine, lossy, storages, thing, thing)


def our_rig(engine: Engine, lossy: Engine, storages: Storages, thing: Any, shared: Any) -> Rig:
    now = timedelta(hours=-1)
    return Rig(
        engine,
        lossy,
        thing,
        lambda: new_file(io.BytesIO(b"content"), "a.txt"),
        lambda: {info.name for info in storages.current.find()},
        lambda image: str(getattr(image, "name", image)),
        lambda: new_file(io.BytesIO(), ""),
        shared,
        lambda s: {one.name for one in find_orphans(storages, s, [thing], older_than=now)},
    )


class SqlalchemyFile:
    name = "sqlalchemy-file"

    def column(self, container: Any) -> Any:
        # The package has one place for all apps of a process.
        StorageManager._clear()
        StorageManager.add_storage("default", container)
        return FileField()

    def rig(self, engine: Engine, lossy: Engine, folder: str) -> Rig:
        Path(folder, "files").mkdir(parents=True)
        container = get_driver(Provider.LOCAL)(folder).get_container("files")

        def stored() -> set[str]:
            names = {one.name for one in container.list_objects()}
            return {name for name in names if not name.endswith(".metadata.json")}

        thing = make_model(self.column(container))
        return Rig(
            engine,
            lossy,
            thing,
            lambda: File(content=io.BytesIO(b"content"), filename="a.txt"),
            stored,
            lambda image: str(image.get("file_id", "nothing")),
            lambda: File(content=io.BytesIO(), filename=""),
            thing,
        )

    def delete_on_s3(self, options: dict[str, Any], engine: Engine, rows: int) -> tuple[int, str]:
        address = urlsplit(options["endpoint_url"])
        driver: Any = get_driver(Provider.MINIO)(
            options["access_key_id"],
            options["access_key_secret"],
            secure=False,
            host=address.hostname,
            port=address.port,
        )
        container = driver.create_container(f"peer-{uuid.uuid4().hex[:12]}")
        thing = make_model(self.column(container))
        requests: list[object] = []
        real = driver.connection.request

        def counting(*arguments: Any, **more: Any) -> Any:
            requests.append(arguments)
            return real(*arguments, **more)

        driver.connection.request = counting

        def value() -> Any:
            return File(content=io.BytesIO(b"x"), filename="a.txt")

        return delete_rows(engine, thing, value, rows, requests)


class Filedepot:
    name = "filedepot"

    def rig(self, engine: Engine, lossy: Engine, folder: str) -> Rig:
        name = self.configure({"depot.storage_path": folder})
        thing = make_model(UploadedFileField(upload_storage=name))
        return Rig(
            engine,
            lossy,
            thing,
            lambda: FileIntent(io.BytesIO(b"content"), "a.txt", "text/plain"),
            lambda: set(DepotManager.get(name).list() if os.path.exists(folder) else ()),
            lambda image: str(image.get("file_id", "nothing")),
            lambda: FileIntent(io.BytesIO(), "", "application/octet-stream"),
            thing,
        )

    def configure(self, settings: dict[str, Any]) -> str:
        name = uuid.uuid4().hex
        DepotManager.configure(name, settings)
        return name

    def delete_on_s3(self, options: dict[str, Any], engine: Engine, rows: int) -> tuple[int, str]:
        bucket_name = f"peer-{uuid.uuid4().hex[:12]}"
        S3Storage(bucket_name, **options).client.create_bucket(Bucket=bucket_name)
        name = self.configure(
            {
                "depot.backend": "depot.io.boto3.S3Storage",
                "depot.access_key_id": options["access_key_id"],
                "depot.secret_access_key": options["access_key_secret"],
                "depot.endpoint_url": options["endpoint_url"],
                "depot.region_name": options["region"],
                "depot.bucket": bucket_name,
            }
        )
        storage: DepotS3 = DepotManager.get(name)
        requests: list[object] = []
        events = storage._bucket_driver.s3.meta.client.meta.events
        events.register("before-call.s3", lambda model, **_: requests.append(model.name))
        thing = make_model(UploadedFileField(upload_storage=name))

        def value() -> Any:
            return FileIntent(io.BytesIO(b"x"), "a.txt", "text/plain")

        return delete_rows(engine, thing, value, rows, requests)


PEERS: list[Any] = [Ours(), Followed(), SqlalchemyFile(), Filedepot()]


def delete_rows(
    engine: Engine, thing: Any, value: Callable[[], Any], rows: int, requests: list[object]
) -> tuple[int, str]:
    """Delete rows with files, and return how many requests that took."""
    try:
        thing.metadata.create_all(engine)
        with Session(engine) as session:
            session.add_all([thing(image=value()) for _ in range(rows)])
            session.commit()
            for row in session.scalars(select(thing)).all():
                session.delete(row)
            requests.clear()
            session.commit()
    except Exception as error:  # noqa: BLE001
        return 0, f"{type(error).__name__}: {error}"[:120]
    return len(requests), ""


class Failed(Exception):  # noqa: N818
    """What a view raises."""


def replace_and(rig: Rig, end: Callable[[Session, Any], object]) -> None:
    """Replace a row's file in a session, and end that somehow."""
    key = rig.add()
    with Session(rig.engine) as session:
        row = session.get(rig.thing, key)
        row.image = rig.value()
        try:
            end(session, row)
        except Exception:  # noqa: BLE001
            session.rollback()


def a_view_fails(rig: Rig) -> None:
    def end(session: Session, _: Any) -> None:
        session.flush()
        raise Failed

    replace_and(rig, end)


def the_commit_fails(rig: Rig) -> None:
    with Session(rig.engine) as session:
        session.add(rig.thing(name="taken"))
        session.commit()

    def end(session: Session, row: Any) -> None:
        row.name = "taken"
        session.commit()

    replace_and(rig, end)


def a_savepoint_is_rolled_back(rig: Rig) -> None:
    key = rig.add()
    with Session(rig.engine) as session:
        nested = session.begin_nested()
        session.get(rig.thing, key).image = rig.value()
        session.flush()
        nested.rollback()
        session.commit()


def all_is_rolled_back_after_a_savepoint(rig: Rig) -> None:
    key = rig.add()
    with Session(rig.engine) as session:
        with session.begin_nested():
            session.get(rig.thing, key).image = rig.value()
        session.rollback()


def a_joined_session_is_rolled_back(rig: Rig) -> None:
    key = rig.add()
    with rig.engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            session.get(rig.thing, key).image = rig.value()
            session.commit()
        outer.rollback()


def the_answer_to_commit_is_lost(rig: Rig) -> None:
    key = rig.add()
    with Session(rig.lossy) as session:
        session.get(rig.thing, key).image = rig.value()
        try:
            session.commit()
        except Exception:  # noqa: BLE001
            session.rollback()


def two_requests_replace(rig: Rig) -> None:
    key = rig.add()
    both = threading.Barrier(2)

    def request() -> None:
        with Session(rig.engine, expire_on_commit=False) as session:
            row = session.get(rig.thing, key)
            _ = row.image
            session.commit()
            row.image = rig.value()
            both.wait()
            session.commit()

    threads = [threading.Thread(target=request) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def another_row_s_value(rig: Rig) -> None:
    key = rig.add()
    with Session(rig.engine) as session:
        first = session.get(rig.thing, key)
        session.add(rig.thing(image=first.image))
        session.commit()
        session.delete(first)
        session.commit()


def a_row_is_deleted(rig: Rig) -> None:
    key = rig.add()
    with Session(rig.engine) as session:
        session.delete(session.get(rig.thing, key))
        session.commit()


def an_orm_delete(rig: Rig) -> None:
    rig.add()
    with Session(rig.engine) as session:
        session.execute(delete(rig.thing))
        session.commit()


def a_core_insert(rig: Rig) -> None:
    with Session(rig.engine) as session:
        try:
            session.execute(insert(rig.thing), [{"image": rig.value()}])
            session.commit()
        except Exception:  # noqa: BLE001
            session.rollback()


def a_merge(rig: Rig) -> None:
    key = rig.add()
    with Session(rig.engine) as session:
        session.merge(rig.thing(id=key, image=rig.value()))
        session.commit()


def an_empty_upload(rig: Rig) -> str | None:
    key = rig.add()
    with Session(rig.engine) as session:
        row = session.get(rig.thing, key)
        before = rig.identify(row.image)
        row.image = rig.empty()
        session.commit()
        is_kept = row.image and rig.identify(row.image) == before
    return None if is_kept else "the file is replaced"


def the_process_is_killed(rig: Rig) -> None:
    key = rig.add()
    child = os.fork()
    if not child:
        with Session(rig.engine) as session:
            session.get(rig.thing, key).image = rig.value()
            session.flush()
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


def an_async_session(rig: Rig) -> None:
    """A row is added and its file replaced, then a view fails."""
    url = rig.engine.url
    if url.drivername == "sqlite":
        url = url.set(drivername="sqlite+aiosqlite")

    async def work() -> None:
        engine = create_async_engine(url, poolclass=NullPool)
        async with AsyncSession(engine, expire_on_commit=False) as session:
            row = rig.thing(image=rig.value())
            session.add(row)
            await session.commit()
            row.image = rig.value()
            await session.commit()
            row.image = rig.value()
            await session.flush()
            await session.rollback()

    asyncio.run(work())


def a_shared_file_s_row_is_deleted(rig: Rig) -> None:
    with Session(rig.engine) as session:
        first = rig.shared(image=rig.value())
        session.add(first)
        session.commit()
        session.add(rig.shared(image=first.image))
        session.commit()
        session.delete(first)
        session.commit()


def a_shared_file_is_named_while_its_row_is_deleted(rig: Rig) -> None:
    with Session(rig.engine) as session:
        row = rig.shared(image=rig.value())
        session.add(row)
        session.commit()
        key = row.id

    def delete_it() -> None:
        # SQLite refuses who has read before another one writes.
        with Session(rig.engine) as session, contextlib.suppress(OperationalError):
            session.delete(session.get(rig.shared, key))
            session.commit()

    with Session(rig.engine) as session:
        session.add(rig.shared(image=session.get(rig.shared, key).image))
        session.flush()
        other = threading.Thread(target=delete_it)
        other.start()
        other.join(0.5)  # ours waits for the commit, and so does all of SQLite
        session.commit()
    other.join()


def a_narrowed_orm_delete(rig: Rig) -> None:
    rig.add()
    with Session(rig.engine) as session:
        criteria = with_loader_criteria(rig.thing, rig.thing.name == "nobody")
        session.execute(delete(rig.thing).options(criteria))
        session.commit()


def a_core_insert_of_a_stored_value(rig: Rig) -> None:
    with Session(rig.engine, expire_on_commit=False) as session:
        row = rig.thing(image=rig.value())
        session.add(row)
        session.commit()
        try:
            session.execute(insert(rig.thing).values(image=row.image))
            session.commit()
        except Exception:  # noqa: BLE001
            session.rollback()
        session.delete(row)
        session.commit()


def an_insert_from_select(rig: Rig) -> None:
    key = rig.add()
    with Session(rig.engine) as session:
        try:
            session.execute(insert(rig.thing).from_select(["image"], select(rig.thing.image)))
            session.commit()
        except Exception:  # noqa: BLE001
            session.rollback()
        session.delete(session.get(rig.thing, key))
        session.commit()


def an_outer_savepoint_is_rolled_back(rig: Rig) -> None:
    key = rig.add()
    with rig.engine.connect() as connection, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        connection.begin()
        with Session(connection, join_transaction_mode="control_fully") as session:
            outer = connection.begin_nested()
            row = session.get(rig.thing, key)
            row.name = "known"
            row.image = rig.value()
            session.flush()
            connection.begin_nested()
            outer.rollback()
            connection.commit()


FAULTS: dict[str, Callable[[Rig], str | None]] = {
    "a view fails after the flush": a_view_fails,
    "the commit fails (a constraint)": the_commit_fails,
    "a savepoint is rolled back": a_savepoint_is_rolled_back,
    "all is rolled back after a savepoint's commit": all_is_rolled_back_after_a_savepoint,
    "a joined session commits, its connection rolls back": a_joined_session_is_rolled_back,
    "the answer to COMMIT is lost": the_answer_to_commit_is_lost,
    "two requests replace one row's file": two_requests_replace,
    "another row's value is assigned, that row deleted": another_row_s_value,
    "a row is deleted": a_row_is_deleted,
    "ORM delete()": an_orm_delete,
    "core insert (stored, or refused)": a_core_insert,
    "merge": a_merge,
    "an empty upload is assigned": an_empty_upload,
    "the process is killed after the flush": the_process_is_killed,
    "an async session replaces, then rolls back": an_async_session,
    "a shared file's row is deleted": a_shared_file_s_row_is_deleted,
    "a shared file is named while its row is deleted": (
        a_shared_file_is_named_while_its_row_is_deleted
    ),
    "ORM delete() with loader criteria": a_narrowed_orm_delete,
    "core insert of a stored value, its row deleted": a_core_insert_of_a_stored_value,
    "INSERT ... SELECT (refused), the first row deleted": an_insert_from_select,
    "an outer savepoint is rolled back, an inner one open": an_outer_savepoint_is_rolled_back,
}


class LosingAnswers(sqlite3.Connection):
    def commit(self) -> None:
        super().commit()
        raise sqlite3.OperationalError("disk I/O error")


class LosingAnswersToo(psycopg.Connection[Any]):
    def commit(self) -> None:
        super().commit()
        self.close()
        raise psycopg.OperationalError("server closed the connection unexpectedly")


def engines(kind: Kind) -> tuple[Engine, Engine]:
    """Return two engines of an empty database; of the second, COMMIT's answers are lost."""
    if kind.url.startswith("sqlite"):
        path = f"{kind.url.removeprefix('sqlite:///')}/{uuid.uuid4().hex}.db"

        def connect() -> Any:
            return sqlite3.connect(path, factory=LosingAnswers)

        engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
        let_savepoints_work(engine)
        return engine, create_engine("sqlite://", creator=connect, poolclass=NullPool)
    engine = create_engine(kind.url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS thing")
    plain = engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    lossy = create_engine(
        kind.url, creator=lambda: LosingAnswersToo.connect(plain), poolclass=NullPool
    )
    return engine, lossy


def let_savepoints_work(engine: Engine) -> None:
    """As SQLAlchemy's manual has it: Python's driver breaks them."""

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begun(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN")


def try_fault(peer: Any, kind: Kind, fault: Callable[[Rig], str | None], folder: str) -> str:
    """Return what became of the files, in a word or two."""
    rig = peer.rig(*engines(kind), os.path.join(folder, uuid.uuid4().hex))
    rig.thing.metadata.create_all(rig.engine)
    try:
        found = fault(rig)
    except Exception as error:  # noqa: BLE001
        return f"{type(error).__name__}; {rig.verdict()}"
    return found or str(rig.verdict())


def as_tables(
    faults: dict[str, Callable[[Rig], str | None]], peers: list[Any], kinds: list[Kind], folder: str
) -> Iterator[str]:
    """Yield the lines of a table for each kind of database."""
    for kind in kinds:
        yield f"\n| {kind.name} | {' | '.join(peer.name for peer in peers)} |"
        yield "|---" * (len(peers) + 1) + "|"
        for what, fault in faults.items():
            verdicts = [try_fault(peer, kind, fault, folder) for peer in peers]
            yield f"| {what} | {' | '.join(verdicts)} |"
