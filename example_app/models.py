"""The database: one table, with one picture in it."""

from typing import ClassVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from example_app.storage import upload_url


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class Thingy(db.Model):  # type: ignore[name-defined]
    """A picture, and where its file is: its own fields say that, whatever the settings are now."""

    id: Mapped[int] = mapped_column(primary_key=True)
    image: Mapped[str] = mapped_column(String(255), default="")
    image_storage_type: Mapped[str] = mapped_column(String(255), default="")
    image_storage_bucket_name: Mapped[str] = mapped_column(String(255), default="")
    image_size: Mapped[int] = mapped_column(default=0)  # bytes
    version: Mapped[int] = mapped_column()

    # Of two changes at the same time one fails, instead of both deleting the same old file and
    # leaving one of their own behind.
    __mapper_args__: ClassVar = {"version_id_col": version}

    @property
    def image_url_storageaware(self) -> str | None:
        if not self.image:
            return None
        return upload_url(self.image, self.image_storage_type, self.image_storage_bucket_name)

    def forget_image(self) -> None:
        self.image = self.image_storage_type = self.image_storage_bucket_name = ""
        self.image_size = 0
