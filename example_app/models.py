"""The database's tables. Each row's own fields say where its files are, whatever the settings say
by now.
"""

from datetime import UTC, datetime
from typing import ClassVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from example_app.storage import uploads, url_of
from s3_saver import StoredFile


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


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
        return url_of(self.stored) if self.stored else None

    @property
    def stored(self) -> StoredFile | None:
        """The same as a value, which opens, deletes and shows the file."""
        if not self.image:
            return None
        return StoredFile(
            self.image,
            self.image_size or 0,
            storage_type=self.image_storage_type or "",
            bucket_name=self.image_storage_bucket_name or "",
        ).bind(uploads().storages)

    @stored.setter
    def stored(self, file: StoredFile) -> None:
        self.image, self.image_size = file.name, file.size
        self.image_storage_type = file.storage_type
        self.image_storage_bucket_name = file.bucket_name

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
    content_type: Mapped[str] = mapped_column(String(255), default="")  # as it was sent
    created: Mapped[datetime] = mapped_column(default=_utcnow)

    def __str__(self) -> str:
        return self.title


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
