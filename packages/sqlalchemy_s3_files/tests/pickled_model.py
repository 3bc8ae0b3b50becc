"""A model of a module, which can be pickled."""

from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from s3_saver import Storages, StoredFile
from s3_saver.testing import MemoryStorage
from sqlalchemy_s3_files import FileType

storages = Storages(storage=MemoryStorage())


class Base(DeclarativeBase):
    pass


class Album(Base):
    __tablename__ = "album"
    id: Mapped[int] = mapped_column(primary_key=True)
    cover: Mapped[StoredFile | None] = mapped_column(FileType(storages))
    pages: Mapped[list[StoredFile]] = mapped_column(FileType(storages, multiple=True))
