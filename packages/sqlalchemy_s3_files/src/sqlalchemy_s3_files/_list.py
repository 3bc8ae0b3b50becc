"""A list of files that notices its changes."""

from collections.abc import Callable, Iterable
from typing import Any, Self, SupportsIndex

from sqlalchemy.ext.mutable import MutableList

from s3_saver import StoredFile

Take = Callable[[Any], Any]


class StoredFiles(MutableList[StoredFile]):
    """The files of a column with ``multiple=True``, in their order.

    It is a list: append, insert, remove, sort and replace as you like; the flush follows. What is
    put into it is taken as by assignment, with the column's rules; empty uploads are left out.
    """

    def __init__(self, files: Iterable[StoredFile] = (), take: Take | None = None) -> None:
        super().__init__(files)
        self._take = take

    @classmethod
    def coerce(cls, key: str, value: Any) -> "StoredFiles | None":  # noqa: ARG003
        return value if isinstance(value, StoredFiles) else None

    def _taken(self, values: Iterable[Any]) -> list[StoredFile]:
        if self._take is None:
            return list(values)
        taken = [self._take(value) for value in values]
        return [file for file in taken if isinstance(file, StoredFile)]

    def append(self, x: Any) -> None:
        self.extend([x])

    def extend(self, x: Iterable[Any]) -> None:
        super().extend(self._taken(x))

    def insert(self, i: SupportsIndex, x: Any) -> None:
        for file in self._taken([x]):
            super().insert(i, file)

    def __iadd__(self, x: Iterable[Any]) -> Self:  # type: ignore[override,misc]
        self.extend(x)
        return self

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(index, slice):
            super().__setitem__(index, self._taken(value))
        else:
            for file in self._taken([value]):
                super().__setitem__(index, file)

    def put(self, index: int, file: StoredFile) -> None:
        """Replace a file by what the flush has made of it, which is no change of the row."""
        list.__setitem__(self, index, file)

    def become(self, other: "StoredFiles") -> None:
        """Have the files of another list, and take more as it does: it has come out of a pickle."""
        self._take = other._take  # noqa: SLF001
        for index, file in enumerate(other):
            self.put(index, file)

    def __reduce_ex__(self, proto: SupportsIndex) -> tuple[type, tuple[Any, ...]]:
        return type(self), (list(self),)

    def __setstate__(self, state: Iterable[Any]) -> None:
        self[:] = list(state)
