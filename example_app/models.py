"""The database's tables. Each row's own fields say where its files are, whatever the settings say
by now.
"""

from datetime import UTC, datetime
from typing import ClassVar, NamedTuple

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from example_app.storage import upload_url
from flask_s3_upload import StoredFile


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class Place(NamedTuple):
    """Where a file is.

    :param filename: below the uploads folder.
    :param storage_type: ``'s3'``, or ``''`` for the disk.
    """

    filename: str
    storage_type: str
    bucket_name: str


def _utcnow() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)  # databases keep no zone


class HasImage:
    """The fields of a picture, by the names that s3_saver has for them."""

    image: Mapped[str] = mapped_column(String(255), default="")
    image_storage_type: Mapped[str] = mapped_column(String(255), default="")
    image_storage_bucket_name: Mapped[str] = mapped_column(String(255), default="")
    image_size: Mapped[int] = mapped_column(default=0)  # bytes

    @property
    def image_url_storageaware(self) -> str | None:
        return upload_url(*self.place) if self.image else None

    @property
    def place(self) -> Place:
        # A row that is not in the database yet has no values at all.
        return Place(
            self.image or "", self.image_storage_type or "", self.image_storage_bucket_name or ""
        )

    def forget_image(self) -> None:
        self.image = self.image_storage_type = self.image_storage_bucket_name = ""
        self.image_size = 0


class Thingy(HasImage, db.Model):  # type: ignore[name-defined]
    """The picture of the home page, one row: there may be others, in the admin."""

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()

    # Of two changes at the same time one fails, instead of both deleting the same old file and
    # leaving one of their own behind.
    __mapper_args__: ClassVar = {"version_id_col": version}

    def __str__(self) -> str:
        return f"Thingy {self.id}"


class Picture(HasImage, db.Model):  # type: ignore[name-defined]
    """A picture of the gallery."""

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(255))
    content_type: Mapped[str] = mapped_column(String(255), default="")
    created: Mapped[datetime] = mapped_column(default=_utcnow)

    def __str__(self) -> str:
        return self.title

    @property
    def stored(self) -> StoredFile | None:
        """The same, in flask_s3_upload's words, for ``flask uploads migrate``."""
        if not self.image:
            return None
        filename, storage_type, bucket_name = self.place
        return StoredFile(
            filename, self.image_size, self.content_type or "", storage_type, bucket_name
        )

    @stored.setter
    def stored(self, file: StoredFile) -> None:
        self.image, self.image_size, self.content_type = file.name, file.size, file.content_type
        self.image_storage_type, self.image_storage_bucket_name = (
            file.storage_type,
            file.bucket_name,
        )


class Document(db.Model):  # type: ignore[name-defined]
    """A file of any kind, as the admin keeps it."""

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(255))
    file: Mapped[str] = mapped_column(String(255), default="")
    file_storage_type: Mapped[str] = mapped_column(String(255), default="")
    file_storage_bucket_name: Mapped[str] = mapped_column(String(255), default="")

    def __str__(self) -> str:
        return self.title


class Album(db.Model):  # type: ignore[name-defined]
    """Many pictures under one title, as the admin keeps them."""

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(255))
    photos: Mapped[list[str] | None] = mapped_column(JSON, default=list)
    photos_storage_type: Mapped[str] = mapped_column(String(255), default="")
    photos_storage_bucket_name: Mapped[str] = mapped_column(String(255), default="")

    def __str__(self) -> str:
        return self.title
