"""A folder of any storage, as a storage."""

from collections.abc import Iterator
from dataclasses import replace
from typing import IO, BinaryIO

from s3_saver import FileInfo, Storage, check_name


class FolderStorage:
    """What a storage has in one of its folders.

    :param folder: ends in a slash.
    """

    def __init__(self, storage: Storage, folder: str) -> None:
        self._storage, self._folder = storage, folder

    def __repr__(self) -> str:
        return f"FolderStorage({self._storage!r}, {self._folder!r})"

    def save(
        self,
        name: str,
        file: IO[bytes],
        *,
        overwrite: bool = True,
        content_type: str | None = None,
    ) -> FileInfo:
        return self._mine(
            self._storage.save(
                self._name(name), file, overwrite=overwrite, content_type=content_type
            )
        )

    def open(self, name: str) -> BinaryIO:
        return self._storage.open(self._name(name))

    def stat(self, name: str) -> FileInfo:
        return self._mine(self._storage.stat(self._name(name)))

    def exists(self, name: str) -> bool:
        return self._storage.exists(self._name(name))

    def delete(self, *names: str | FileInfo) -> None:
        self._storage.delete(
            *(self._name(one if isinstance(one, str) else one.name) for one in names)
        )

    def find(self, prefix: str = "") -> Iterator[FileInfo]:
        return map(self._mine, self._storage.find(self._folder + prefix))

    def copy(self, source: str, target: str, *, overwrite: bool = True) -> FileInfo:
        return self._mine(
            self._storage.copy(self._name(source), self._name(target), overwrite=overwrite)
        )

    def _name(self, name: str) -> str:
        return self._folder + check_name(name)

    def _mine(self, info: FileInfo) -> FileInfo:
        return replace(info, name=info.name.removeprefix(self._folder))
