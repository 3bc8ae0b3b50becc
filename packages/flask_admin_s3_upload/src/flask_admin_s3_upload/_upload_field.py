"""What the views, the routes, the start and the command ask an upload field."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

from s3_saver import Storages, StoredFile

from ._markup import Shown

#: What :meth:`s3_saver.PrefixRegistry.announce` takes of a folder, or of a prefix in a bucket.
Place = dict[str, Any]


class UploadField(ABC):
    """A field over columns with names of files."""

    @property
    @abstractmethod
    def storages(self) -> Storages:
        """Where its files may be."""

    @property
    @abstractmethod
    def deletes_with_row(self) -> bool:
        """Whether a file is deleted when its row is."""

    @abstractmethod
    def attributes(self, name: str) -> tuple[str, ...]:
        """Return the object's attributes that say where its files are, that of the names first."""

    @abstractmethod
    def files_of(self, values: tuple[Any, ...]) -> list[StoredFile]:
        """Return the files of a row with these values of its attributes, thumbnails too."""

    @abstractmethod
    def bind(self, file: StoredFile) -> StoredFile:
        """Return the same file, bound to the field's storages."""

    @abstractmethod
    def show(self, view: Any, obj: Any, name: str) -> list[Shown]:
        """Return what a list shows of an object's files."""

    @abstractmethod
    def places(self) -> Iterator[Place]:
        """Yield where its files are, as far as that is known without a request."""

    @abstractmethod
    def pending_places(self) -> Iterator[Place]:
        """Yield where uploads wait for their forms, likewise."""

    @abstractmethod
    def check_options(self, model: Any) -> None:
        """Check the options with each other, with the app's settings, its routes and a model.

        :raises ValueError: one is wrong.
        """

    @abstractmethod
    def check_model(self, model: Any) -> None:
        """Make sure that a model of SQLAlchemy has the attributes that the options name.

        :raises ValueError: it lacks one.
        """
