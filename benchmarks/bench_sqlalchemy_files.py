"""sqlalchemy_s3_files next to the same by hand, to a plain JSON column, and to its peers: what a
file costs that follows its row, and what becomes of files when something fails.

S3 is moto's server in a process of its own, or the one that S3_TEST_ENDPOINT, S3_TEST_KEY and
S3_TEST_SECRET name. The faults are tried on SQLite, and on the PostgreSQL that POSTGRES_TEST_URL
names (``postgresql+psycopg://...``), in a schema of its own.
"""

import io
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from _sqlalchemy_peers import FAULTS, PEERS, Kind, as_tables
from _table import Table, best_of
from sqlalchemy import JSON, Engine, NullPool, create_engine, delete, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from s3_saver import S3Storage, Storages, StoredFile
from sqlalchemy_s3_files import FileType, new_file

ROWS = 1000
CONTENT = os.urandom(10_000)
_MOTO = (
    "import sys; from moto.server import ThreadedMotoServer;"
    "moto = ThreadedMotoServer('127.0.0.1', 0, verbose=False); moto.start();"
    "print(moto.get_host_and_port()[1], flush=True); sys.stdin.read()"
)


class Base(DeclarativeBase):
    pass


class Plain(Base):
    """Keeps a file by hand: whoever saves and deletes it writes the code."""

    __tablename__ = "plain"
    id: Mapped[int] = mapped_column(primary_key=True)
    image: Mapped[Any] = mapped_column(JSON(none_as_null=True))


def make_thing(storages: Storages) -> Any:
    """A class with a file column, in a table of its own."""

    class OwnBase(DeclarativeBase):
        pass

    class Thing(OwnBase):
        __tablename__ = "thing"
        id: Mapped[int] = mapped_column(primary_key=True)
        image: Mapped[StoredFile | None] = mapped_column(FileType(storages, "things/"))

    return Thing


@contextmanager
def s3_options() -> Iterator[dict[str, Any]]:
    if endpoint_url := os.environ.get("S3_TEST_ENDPOINT"):
        keys = os.environ["S3_TEST_KEY"], os.environ["S3_TEST_SECRET"]
        yield options(endpoint_url, *keys)
        return
    command = [sys.executable, "-c", _MOTO]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **pipes) as moto:
        assert moto.stdout is not None
        port = moto.stdout.readline().decode().strip()
        yield options(f"http://127.0.0.1:{port}", "testkey", "testsecret")
        moto.kill()


def options(endpoint_url: str, key: str, secret: str) -> dict[str, Any]:
    return {
        "endpoint_url": endpoint_url,
        "access_key_id": key,
        "access_key_secret": secret,
        "region": "us-east-1",
    }


def make_engine(folder: str) -> Engine:
    return create_engine(f"sqlite:///{folder}/{uuid.uuid4().hex}.db", poolclass=NullPool)


def compare_saving(table: Table, where: str, storages: Storages, engine: Engine) -> None:
    """Assign, flush, commit, next to what a careful view does by hand."""
    thing = make_thing(storages)
    Base.metadata.create_all(engine)
    thing.metadata.create_all(engine)

    def ours() -> None:
        with Session(engine) as session:
            session.add(thing(image=new_file(io.BytesIO(CONTENT), "a.bin")))
            session.commit()

    def by_hand() -> None:
        with Session(engine) as session:
            name = f"things/{os.urandom(8).hex()}.bin"
            file = storages.save(name, io.BytesIO(CONTENT), overwrite=False, filename="a.bin")
            try:
                session.add(Plain(image=file.to_dict()))
                session.commit()
            except BaseException:
                file.delete()
                raise

    for work in (ours, by_hand):
        work()
    mine, peer = best_of(ours, by_hand, rounds=60)
    what = f"assign, flush, commit a file of 10 kB, {where}"
    table.ratio(what, mine, peer, "by hand", 1.15)


