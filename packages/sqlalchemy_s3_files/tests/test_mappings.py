"""Classes that are mapped in other ways."""

import uuid
from typing import Any

import pytest
from models import contents, read, upload
from sqlalchemy import CHAR, Engine, ForeignKey, String, Uuid, inspect, select
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    MappedAsDataclass,
    Session,
    mapped_column,
    relationship,
)
from sqlalchemy.orm.exc import StaleDataError

from s3_saver import Storages, StoredFile
from sqlalchemy_s3_files import FileType, follow


def test_classes_that_inherit(memory: Storages, engine: Engine) -> None:
    """In tables of their own and in their parent's, files of both follow."""

    class Base(DeclarativeBase):
        pass

    class Item(Base):
        __tablename__ = "item"
        __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "item"}  # noqa: RUF012
        id: Mapped[int] = mapped_column(primary_key=True)
        kind: Mapped[str]
        image: Mapped[StoredFile | None] = mapped_column(FileType(memory, "items"))

    class Book(Item):
        __tablename__ = "book"
        __mapper_args__ = {"polymorphic_identity": "book"}  # noqa: RUF012
        id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
        cover: Mapped[StoredFile | None] = mapped_column(FileType(memory, "covers"))

    class Toy(Item):
        __mapper_args__ = {"polymorphic_identity": "toy"}  # noqa: RUF012
        photo: Mapped[StoredFile | None] = mapped_column(
            FileType(memory, "photos", shared=True), nullable=True
        )

    Base.metadata.create_all(engine)
    with Session(engine) as session:
        book = Book(image=upload(b"item"), cover=upload(b"cover"))
        toy = Toy(image=upload(b"toy"), photo=upload(b"photo"))
        session.add_all([book, toy])
        session.commit()
        book.cover, book.image = upload(b"better"), upload(b"best")
        toy.photo = upload(b"new")
        session.commit()
        assert contents(memory) == [b"best", b"better", b"new", b"toy"]
        for item in session.scalars(select(Item)).all():
            session.delete(item)
        session.commit()
        assert contents(memory) == []


def test_keys_of_two_columns_and_other_names(memory: Storages, engine: Engine) -> None:
    """Columns whose names are not the attributes', deferred ones, and those of a mixin."""

    class Base(DeclarativeBase):
        pass

    class HasImage:
        image: Mapped[StoredFile | None] = mapped_column(
            "picture", FileType(memory, "pictures"), deferred=True
        )

    class Seat(HasImage, Base):
        __tablename__ = "seat"
        row: Mapped[int] = mapped_column("line", primary_key=True)
        number: Mapped[int] = mapped_column(primary_key=True)
        note: Mapped[str | None] = mapped_column("remark", String(50))

    Base.metadata.create_all(engine)
    assert inspect(Seat).attrs.image.columns[0].name == "picture"
    with Session(engine) as session:
        session.add_all([Seat(row=1, number=n, image=upload(b"%d" % n)) for n in range(3)])
        session.commit()
        seat = session.scalars(select(Seat).filter_by(number=1)).one()
        seat.image = upload(b"one")
        session.commit()
        assert contents(memory) == [b"0", b"2", b"one"]
        assert read(seat.image) == b"one"
        session.query(Seat).filter_by(number=0).update({Seat.image: None})
        session.commit()
        assert contents(memory) == [b"2", b"one"]
        session.query(Seat).filter_by(number=2).update({"image": None, "note": "x"})
        session.delete(seat)
        session.commit()
        assert contents(memory) == []


def test_what_a_parent_follows_a_child_does(memory: Storages, sqlite: Engine) -> None:
    """A class that is followed has subclasses, mapped before and after."""

    class Base(DeclarativeBase):
        pass

    class Item(Base):
        __tablename__ = "item"
        __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "item"}  # noqa: RUF012
        id: Mapped[int] = mapped_column(primary_key=True)
        kind: Mapped[str]
        image: Mapped[str | None]

    class Before(Item):
        __mapper_args__ = {"polymorphic_identity": "before"}  # noqa: RUF012

    follow(Item, memory, "items", name="image")

    class After(Item):
        __mapper_args__ = {"polymorphic_identity": "after"}  # noqa: RUF012

    Base.metadata.create_all(sqlite)
    with Session(sqlite) as session:
        items = [Before(), After()]
        session.add_all(items)
        for item in items:
            item.image = upload(b"x")  # type: ignore[assignment]
        session.commit()
        assert contents(memory) == [b"x", b"x"]
        for item in items:
            session.delete(item)
        session.commit()
        assert contents(memory) == []


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("kind", "key", "stored"),
    [
        (CHAR(4), "a", "a   "),
        (Uuid(as_uuid=False), "A" * 32, str(uuid.UUID("a" * 32))),
    ],
    ids=["CHAR", "UUID"],
)
def test_a_key_that_the_database_writes_its_own_way(
    memory: Storages, request: pytest.FixtureRequest, kind: Any, key: str, stored: str
) -> None:
    """An object keeps the key that it was made with: its row is found all the same."""
    from sqlalchemy import create_engine

    class Base(DeclarativeBase):
        pass

    class Thing(Base):
        __tablename__ = "thing"
        id: Mapped[str] = mapped_column(kind, primary_key=True)
        image: Mapped[StoredFile | None] = mapped_column(FileType(memory))

    engine = create_engine(request.getfixturevalue("postgres"))
    Base.metadata.create_all(engine)
    try:
        with Session(engine) as session:
            thing = Thing(id=key, image=upload(b"1"))
            session.add(thing)
            session.commit()
            thing.image = upload(b"2")
            session.commit()
            assert contents(memory) == [b"2"]
            assert session.scalars(select(Thing.id)).one() == stored
            session.delete(thing)
            session.commit()
            assert contents(memory) == []
    finally:
        Base.metadata.drop_all(engine)
        engine.dispose()


