"""What no flush sees: answered, or refused in words."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from models import Models, add, contents, get, read, upload
from sqlalchemy import (
    Engine,
    ForeignKey,
    bindparam,
    delete,
    event,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    mapped_column,
    with_loader_criteria,
)

from s3_saver import Storages, StoredFile
from sqlalchemy_s3_files import FilesError, FileType, NotStoredError


def delete_all(thing: Any) -> Any:
    return delete(thing)


def update_all(thing: Any) -> Any:
    return update(thing).values(image=None)


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


def by_options(session: Session, thing: Any, statement: Any) -> None:
    session.execute(statement.options(with_loader_criteria(thing, thing.name == "a")))


def by_a_listener_s_criteria(session: Session, thing: Any, statement: Any) -> None:
    @event.listens_for(session, "do_orm_execute")
    def narrow(execution: ORMExecuteState) -> None:
        if execution.is_update or execution.is_delete:
            criteria = with_loader_criteria(thing, thing.name == "a")
            execution.statement = execution.statement.options(criteria)

    session.execute(statement)


def by_a_listener_s_where(session: Session, thing: Any, statement: Any) -> None:
    @event.listens_for(session, "do_orm_execute")
    def narrow(execution: ORMExecuteState) -> None:
        if execution.is_update or execution.is_delete:
            where = execution.statement.where  # type: ignore[attr-defined]
            execution.statement = where(thing.name == "a")

    session.execute(statement)


@pytest.mark.parametrize("make", [delete_all, update_all])
@pytest.mark.parametrize("narrow", [by_options, by_a_listener_s_criteria, by_a_listener_s_where])
def test_rows_that_a_statement_spares_keep_their_files(
    tables: Models,
    engine: Engine,
    make: Callable[[Any], Any],
    narrow: Callable[[Session, Any, Any], None],
) -> None:
    """Whatever narrows it: loader criteria, or a listener that runs after this package's."""
    for name in "ab":
        add(engine, tables.thing, name=name, image=upload(name.encode()))
    with Session(engine) as session:
        narrow(session, tables.thing, make(tables.thing))
        session.commit()
        left = session.scalars(select(tables.thing).where(tables.thing.image.is_not(None))).all()
        assert [thing.name for thing in left] == ["b"]
    assert contents(tables.storages) == [b"b"]


@pytest.mark.parametrize("make", [delete_all, update_all])
def test_no_file_of_a_row_that_is_left_goes_by_a_random_condition(
    tables: Models, engine: Engine, make: Callable[[Any], Any]
) -> None:
    """The database picks other rows than those that were read before."""
    thing = tables.thing
    with Session(engine) as session:
        session.add_all([thing(image=upload(b"%02d" % number)) for number in range(40)])
        session.commit()
        sample = select(thing.id).order_by(func.random()).limit(20)
        session.execute(make(thing).where(thing.id.in_(sample)))
        session.commit()
        left = session.scalars(select(thing.image).where(thing.image.is_not(None))).all()
        assert len(left) == 20
        assert {read(file) for file in left} <= set(contents(tables.storages))


def test_statements_that_return_rows_still_do(tables: Models, engine: Engine) -> None:
    """DELETE ... RETURNING and UPDATE ... RETURNING, and the number of rows without it."""
    thing = tables.thing
    for name in "abc":
        add(engine, thing, name=name, image=upload(name.encode()))
    with Session(engine) as session:
        where = delete(thing).where(thing.name == "a")
        assert session.scalars(where.returning(thing.name)).all() == ["a"]
        cleared = update(thing).where(thing.name == "b").values(image=None)
        assert session.execute(cleared.returning(thing.name, thing.image)).all() == [("b", None)]
        result: Any = session.execute(delete(thing).where(thing.name == "c"))
        assert result.rowcount == 1
        assert contents(tables.storages) == [b"a", b"b", b"c"]
        session.commit()
    assert contents(tables.storages) == []


def test_a_statement_that_fails_deletes_nothing(small: Models, sqlite: Engine) -> None:
    """What the session commits afterwards leaves the file."""
    key = add(sqlite, small.thing, image=upload(b"one"))
    with Session(sqlite) as session:

        @event.listens_for(session, "do_orm_execute")
        def fail(execution: ORMExecuteState) -> None:
            if execution.is_delete:
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            session.execute(delete(small.thing))
        session.commit()
        assert read(get(session, small.thing, key).image) == b"one"


def test_the_row_of_the_parent_s_table_keeps_its_file(memory: Storages, engine: Engine) -> None:
    """Of a class with a table of its own, delete() deletes from that alone."""

    class Base(DeclarativeBase):
        pass

    class Animal(Base):
        __tablename__ = "animal"
        id: Mapped[int] = mapped_column(primary_key=True)
        kind: Mapped[str]
        image: Mapped[StoredFile | None] = mapped_column(FileType(memory))
        __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "animal"}  # noqa: RUF012

    class Cat(Animal):
        __tablename__ = "cat"
        id: Mapped[int] = mapped_column(ForeignKey("animal.id"), primary_key=True)
        toy: Mapped[StoredFile | None] = mapped_column(FileType(memory))
        __mapper_args__ = {"polymorphic_identity": "cat"}  # noqa: RUF012

    Base.metadata.create_all(engine)
    add(engine, Cat, image=upload(b"cat"), toy=upload(b"toy"))
    with Session(engine) as session:
        session.execute(delete(Cat))
        session.commit()
    assert contents(memory) == [b"cat"]


