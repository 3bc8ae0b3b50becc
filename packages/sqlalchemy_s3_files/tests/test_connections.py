"""Who decides over files: the connection's outermost transaction, whatever its sessions say."""

import gc
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import psycopg
import pytest
from engines import sqlite_engine
from models import Models, add, contents, get, make_models, read, upload
from sqlalchemy import (
    Delete,
    Engine,
    Insert,
    NullPool,
    QueuePool,
    Update,
    create_engine,
    delete,
    select,
)
from sqlalchemy.exc import DBAPIError, SAWarning
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateSchema, DropSchema

from s3_saver import Storages

Mode = Literal["conditional_savepoint", "rollback_only", "control_fully", "create_savepoint"]
MODES: list[Mode] = ["conditional_savepoint", "rollback_only", "control_fully", "create_savepoint"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("in_savepoint", [False, True], ids=["", "in a savepoint"])
def test_a_joined_session_s_commit_is_not_the_last_word(
    models: Models, engine: Engine, mode: Mode, in_savepoint: bool
) -> None:
    """A test suite rolls back what its sessions have committed: the old file is still there."""
    key = add(engine, models.thing, image=upload(b"old"))
    with engine.connect() as connection:
        outer = connection.begin()
        if in_savepoint:
            connection.begin_nested()
        with Session(connection, join_transaction_mode=mode) as session:
            get(session, models.thing, key).image = upload(b"new")
            session.commit()
            session.add(models.thing(image=upload(b"more")))
            session.commit()
        if mode != "control_fully":
            assert contents(models.storages) == [b"more", b"new", b"old"]
            outer.rollback()
            assert contents(models.storages) == [b"old"]
        else:  # the session has committed the connection itself
            assert contents(models.storages) == [b"more", b"new"]


@pytest.mark.parametrize("mode", MODES)
def test_a_joined_session_s_connection_commits(small: Models, sqlite: Engine, mode: Mode) -> None:
    """Then the old file goes, when the connection is closed or begins again."""
    key = add(sqlite, small.thing, image=upload(b"old"))
    with (
        sqlite.begin() as connection,
        Session(connection, join_transaction_mode=mode) as session,
    ):
        get(session, small.thing, key).image = upload(b"new")
        session.commit()
    assert contents(small.storages) == [b"new"]
    with sqlite.connect() as connection:
        with Session(connection, join_transaction_mode=mode) as session:
            connection.begin()
            get(session, small.thing, key).image = upload(b"newer")
            session.commit()
            if mode != "control_fully":
                connection.commit()
        connection.execute(select(1))
        assert contents(small.storages) == [b"newer"]


def test_a_session_that_is_forgotten_rolls_back(small: Models, sqlite: Engine) -> None:
    """Its connection goes back to the pool by itself, and what was new is deleted."""
    session = Session(sqlite)
    session.add(small.thing(image=upload()))
    session.flush()
    assert contents(small.storages) == [b"new"]
    del session
    gc.collect()
    assert contents(small.storages) == []


def test_a_commit_ends_open_savepoints(small: Models, sqlite: Engine) -> None:
    """What was replaced in them goes, as if they had been released."""
    key = add(sqlite, small.thing, image=upload(b"old"))
    with sqlite.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="rollback_only") as session:
            thing = get(session, small.thing, key)
            thing.image = upload(b"first")
            session.flush()
            for content in (b"second", b"third"):
                connection.begin_nested()
                thing.image = upload(content)
                session.flush()
            session.commit()
        outer.commit()
    assert contents(small.storages) == [b"third"]


@pytest.mark.parametrize("changed", ["in the outer one", "in the inner one"])
def test_a_savepoint_s_rollback_ends_those_that_are_open_in_it(
    tables: Models, engine: Engine, changed: str
) -> None:
    """The database rolls back all of them by one statement, and the old file is the row's again."""
    key = add(engine, tables.thing, image=upload(b"old"))
    with engine.connect() as connection:
        connection.begin()
        with Session(connection, join_transaction_mode="control_fully") as session:
            thing = get(session, tables.thing, key)
            thing.pages.append(upload(b"page"))
            session.flush()
            outer = connection.begin_nested()
            if changed == "in the outer one":
                thing.image = upload(b"new")
                session.flush()
            connection.begin_nested()
            if changed == "in the inner one":
                thing.image = upload(b"new")
                session.flush()
            with pytest.warns(SAWarning, match="already deassociated"):
                outer.rollback()
            assert contents(tables.storages) == [b"old", b"page"]
            connection.commit()
    with Session(engine) as session:
        assert read(get(session, tables.thing, key).image) == b"old"
    assert contents(tables.storages) == [b"old", b"page"]


