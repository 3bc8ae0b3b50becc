"""The README's examples run."""

import re
from pathlib import Path
from typing import Any

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
    assert len(BLOCKS) == 7
    script = "\n".join(BLOCKS)
    # A module of its own name: mapped classes look their annotations up in it.
    values: dict[str, Any] = {"__name__": "readme"}
    exec(compile(script, str(README), "exec"), values)
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