@pytest.mark.parametrize("end", ["flush", "commit"])
def test_a_value_that_a_flush_has_stored_is_written_by_that_flush_alone(
    tables: Models, engine: Engine, end: str
) -> None:
    """A second row with the same file would lose it with the first: refused in words."""
    thing = tables.thing
    with Session(engine, expire_on_commit=False) as session:
        first = thing(image=upload(b"one"), pages=[upload(b"two")])
        session.add(first)
        getattr(session, end)()
        bulk: Any = session.bulk_insert_mappings
        for refused in (
            lambda: session.execute(insert(thing).values(image=first.image)),
            lambda: session.execute(insert(thing.__table__).values(image=first.image)),
            lambda: session.execute(insert(thing), [{"pages": first.pages}]),
            lambda: bulk(thing, [{"image": first.image}]),
        ):
            with session.begin_nested(), pytest.raises(NotStoredError, match="without a flush"):
                refused()
        second = thing(image=first.image)
        session.add(second)
        session.flush()
        session.delete(first)
        session.commit()
        assert read(second.image) == b"one"
    assert contents(tables.storages) == [b"one"]


def test_after_a_failed_flush_nothing_but_a_flush_writes_its_values(
    small: Models, sqlite: Engine
) -> None:
    """The value is stored again by the next flush."""
    add(sqlite, small.thing, name="taken")
    with Session(sqlite) as session:
        key = add(sqlite, small.thing, image=upload(b"kept"))
        kept = get(session, small.thing, key)
        page = upload(b"one")
        kept.pages, kept.name = [page], "taken"
        file = kept.image
        with pytest.raises(Exception, match="UNIQUE"):
            session.commit()
        session.rollback()
        for value in (file, page):
            with pytest.raises(NotStoredError):
                session.execute(insert(small.thing), [{"image": value}])
            session.rollback()
        kept.pages = [page]
        session.commit()
    assert contents(small.storages) == [b"kept", b"one"]


def test_an_insert_that_copies_rows_is_refused_in_words(tables: Models, engine: Engine) -> None:
    """INSERT ... SELECT names one file twice, and so does an upsert that copies; other columns may
    be copied, and shared fields.
    """
    thing, shared = tables.thing, tables.shared
    add(engine, thing, name="a", image=upload(b"one"))
    add(engine, shared, image=upload(b"two"), pages=[])
    image = select(thing.image).limit(1).scalar_subquery()
    dialect = postgresql if engine.dialect.name == "postgresql" else sqlite_dialect
    upsert = dialect.insert
    with Session(engine) as session:
        for refused in (
            insert(thing).from_select([thing.image], select(thing.image)),
            insert(thing.__table__).from_select(["image"], select(thing.image)),
            insert(thing).values(image=image),
            insert(thing).values([{"image": None}, {"image": image}]),
            upsert(thing).on_conflict_do_update(
                index_elements=["name"], set_={"image": image, "name": "b"}
            ),
            upsert(thing).on_conflict_do_update(
                index_elements=["name"], set_={thing.image: thing.pages}
            ),
        ):
            with pytest.raises(NotStoredError, match="an INSERT copies image from other rows"):
                session.execute(refused)
            session.rollback()
        same = upsert(thing).values(name="a", pages=[])
        kept = {"name": same.excluded.name, "image": thing.image}
        session.execute(same.on_conflict_do_update(index_elements=["name"], set_=kept))
        assert read(session.scalars(select(thing.image)).one()) == b"one"
        session.execute(insert(tables.post).from_select(["image_size"], select(thing.id)))
        session.execute(
            insert(shared).from_select(["image", "pages"], select(shared.image, shared.pages))
        )
        session.commit()
        session.delete(session.scalars(select(shared).limit(1)).one())
        session.commit()
        assert read(session.scalars(select(shared)).one().image) == b"two"


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


def test_rows_that_a_listener_hides_take_their_files_along(tables: Models, engine: Engine) -> None:
    """A listener that leaves rows out of what is read lets a statement write them."""
    thing = tables.thing
    add(engine, thing, name="hidden", image=upload(b"one"))

    class Hiding(Session):
        pass

    @event.listens_for(Hiding, "do_orm_execute")
    def hide(execution: ORMExecuteState) -> None:
        if execution.is_select:
            hiding = with_loader_criteria(thing, lambda cls: cls.name != "hidden")
            execution.statement = execution.statement.options(hiding)

    with Hiding(engine) as session:
        assert session.scalars(select(thing)).all() == []
        session.add(thing(name="new", image=upload(b"two")))  # the statement flushes it
        session.execute(delete(thing))
        session.commit()
    assert contents(tables.storages) == []