def test_a_savepoint_s_release_ends_those_that_are_open_in_it(
    tables: Models, engine: Engine
) -> None:
    """What was replaced in the inner one goes with the commit, and a later savepoint is its own."""
    key = add(engine, tables.thing, image=upload(b"old"))
    with engine.connect() as connection:
        connection.begin()
        with Session(connection, join_transaction_mode="control_fully") as session:
            thing = get(session, tables.thing, key)
            session.flush()
            outer = connection.begin_nested()
            connection.begin_nested()
            thing.image = upload(b"new")
            session.flush()
            with pytest.warns(SAWarning, match="already deassociated"):
                outer.commit()
            later = connection.begin_nested()
            thing.image = upload(b"newer")
            session.flush()
            later.rollback()
            assert contents(tables.storages) == [b"new", b"old"]
            connection.commit()
    assert contents(tables.storages) == [b"new"]


def test_a_savepoint_that_has_ended_with_another_one_is_not_rolled_back(
    small: Models, sqlite: Engine
) -> None:
    """The database refuses it, and what was saved before both stays."""
    with sqlite.connect() as connection:
        connection.begin()
        with Session(connection, join_transaction_mode="control_fully") as session:
            session.add(small.thing(image=upload(b"kept")))
            session.flush()
            outer, inner = connection.begin_nested(), connection.begin_nested()
            with pytest.warns(SAWarning, match="already deassociated"):
                outer.rollback()
            with pytest.raises(DBAPIError, match="no such savepoint"):
                inner.rollback()
            connection.commit()
    assert contents(small.storages) == [b"kept"]


@pytest.mark.parametrize("mode", ["conditional_savepoint", "rollback_only", "create_savepoint"])
def test_a_joined_session_s_rollback(small: Models, sqlite: Engine, mode: Mode) -> None:
    """What it has saved goes, whether it was in a savepoint or ends all."""
    key = add(sqlite, small.thing, image=upload(b"old"))
    with sqlite.connect() as connection:
        connection.begin()
        with Session(connection, join_transaction_mode=mode) as session:
            get(session, small.thing, key).image = upload(b"new")
            session.flush()
            session.rollback()
            assert contents(small.storages) == [b"old"]


def test_a_connection_that_is_closed_rolls_back(small: Models, sqlite: Engine) -> None:
    """A joined session has committed, nobody else has."""
    with sqlite.connect() as connection:
        connection.begin()
        with Session(connection, join_transaction_mode="rollback_only") as session:
            session.add(small.thing(image=upload()))
            session.commit()
    assert contents(small.storages) == []


class LosingAnswers(sqlite3.Connection):
    """Commits, and then says that it has failed; or fails."""

    commits = True
    is_bad = False

    def commit(self) -> None:
        if not LosingAnswers.is_bad:
            super().commit()
            return
        if LosingAnswers.commits:
            super().commit()
        else:
            super().rollback()
        raise sqlite3.OperationalError("disk I/O error")


class BadPsycopg(psycopg.Connection[Any]):
    """The same for PostgreSQL: the connection is closed before or after COMMIT was sent."""

    def commit(self) -> None:
        if not LosingAnswers.is_bad:
            super().commit()
            return
        if LosingAnswers.commits:
            super().commit()
        self.close()
        raise psycopg.OperationalError("server closed the connection unexpectedly")


@pytest.fixture
def bad_engine(engine: Engine, tmp_path: Path) -> Any:
    """The database of *engine*, by connections whose COMMIT is unlucky."""

    def connect() -> Any:
        if engine.dialect.name == "sqlite":
            return sqlite3.connect(tmp_path / "rows.db", factory=LosingAnswers)
        url = engine.url
        return BadPsycopg.connect(f"host={url.host} port={url.port} user=test dbname=postgres")

    made = create_engine(engine.url, creator=connect, poolclass=NullPool)
    LosingAnswers.is_bad = True
    yield made
    LosingAnswers.is_bad = False
    made.dispose()


