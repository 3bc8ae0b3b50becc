"""Classes that are mapped in other ways."""

from models import contents, read, upload
from sqlalchemy import Engine, ForeignKey, String, inspect, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

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