def test_mapped_dataclasses(memory: Storages, engine: Engine) -> None:
    """Their __init__ sets all attributes, and they cannot be hashed."""

    class Base(MappedAsDataclass, DeclarativeBase):
        pass

    class Thing(Base):
        __tablename__ = "thing"
        id: Mapped[int] = mapped_column(primary_key=True, init=False)
        image: Mapped[StoredFile | None] = mapped_column(FileType(memory), default=None)
        pages: Mapped[list[StoredFile]] = mapped_column(
            FileType(memory, multiple=True), default_factory=list
        )

    Base.metadata.create_all(engine)
    with Session(engine) as session:
        one, two = Thing(image=upload(b"1")), Thing(pages=[upload(b"2")])
        session.add_all([one, two])
        session.commit()
        one.pages.append(upload(b"3"))
        session.commit()
        assert contents(memory) == [b"1", b"2", b"3"]
        session.delete(one)
        session.commit()
        assert contents(memory) == [b"2"]
    Base.metadata.drop_all(engine)


@pytest.mark.postgres
def test_rows_with_a_version(memory: Storages, postgres: str) -> None:
    """Who has read an older version changes no file."""
    from sqlalchemy import create_engine

    class Base(DeclarativeBase):
        pass

    class Thing(Base):
        __tablename__ = "thing"
        id: Mapped[int] = mapped_column(primary_key=True)
        version: Mapped[int] = mapped_column()
        image: Mapped[StoredFile | None] = mapped_column(FileType(memory))
        __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    engine = create_engine(postgres)
    Base.metadata.create_all(engine)
    try:
        with Session(engine) as late, Session(engine) as first:
            late.add(Thing(id=1, image=upload(b"1")))
            late.commit()
            for ending in ("replace", "delete"):
                thing: Any = late.get(Thing, 1)
                assert thing.image is not None
                earlier: Any = first.get(Thing, 1, populate_existing=True)
                earlier.image = upload(b"2")
                first.commit()
                if ending == "delete":
                    late.delete(thing)
                else:
                    thing.image = upload(b"3")
                with pytest.raises(StaleDataError):
                    late.commit()
                late.rollback()
                assert contents(memory) == [b"2"]
    finally:
        Base.metadata.drop_all(engine)
        engine.dispose()


@pytest.mark.parametrize("deletes_first", [False, True])
@pytest.mark.parametrize("new", [b"", b"2"])
def test_an_orphan_s_row_that_a_new_object_takes_over(
    memory: Storages, engine: Engine, deletes_first: bool, new: bytes
) -> None:
    """The key is the parent's, so that SQLAlchemy updates the row: what it still names stays, and
    what it names no longer goes.
    """

    class Base(DeclarativeBase):
        pass

    class User(Base):
        __tablename__ = "user_"
        id: Mapped[int] = mapped_column(primary_key=True)
        profile: Mapped["Profile | None"] = relationship(cascade="all, delete-orphan")

    class Profile(Base):
        __tablename__ = "profile"
        id: Mapped[int] = mapped_column(ForeignKey("user_.id"), primary_key=True)
        text: Mapped[str | None]
        image: Mapped[StoredFile | None] = mapped_column(FileType(memory))

    Base.metadata.create_all(engine)
    with Session(engine) as session:
        user = User(profile=Profile(image=upload(b"1")))
        session.add(user)
        session.commit()
        if deletes_first:
            session.delete(user.profile)
        user.profile = Profile(text="new")
        if new:
            user.profile.image = upload(new)
        session.commit()
        assert [read(user.profile.image)] == contents(memory) == [new or b"1"]
    Base.metadata.drop_all(engine)
