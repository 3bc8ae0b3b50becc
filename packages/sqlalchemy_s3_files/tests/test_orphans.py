"""Files that no row names."""

import io
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from models import Models, add, contents, make_models, upload
from sqlalchemy import Engine, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from s3_saver import ArgumentError, ArgumentTypeError, ConfigError, Storages, StoredFile
from sqlalchemy_s3_files import Field, find_models, find_orphans, follow_fields

NOW = timedelta(seconds=-60)  # clocks differ


def put(storages: Storages, name: str) -> None:
    storages.save(name, io.BytesIO(name.encode()))


def test_orphans_are_what_no_row_names(models: Models, engine: Engine) -> None:
    """In the folders of the columns; each can be deleted."""
    add(engine, models.thing, image=upload(b"i"), pages=[upload(b"1"), upload(b"2")])
    add(engine, models.post, image=upload(b"post"))
    for name in ("things/x", "pages/y/z.jpg", "posts/p", "elsewhere/e", "pending/t", ".pending/u"):
        put(models.storages, name)
    everything = [models.thing, models.post, models.shelf, models.shared]
    with Session(engine) as session:
        found = list(find_orphans(models.storages, session, everything, older_than=NOW))
        assert {file.name for file in found} == {"things/x", "pages/y/z.jpg", "posts/p"}
        for file in found:
            file.delete()
        more = find_orphans(models.storages, session, everything, older_than=NOW, prefix="")
        assert [file.name for file in more] == ["elsewhere/e"]
        none = find_orphans(
            models.storages, session, everything, older_than=NOW, prefix="", ignore=["elsewhere/"]
        )
        assert {file.name for file in none} == {"pending/t", ".pending/u"}
    assert set(contents(models.storages)) >= {b"i", b"1", b"2", b"post"}


def test_young_files_are_no_orphans(small: Models, sqlite: Engine) -> None:
    """A transaction that is not committed yet has them."""
    put(small.storages, "things/x")
    with Session(sqlite) as session:
        assert list(find_orphans(small.storages, session, [small.thing])) == []


def test_rows_that_the_database_deletes_leave_orphans(small: Models, sqlite: Engine) -> None:
    """As ON DELETE CASCADE and plain SQL do, which no event sees."""
    add(sqlite, small.thing, image=upload(b"i"))
    with Session(sqlite) as session:
        session.execute(text("DELETE FROM thing"))
        session.commit()
        (found,) = find_orphans(small.storages, session, [small.thing], older_than=NOW)
        found.delete()
    assert contents(small.storages) == []


def test_models_with_files_are_found(small: Models, memory: Storages, tmp_path: Path) -> None:
    """By columns and since they are followed; not those of other storages, nor of another app."""

    def fail() -> Storages:
        raise ConfigError("this app has no such storages")

    others = make_models(Storages(tmp_path))
    lost = make_models(fail)  # type: ignore[arg-type]
    assert find_models(memory) == [small.post, small.shared, small.thing]
    assert len(find_models(others.storages)) == 3
    assert lost.thing not in find_models(memory)


def test_models_without_files_are_refused(small: Models, sqlite: Engine) -> None:
    """Else all files of the storages would be orphans."""
    with Session(sqlite) as session:
        with pytest.raises(ArgumentError, match="models must be classes whose files are in these"):
            list(find_orphans(small.storages, session, [small.shelf]))
        with pytest.raises(ArgumentTypeError, match="models must be mapped classes"):
            list(find_orphans(small.storages, session, [str]))


def test_what_other_libraries_fields_name_is_no_orphan(small: Models, sqlite: Engine) -> None:
    """In the folder of a column, of a class that has none."""

    class Shelf(Field):
        key, keys = "label", ("label",)

        def storages(self) -> Storages:
            return small.storages

        def files(self, values: Sequence[Any]) -> list[StoredFile]:
            return [StoredFile(values[0]).bind(small.storages)] if values[0] else []

    class Labelled(small.base):  # type: ignore[name-defined,misc]
        __tablename__ = "labelled"
        id: Mapped[int] = mapped_column(primary_key=True)
        label: Mapped[str | None]

    label = Shelf()
    follow_fields(lambda model: [label] if model is Labelled else [])
    small.base.metadata.create_all(sqlite)
    small.storages.current.save("things/label.txt", io.BytesIO(b"1"))
    with Session(sqlite) as session:
        session.add(Labelled(label="things/label.txt"))
        session.commit()
        models = find_models(small.storages)
        assert Labelled not in models
        assert not list(find_orphans(small.storages, session, models, older_than=timedelta(0)))
