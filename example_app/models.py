"""The database's tables. A file follows its row: the commit stores it, and deletes the one before
and its thumbnails.
"""

from datetime import UTC, datetime

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from example_app.storage import PICTURE, uploads
from s3_saver import StoredFile
from untrusted_files import DOCUMENTS


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


def utcnow() -> datetime:
    """Return the time, as the tables have it: in UTC."""
    return datetime.now(UTC).replace(tzinfo=None)  # databases keep no zone


class Thingy(db.Model):  # type: ignore[name-defined]
    """The picture of the home page, one row: there may be others, in the admin."""

    id: Mapped[int] = mapped_column(primary_key=True)
    image: Mapped[StoredFile | None] = uploads.column("thingy/", purpose=PICTURE)

    def __str__(self) -> str:
        return f"Thingy {self.id}"


class Picture(db.Model):  # type: ignore[name-defined]
    """A picture of the gallery."""

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(255))
    image: Mapped[StoredFile] = uploads.column("gallery/", purpose=PICTURE)
    created: Mapped[datetime] = mapped_column(default=utcnow)

    def __str__(self) -> str:
        return self.title


class Document(db.Model):  # type: ignore[name-defined]
    """A document, as the admin keeps it."""

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(255))
    file: Mapped[StoredFile] = uploads.column("documents/", rules=DOCUMENTS)

    def __str__(self) -> str:
        return self.title


class Album(db.Model):  # type: ignore[name-defined]
    """Many pictures under one title, as the admin keeps them."""

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(255))
    photos: Mapped[list[StoredFile]] = uploads.column("albums/", purpose=PICTURE, multiple=True)

    def __str__(self) -> str:
        return self.title


class SignInAttempt(db.Model):  # type: ignore[name-defined]
    """An attempt to sign in; :mod:`example_app.guessing` counts them.

    :ivar account: a digest of the e-mail address that was typed.
    :ivar address: where the request came from.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(String(64), index=True)
    address: Mapped[str] = mapped_column(String(64), index=True)
    created: Mapped[datetime] = mapped_column(default=utcnow, index=True)
