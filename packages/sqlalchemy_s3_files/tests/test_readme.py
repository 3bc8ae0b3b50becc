"""The README's examples run."""

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from models import read
from sqlalchemy import Engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from s3_saver import Storages, StoredFile
from sqlalchemy_s3_files import FileType

README = Path(__file__).parents[1] / "README.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE)


def test_the_readme_s_python_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """All blocks together, as somebody would try them."""
    monkeypatch.chdir(tmp_path)
    assert len(BLOCKS) == 10
    values = run("\n".join(BLOCKS))
    values["engine"].dispose()


def run(script: str) -> dict[str, Any]:
    # A module of its own name: mapped classes look their annotations up in it.
    values: dict[str, Any] = {"__name__": "readme"}
    exec(compile(script, str(README), "exec"), values)
    return values


def test_the_readme_s_fastapi_route_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file that is sent by PUT is stored, and the row names it."""
    monkeypatch.chdir(tmp_path)
    values = run("\n".join([BLOCKS[0], next(block for block in BLOCKS if "FastAPI" in block)]))
    engine = sa.create_engine("sqlite:///things.db")
    values["Base"].metadata.create_all(engine)

    async def put(*contents: bytes) -> list[httpx.Response]:
        transport = httpx.ASGITransport(values["app"])
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            answers = [
                await client.put("/things/5/image", files={"image": ("cat.jpg", content)})
                for content in contents
            ]
        await values["async_engine"].dispose()
        return answers

    with Session(engine) as session:
        session.add(values["Thing"](id=5))
        session.commit()
        answers = asyncio.run(put(b"a cat", b"a better cat"))
        assert [answer.status_code for answer in answers] == [200, 200]
        thing: Any = session.get(values["Thing"], 5)
        assert answers[1].json() == {"name": thing.image.name}
        assert (read(thing.image), thing.image.filename) == (b"a better cat", "cat.jpg")
        assert len([path for path in Path("files").rglob("*") if path.is_file()]) == 1
    engine.dispose()
    values["engine"].dispose()


def test_the_readme_s_migration_runs(engine: Engine, tmp_path: Path) -> None:
    """From a column of file names to a column of files, which follow from then on."""
    storages = Storages(tmp_path / "files")
    (tmp_path / "files" / "cats").mkdir(parents=True)
    (tmp_path / "files" / "cats" / "tom.jpg").write_bytes(b"tom")
    values: dict[str, Any] = {}
    exec(next(block for block in BLOCKS if "def upgrade" in block), values)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE cat (id INTEGER PRIMARY KEY, filename TEXT)"))
        connection.execute(sa.text("INSERT INTO cat VALUES (1, 'tom.jpg'), (2, NULL)"))
        values["upgrade"](Operations(MigrationContext.configure(connection)))

    class Base(DeclarativeBase):
        pass

    class Cat(Base):
        __tablename__ = "cat"
        id: Mapped[int] = mapped_column(primary_key=True)
        image: Mapped[StoredFile | None] = mapped_column(FileType(storages, "cats/"))

    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE cat ALTER COLUMN image TYPE jsonb"))
    with Session(engine) as session:
        tom, nobody = session.scalars(sa.select(Cat).order_by(Cat.id))
        assert read(tom.image) == b"tom"
        assert nobody.image is None
        tom.image = None
        session.commit()
    assert not (tmp_path / "files" / "cats" / "tom.jpg").exists()