@pytest.mark.parametrize("commits", [True, False], ids=["committed", "not committed"])
def test_the_rows_are_asked_when_the_answer_to_commit_is_lost(
    memory: Storages, engine: Engine, bad_engine: Engine, commits: bool
) -> None:
    """By their primary keys: what they name stays, and what they don't goes."""
    models = make_models(memory)
    models.base.metadata.create_all(engine)
    key = add(engine, models.thing, image=upload(b"old"))
    other = add(engine, models.thing, image=upload(b"gone"))
    LosingAnswers.commits = commits
    with Session(bad_engine) as session:
        get(session, models.thing, key).image = upload(b"new")
        session.delete(get(session, models.thing, other))
        with pytest.raises(DBAPIError):
            session.commit()
    assert contents(memory) == ([b"new"] if commits else [b"gone", b"old"])
    with Session(engine) as session:
        for thing in session.scalars(select(models.thing)):
            assert read(thing.image)


@pytest.mark.parametrize("commits", [True, False], ids=["committed", "not committed"])
def test_a_lost_answer_about_a_new_row(
    memory: Storages, engine: Engine, bad_engine: Engine, commits: bool
) -> None:
    """A row that is there has its file. Of one that is not there it goes, unless the connection was
    lost: then the server may still be at it, and the file stays.
    """
    models = make_models(memory)
    models.base.metadata.create_all(engine)
    LosingAnswers.commits = commits
    with Session(bad_engine) as session:
        session.add(models.thing(image=upload(b"new")))
        with pytest.raises(DBAPIError):
            session.commit()
    stays = commits or engine.dialect.name == "postgresql"
    assert contents(memory) == ([b"new"] if stays else [])


