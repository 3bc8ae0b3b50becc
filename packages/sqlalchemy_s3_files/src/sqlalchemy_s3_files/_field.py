"""What the flush asks of an attribute that names files."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Column, inspect
from sqlalchemy.orm import InstanceState, Mapper

from s3_saver import Storages, StoredFile

from ._new_file import NewFile

State = InstanceState[Any]

#: By a file's location, the same file at its new place.
Moved = Mapping[tuple[str, str, str], StoredFile]


class Field(Protocol):
    """An attribute of mapped objects that names files, with more attributes that say where.

    One of your own inherits from this, and is followed by :func:`follow_fields`. It has at least
    :attr:`key`, :attr:`keys`, :meth:`storages` and :meth:`files`; the rest is right for columns
    with names.
    """

    #: The attribute with the name, or with a list of names.
    key: str
    #: All attributes that say where its files are, that one first.
    keys: tuple[str, ...]
    #: Whether the attribute holds a list.
    multiple: bool = False
    #: Whether other rows may name its files: then the table is asked before one is deleted.
    shared: bool = True
    #: Whether values are names that anybody may type, so that ORM updates may write them.
    has_names: bool = True
    #: Whether the files go with the row.
    deletes_with_row: bool = True
    #: Whether :meth:`spared` has to be asked.
    spares_some: bool = False
    #: Of new files in the storages, empty or ending in a slash.
    folder: str = ""

    def storages(self) -> Storages:
        """Where its files are."""
        ...

    def files(self, values: Sequence[Any]) -> list[StoredFile]:
        """The files that values of the columns name, bound, in the order of :attr:`keys`.

        What belongs to a file that is named, such as its thumbnail, is one of them.
        """
        ...

    def columns(self, mapper: Mapper[Any]) -> list[Column[Any]]:
        """The columns of :attr:`keys`."""
        return [mapper.columns[key] for key in self.keys]

    def name_in_row(self, file: StoredFile) -> str:
        """What a row says that has this file: of a thumbnail, its picture's name."""
        return file.name

    def spared(self, obj: object, files: list[StoredFile]) -> list[StoredFile]:  # noqa: ARG002
        """Those of the files that an object names no longer which must stay all the same.

        Asked during the flush, and before a statement. The table is asked besides, where files are
        :attr:`shared`.
        """
        return []

    def waiting(self, state: State) -> list[NewFile]:  # noqa: ARG002
        """The files of an object that are to be stored."""
        return []

    def settle(self, state: State, row: Iterable[StoredFile]) -> list[NewFile]:  # noqa: ARG002
        """Let the object name what its row may name, and return what is to be copied for that.

        :param row: the files that the row names in the database.
        """
        return []

    def now(self, state: State) -> list[StoredFile]:
        """The files that an object names, all stored."""
        return self.named(state.obj())

    def named(self, obj: Any) -> list[StoredFile]:
        """The files that an object names, from its row if they are not loaded."""
        return self.files([getattr(obj, key) for key in self.keys])

    def bind(self, state: State) -> None:  # noqa: ARG002
        """Bind what an object has brought out of a pickle; names are bound when they are read."""
        return

    def move(self, obj: object, moved: Moved) -> None:  # noqa: ARG002
        """Let an object name files at their new places."""
        return


def current_value(obj: Any, key: str) -> Any:
    """Return what an attribute is now, from its row if it is not loaded."""
    state: State = inspect(obj)
    if key in state.dict or not state.has_identity:
        return state.dict.get(key)
    return getattr(obj, key)
