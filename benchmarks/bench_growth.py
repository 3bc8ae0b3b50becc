"""What 100,000 files take where all of them are looked at: docs/growth.md counts on from here."""

import io
import os
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from _table import Table
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from flask_s3_static.bucket._index import Entry, Index
from flask_s3_static.bucket._store import _MOST_BYTES
from s3_saver import FileInfo, Storages, StoredFile
from s3_saver.testing import MemoryStorage
from sqlalchemy_s3_files import FileType, find_orphans

FILES = 100_000


def peak_of(work: Callable[[], object]) -> float:
    """MiB that a piece of work takes at most, and holds at its end."""
    tracemalloc.start()
    kept = work()
    peak = tracemalloc.get_traced_memory()[1] / 1024**2
    tracemalloc.stop()
    del kept
    return peak


def listed() -> dict[str, FileInfo]:
    found = (
        FileInfo(
            f"pictures/{os.urandom(8).hex()}.jpg",
            number,
            datetime.fromtimestamp(number, UTC),
            os.urandom(16).hex(),
            "image/jpeg",
        )
        for number in range(FILES)
    )
    return {info.name: info for info in found}


def index() -> Index:
    return Index(
        {
            f"static/{number // 1000:03}/{number:06}.{os.urandom(6).hex()}.js": Entry(
                os.urandom(16).hex(), "0123456789abcdef", number, 1
            )
            for number in range(FILES)
        },
        {1: datetime.now(UTC)},
    )


class Base(DeclarativeBase):
    pass


STORAGES = Storages(storage=MemoryStorage())


class Picture(Base):
    __tablename__ = "picture"
    id: Mapped[int] = mapped_column(primary_key=True)
    image: Mapped[StoredFile | None] = mapped_column(FileType(STORAGES, "pictures/"))


def seconds_of_orphans() -> float:
    """Seconds of the processor for as many files as rows, in memory, and one file of no row."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        for number in range(FILES):
            STORAGES.current.save(f"pictures/{number}.jpg", io.BytesIO())
        names = [{"image": f'{{"name": "pictures/{number}.jpg"}}'} for number in range(1, FILES)]
        connection.exec_driver_sql(
            "INSERT INTO picture (image) VALUES (:image)",
            names,
        )
    with Session(engine) as session:
        started = time.process_time()
        (orphan,) = find_orphans(STORAGES, session, [Picture], older_than=timedelta(0))
        took = time.process_time() - started
    assert orphan.name == "pictures/0.jpg"
    return took


def main() -> None:
    table = Table("s3-saver", "sqlalchemy-s3-files", "flask-s3-static", "SQLAlchemy")
    held = peak_of(listed)
    table.row("100,000 listed files", f"{held:.0f} MiB", "", "", "≤ 50 MiB", holds=held <= 50)
    took = seconds_of_orphans()
    table.row(
        "orphans of 100,000 rows, of the processor",
        f"{took:.1f} s",
        "",
        "",
        "≤ 5 s",
        holds=took <= 5,
    )
    size = len(index().to_bytes())
    table.row(
        "index of 100,000 static files",
        f"{size / 1024**2:.1f} MiB",
        f"{_MOST_BYTES / 1024**2:.0f} MiB can be",
        f"{_MOST_BYTES / size * FILES:,.0f} files",
        "≥ 200,000 files",
        holds=_MOST_BYTES / size >= 2,
    )


if __name__ == "__main__":
    main()
