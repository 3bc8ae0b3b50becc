"""A model of each kind, made for the storages of a test; and what is in these."""

import io
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from s3_saver import Storages, StoredFile
from sqlalchemy_s3_files import FileType, FollowedColumns, follow, new_file


@dataclass
class Models:
    """Classes of one test.

    :param thing: has ``image``, and ``pages``, a list.
    :param shelf: has ``things``, which go with it, and when they are taken out of it.
    :param shared: has ``image``, which several rows may name.
    :param post: has the blog post's columns, which are followed.
    """

    base: Any
    thing: Any
    shelf: Any
    shared: Any
    post: Any
    followed: FollowedColumns
    storages: Storages


def make_models(storages: Storages, **options: Any) -> Models:
    """Make the classes.

    :param options: more of :class:`FileType`, for ``Thing.image``.
    """

    class Base(DeclarativeBase):
        pass

    class Shelf(Base):
        __tablename__ = "shelf"
        id: Mapped[int] = mapped_column(primary_key=True)
        things: Mapped[list["Thing"]] = relationship(cascade="all, delete-orphan")

    class Thing(Base):
        __tablename__ = "thing"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str | None] = mapped_column(String(50), unique=True)
        shelf_id: Mapped[int | None] = mapped_column(ForeignKey("shelf.id"))
        image: Mapped[StoredFile | None] = mapped_column(
            FileType(lambda: storages, "things/", **options)
        )
        pages: Mapped[list[StoredFile]] = mapped_column(
            FileType(storages, "pages", multiple=True), default=None
        )

    class Shared(Base):
        __tablename__ = "shared"
        id: Mapped[int] = mapped_column(primary_key=True)
        image: Mapped[StoredFile | None] = mapped_column(FileType(storages, "shared", shared=True))
        pages: Mapped[list[StoredFile]] = mapped_column(
            FileType(storages, "shared", multiple=True, shared=True)
        )

    class Post(Base):
        __tablename__ = "post"
        id: Mapped[int] = mapped_column(primary_key=True)
        image: Mapped[str | None] = mapped_column(String(255))
        image_storage_type: Mapped[str | None] = mapped_column(String(255))
        image_bucket_name: Mapped[str | None] = mapped_column(String(255))
        image_size: Mapped[int | None]

    followed = follow(
        Post,
        storages,
        "posts/",
        name="image",
        storage_type="image_storage_type",
        bucket_name="image_bucket_name",
        size="image_size",
    )
    return Models(Base, Thing, Shelf, Shared, Post, followed, storages)


def upload(content: bytes = b"new", filename: str = "cat.jpg") -> StoredFile:
    """A file that can be assigned."""
    return new_file(io.BytesIO(content), filename)


def contents(storages: Storages) -> list[bytes]:
    """What all files hold, in order."""
    found = []
    for info in storages.current.find():
        with storages.current.open(info.name) as file:
            found.append(file.read())
    return sorted(found)


def add(engine: Engine, model: Any, **values: Any) -> int:
    """Commit a row, and return its primary key."""
    with Session(engine) as session:
        row = model(**values)
        session.add(row)
        session.commit()
        return int(row.id)


def read(file: StoredFile | None) -> bytes:
    """What a file holds."""
    assert file is not None
    with file.open() as stream:
        return stream.read()


def get(session: Session, model: Any, key: int) -> Any:
    """The row of that primary key."""
    return session.get(model, key)
