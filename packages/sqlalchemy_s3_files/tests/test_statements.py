"""What no flush sees: answered, or refused in words."""

import io

import pytest
from models import Models, add, contents, get, read, upload
from sqlalchemy import Engine, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from sqlalchemy_s3_files import FilesError, NotStoredError


def test_an_orm_delete_takes_files_along(models: Models, engine: Engine) -> None:
    """After the commit, of the rows that it is about, with parameters too."""
    for number in range(3):
        add(engine, models.thing, name=f"n{number}", image=upload(b"%d" % number))
    thing = models.thing
    with Session(engine) as session:
        session.execute(delete(thing).where(thing.name != bindparam("kept")), {"kept": "n1"})
        session.rollback()
        assert contents(models.storages) == [b"0", b"1", b"2"]
        session.execute(delete(thing).where(thing.name != bindparam("kept")), {"kept": "n1"})
        assert contents(models.storages) == [b"0", b"1", b"2"]
        session.commit()
        assert contents(models.storages) == [b"1"]
        session.query(thing).delete()
        session.commit()
        assert contents(models.storages) == []


def test_an_orm_update_to_none_deletes_files(models: Models, engine: Engine) -> None:
    """By a condition, and by primary keys; other columns' updates touch no file."""
    keys = [add(engine, models.thing, image=upload(b"%d" % number)) for number in range(3)]
    thing = models.thing
    with Session(engine) as session:
        session.execute(update(thing).values(name=None))
        session.commit()
        assert contents(models.storages) == [b"0", b"1", b"2"]
        session.execute(update(thing).where(thing.id == keys[0]).values(image=None))
        session.commit()
        assert contents(models.storages) == [b"1", b"2"]
        session.execute(update(thing), [{"id": keys[1], "image": None}])
        session.commit()
        assert contents(models.storages) == [b"2"]
        session.execute(update(thing).values({thing.image: None}))
        session.commit()
        assert contents(models.storages) == []


def test_bulk_saves_and_core_inserts_are_refused_in_words(small: Models, sqlite: Engine) -> None:
    """They write rows without a flush: nothing would store the file."""
    key = add(sqlite, small.thing, image=upload(b"one"))
    thing = small.thing
    words = "reached the database without a flush, which stores files"
    with Session(sqlite) as session:
        stored = get(session, thing, key).image
        for file in (upload(), stored):
            for refused in (
                lambda file=file: session.bulk_save_objects([thing(image=file)]),
                lambda file=file: session.execute(insert(thing), [{"image": file}]),
                lambda file=file: session.execute(insert(thing.__table__).values(image=file)),
                lambda file=file: session.execute(update(thing).values(image=file)),
                lambda file=file: session.execute(update(thing), [{"id": key, "image": file}]),
            ):
                with pytest.raises(NotStoredError, match=words):
                    refused()
                session.rollback()
        with pytest.raises(FilesError, match="BytesIO"):
            session.execute(insert(thing.__table__).values(image=io.BytesIO(b"x")))
        session.rollback()
        assert read(session.scalars(select(thing)).one().image) == b"one"
    assert contents(small.storages) == [b"one"]