def compare_loading(table: Table, storages: Storages, engine: Engine) -> None:
    thing = make_thing(storages)
    Base.metadata.create_all(engine)
    thing.metadata.create_all(engine)
    file = StoredFile("things/0123456789abcdef.bin", 10_000, "image/png", "", "", "a.png")
    with Session(engine) as session:
        session.execute(delete(Plain))
        session.add_all([Plain(image=file.to_dict()) for _ in range(ROWS)])
        session.commit()
        session.connection().exec_driver_sql("INSERT INTO thing (image) SELECT image FROM plain")
        session.commit()

    def load(model: Any) -> None:
        with Session(engine) as session:
            assert len(session.scalars(select(model)).all()) == ROWS

    mine, peer = best_of(lambda: load(thing), lambda: load(Plain), rounds=25)
    table.ratio(f"load {ROWS:,} rows with a file", mine, peer, "plain JSON", 1.6)


def count_deletes(table: Table, storage: S3Storage, engine: Engine) -> None:
    storages = Storages(storage=storage)
    thing = make_thing(storages)
    Base.metadata.create_all(engine)
    thing.metadata.create_all(engine)
    requests: list[str] = []
    storage.client.meta.events.register(
        "before-call.s3", lambda model, **_: requests.append(model.name)
    )
    with Session(engine) as session:
        session.add_all([thing(image=new_file(io.BytesIO(b"x"), "a")) for _ in range(ROWS)])
        session.add_all([Plain(image={"name": "x"}) for _ in range(ROWS)])
        session.commit()
    counts = []
    for model in (thing, Plain):
        statements: list[str] = []

        def count(*arguments: Any, statements: list[str] = statements) -> None:
            statements.append(arguments[2])

        with Session(engine) as session:
            rows = session.scalars(select(model)).all()
            for row in rows:
                session.delete(row)
            event.listen(engine, "before_cursor_execute", count)
            requests.clear()
            session.commit()
            event.remove(engine, "before_cursor_execute", count)
        counts.append((len(statements), list(requests)))
    (ours, deletes), (plain, _) = counts
    assert set(deletes) <= {"DeleteObjects", "DeleteObject"}, set(deletes)
    what = f"delete {ROWS:,} rows with files on S3"
    calls = len(deletes)
    table.row(what, f"{calls} requests", "", f"{calls}", "≤ 3", holds=calls <= 3)
    more = ours - plain
    table.row(
        "... statements", str(ours), f"plain JSON {plain}", f"{more} more", "≤ 10", holds=more <= 10
    )


def count_peers_deletes(table: Table, options: dict[str, Any], folder: str) -> None:
    """What the peers ask of S3 for the same rows."""
    for peer in PEERS[2:]:
        requests, problem = peer.delete_on_s3(options, make_engine(folder), ROWS)
        table.row(f"... by {peer.name}", "", problem or f"{requests} requests", "", "", holds=True)


def main() -> None:
    table = Table("sqlalchemy", "s3-saver", "sqlalchemy-file", "filedepot", "boto3")
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        s3 = stack.enter_context(s3_options())
        storage = S3Storage(f"bench-{uuid.uuid4().hex[:12]}", **s3)
        storage.client.create_bucket(Bucket=storage.bucket_name)
        compare_saving(table, "on disk", Storages(Path(folder) / "files"), make_engine(folder))
        compare_saving(table, "on S3", Storages(storage=storage), make_engine(folder))
        compare_loading(table, Storages(folder), make_engine(folder))
        count_deletes(table, storage, make_engine(folder))
        count_peers_deletes(table, s3, folder)
        kinds = [Kind("SQLite", f"sqlite:///{folder}")]
        if url := os.environ.get("POSTGRES_TEST_URL"):
            kinds.append(Kind("PostgreSQL", url))
        for line in as_tables(FAULTS, PEERS, kinds, folder):
            print(line, flush=True)


if __name__ == "__main__":
    main()