def test_a_database_that_says_nothing_keeps_every_file(
    memory: Storages, tmp_path: Path, sqlite: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """The commit's answer is lost, and nobody can be asked: one line is logged."""
    models = make_models(memory)
    models.base.metadata.create_all(sqlite)
    key = add(sqlite, models.thing, image=upload(b"old"))
    calls: list[int] = []

    def connect() -> sqlite3.Connection:
        calls.append(1)
        if len(calls) > 1:
            raise sqlite3.OperationalError("unable to open database file")
        return sqlite3.connect(tmp_path / "rows.db", factory=LosingAnswers)

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    LosingAnswers.commits = LosingAnswers.is_bad = True
    try:
        with Session(engine) as session:
            get(session, models.thing, key).image = upload(b"new")
            with pytest.raises(DBAPIError):
                session.commit()
    finally:
        LosingAnswers.is_bad = False
    assert contents(memory) == [b"new", b"old"]
    assert "no file of a transaction is deleted" in caplog.text


def in_threads(*calls: Callable[[], None]) -> None:
    """Call all at once, and raise what one of them raises."""
    errors: list[Exception] = []

    def run(call: Callable[[], None]) -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_two_requests_that_replace_one_row_leave_one_file(models: Models, engine: Engine) -> None:
    """Both have loaded the same row; the second finds the first one's file under the row's lock."""
    key = add(engine, models.thing, image=upload(b"old"))
    both = threading.Barrier(2)

    def replace(content: bytes) -> Callable[[], None]:
        def request() -> None:
            with Session(engine) as session:
                thing = get(session, models.thing, key)
                session.commit()  # no lock is held while the visitor chooses a file
                assert thing.id
                session.rollback()
                thing.image = upload(content)
                both.wait()
                session.commit()

        return request

    in_threads(replace(b"one"), replace(b"two"))
    with Session(engine) as session:
        left = read(get(session, models.thing, key).image)
    assert contents(models.storages) == [left]


def test_one_replaces_what_another_deletes(models: Models, engine: Engine) -> None:
    """The row is gone for the second: its flush fails, and nothing is left over."""
    key = add(engine, models.thing, image=upload(b"old"))
    with Session(engine) as first, Session(engine) as second:
        thing = get(first, models.thing, key)
        first.commit()
        second.delete(get(second, models.thing, key))
        second.commit()
        first.expunge_all()
        thing.image = upload(b"new")
        first.add(thing)
        with pytest.raises(Exception, match="expected to update 1 row|deleted"):
            first.commit()
        first.rollback()
    assert contents(models.storages) == []


@pytest.mark.parametrize("way", ["engine", "options"])
def test_without_transactions_a_rollback_undoes_no_row(
    models: Models, engine: Engine, way: str
) -> None:
    """In AUTOCOMMIT: the rows are asked, and what they name stays."""
    key = add(engine, models.thing, image=upload(b"old"))
    if way == "engine":
        bare = create_engine(engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    else:
        bare = create_engine(engine.url, poolclass=NullPool)
        bare = bare.execution_options(isolation_level="AUTOCOMMIT")
    with Session(bare) as session:
        get(session, models.thing, key).image = upload(b"new")
        session.add(models.thing(image=upload(b"more")))
        session.flush()
        session.rollback()
    assert contents(models.storages) == [b"more", b"new"]


@pytest.mark.postgres
def test_two_phases(memory: Storages, postgres: str) -> None:
    """A session that commits in two phases deletes after the second."""
    engine = create_engine(postgres, poolclass=NullPool)
    models = make_models(memory)
    models.base.metadata.create_all(engine)
    try:
        key = add(engine, models.thing, image=upload(b"old"))
        with Session(engine, twophase=True) as session:
            get(session, models.thing, key).image = upload(b"new")
            session.flush()
            session.rollback()
            assert contents(memory) == [b"old"]
            get(session, models.thing, key).image = upload(b"new")
            session.prepare()
            assert contents(memory) == [b"new", b"old"]
            session.commit()
            assert contents(memory) == [b"new"]
    finally:
        models.base.metadata.drop_all(engine)


def test_a_pool_of_one_is_enough(small: Models, tmp_path: Path) -> None:
    """What asks the table after the commit takes the connection that has come back."""
    url = f"sqlite:///{tmp_path}/rows.db"
    engine = create_engine(url, poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=3)
    key = add(engine, small.post, image=upload(b"old"))
    with Session(engine) as session:
        get(session, small.post, key).image = upload(b"new")
        session.commit()
    assert contents(small.storages) == [b"new"]
    engine.dispose()


def test_many_rows_are_read_by_few_statements(small: Models, sqlite: Engine) -> None:
    """A thousand rows are deleted by at most ten statements more than the rows alone need."""
    from sqlalchemy import event

    with Session(sqlite) as session:
        session.add_all([small.thing(image=upload(b"x")) for _ in range(1000)])
        session.commit()
        things = session.scalars(select(small.thing)).all()
        statements: list[str] = []
        event.listen(
            sqlite,
            "before_cursor_execute",
            lambda connection, cursor, statement, *rest: statements.append(statement),
        )
        for thing in things:
            session.delete(thing)
        session.flush()
        ours = [one for one in statements if not one.startswith("DELETE")]
        assert 0 < len(ours) <= 10
        session.commit()
    assert contents(small.storages) == []


def test_a_session_that_reads_elsewhere(small: Models, tmp_path: Path) -> None:
    """As in SQLAlchemy's manual: statements that write, and flushes, go to another database."""
    folders = tmp_path / "written", tmp_path / "read"
    for folder in folders:
        folder.mkdir()
    written, empty = map(sqlite_engine, folders)
    small.base.metadata.create_all(written)
    key, other = (add(written, small.thing, image=upload(name)) for name in (b"1", b"2"))

    class Routing(Session):
        def get_bind(
            self, mapper: Any = None, *, clause: Any = None, bind: Any = None, **_: Any
        ) -> Any:
            writes = self._flushing or isinstance(clause, Insert | Update | Delete)
            return bind or (written if writes else empty)

    with Routing() as session:
        session.execute(delete(small.thing).where(small.thing.id == key))
        session.commit()
        assert contents(small.storages) == [b"2"]
        arguments = {"bind": written}
        query = select(small.thing).where(small.thing.id == other)
        session.scalars(query, bind_arguments=arguments).one().image = upload(b"3")
        session.commit()
        assert contents(small.storages) == [b"3"]
    with Session(empty) as plain:
        plain.execute(delete(small.thing), bind_arguments=arguments)
        plain.commit()
    assert contents(small.storages) == []


@pytest.mark.postgres
def test_schemas_with_other_names(memory: Storages, postgres: str) -> None:
    """Who names a shared file is asked in the schema of the session's connection."""
    engine = create_engine(postgres, poolclass=NullPool)
    models = make_models(memory)
    names = {"schema_translate_map": {None: "tenant"}}
    with engine.begin() as connection:
        connection.execute(CreateSchema("tenant"))
        models.base.metadata.create_all(connection.execution_options(**names))
    models.base.metadata.create_all(engine)  # here is no row
    try:
        with Session(engine) as session:
            session.connection(execution_options=names)
            first = models.shared(image=upload(b"1"), pages=[])
            session.add(first)
            session.flush()
            session.add(models.shared(image=first.image, pages=[]))
            session.commit()
            session.connection(execution_options=names)
            session.delete(first)
            session.commit()
            assert contents(memory) == [b"1"]
            session.connection(execution_options=names)
            session.delete(session.scalars(select(models.shared)).one())
            session.commit()
            assert contents(memory) == []
    finally:
        models.base.metadata.drop_all(engine)
        with engine.begin() as connection:
            connection.execute(DropSchema("tenant", cascade=True))
