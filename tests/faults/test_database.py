"""The database is gone, before a change or in the middle of its commit: rows and files stay one."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from deployed.app import machine, new_bucket, on_s3
from deployed.site import Site, site
from deployed.visitor import is_added, is_deleted
from servers.cut_proxy import CutProxy, cut_proxy
from servers.postgres import Postgres, postgres_server

from s3_saver.testing import S3Server

# Ends the connection of whoever commits a change, in the middle of that.
GONE_AT_COMMIT = """
CREATE FUNCTION end_it() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
CREATE CONSTRAINT TRIGGER gone AFTER INSERT OR UPDATE OR DELETE ON picture
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION end_it();
CREATE CONSTRAINT TRIGGER gone AFTER INSERT OR UPDATE OR DELETE ON thingy
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION end_it();
"""
BACK = "DROP FUNCTION end_it CASCADE"


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="module")
def proxy(postgres: Postgres) -> Iterator[CutProxy]:
    with cut_proxy(postgres.port) as proxy:
        yield proxy


@pytest.fixture(scope="module", params=["disk", "s3"])
def app(
    request: pytest.FixtureRequest,
    s3_server: S3Server,
    postgres: Postgres,
    proxy: CutProxy,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """An app that reaches PostgreSQL by the proxy, and has a picture on each page."""
    database = postgres.create(request.param)
    folder = tmp_path_factory.mktemp("machine")
    by_proxy = database.replace(str(postgres.port), str(proxy.port))
    with new_bucket(s3_server) as bucket:
        settings = on_s3(bucket, s3_server) if request.param == "s3" else {}
        environment = machine(folder, DATABASE_URL=by_proxy, **settings)
        place = bucket if request.param == "s3" else folder
        with site(environment, place, database=database) as found:
            assert is_added(found.add())
            assert found.save().words == ["Picture saved."]
            yield found


def execute(database: str, statements: str) -> None:
    engine = sa.create_engine(database)
    with engine.begin() as connection:
        connection.exec_driver_sql(statements)
    engine.dispose()


def try_all(app: Site) -> None:
    """Every change is refused in words. All are tried at once, as each waits for the database."""
    with ThreadPoolExecutor() as pool:
        tried = [pool.submit(change) for change in (app.add, app.save, app.delete)]
    for page in (change.result() for change in tried):
        assert page.words
        assert not {"Picture saved.", "Picture deleted."} & set(page.words), page.words
        assert not is_added(page)


def test_stopped(app: Site, postgres: Postgres) -> None:
    """While the database is stopped, pages say so in words, and changes are refused; when it is
    back, the app goes on by itself.
    """
    postgres.stop()
    try:
        for path in ("/", "/gallery", "/sizes"):
            page = app.visitor.see(path)
            assert page.status == 503
            assert "database" in page.text
        assert app.visitor.see("/status").status == 200
    finally:
        postgres.start()
    app.check()


def test_restarted(app: Site, postgres: Postgres) -> None:
    """After a restart of the database no page fails, whatever connections the app had."""
    app.check()
    postgres.kill()
    postgres.start()
    for _ in range(20):
        assert app.visitor.see("/gallery").status == 200
    app.check()


def test_gone_at_commit(app: Site) -> None:
    """The database ends the connection in the middle of a commit: the change is refused, and what
    was there before is there.
    """
    execute(app.database, GONE_AT_COMMIT)
    try:
        try_all(app)
    finally:
        execute(app.database, BACK)
    assert app.look().pictures["home"] == app.record.sent["home"]
    app.record.maybe_deleted.clear()
    app.check()


def test_answer_lost(app: Site, proxy: CutProxy) -> None:
    """The database commits, and the connection breaks before it can say so: the row's file is
    there, whatever the answer to the visitor is.
    """
    proxy.word = b"COMMIT"
    try:
        app.add()
        app.save()
        app.delete()
    finally:
        proxy.word = b""
    assert proxy.cuts
    app.record.sent["home"] = app.look().pictures["home"] or b"gone"
    app.check()


def test_afterwards(app: Site) -> None:
    """What all these faults have left behind is found by the commands that prune."""
    assert app.check_no_strangers()["have a row"]


def test_sqlite_locked(tmp_path: Path) -> None:
    """Somebody has SQLite's file to himself for longer than the app waits: changes are refused in
    words, and work when the file is free.
    """
    with site(machine(tmp_path), tmp_path) as app:
        assert is_added(app.add())
        assert app.save().words == ["Picture saved."]
        before = app.look()
        other = sqlite3.connect(tmp_path / "example_app.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try_all(app)
        other.execute("ROLLBACK")
        other.close()
        assert app.look().pictures == before.pictures
        app.record.maybe_deleted.clear()
        app.check()
        assert is_deleted(app.delete())
        app.check_no_strangers()
