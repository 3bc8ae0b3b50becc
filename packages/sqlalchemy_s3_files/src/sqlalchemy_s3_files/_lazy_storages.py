"""The storages of an app that is known only when files are used."""

from collections.abc import Callable
from typing import Any, cast

from s3_saver import Storage, Storages, StoredFile

FindStorages = Callable[[], Storages]


class LazyStorages:
    """The storages of an app that is known only when files are used."""

    def __init__(self, find: FindStorages) -> None:
        self._find = find

    def storage_of(self, file: StoredFile, /) -> Storage:
        return self._find().storage_of(file)

    def delete(self, *files: StoredFile) -> None:
        self._find().delete(*files)

    def url(self, file: StoredFile, /) -> str:
        return self._find().url(file)

    def permanent_url(self, file: StoredFile, /) -> str:
        return self._find().permanent_url(file)

    def download_url(self, file: StoredFile, /, *, inline: bool = False) -> str:
        return self._find().download_url(file, inline=inline)


class Finder:
    """Finds storages by a function or a proxy, and can be hashed where a proxy could not."""

    def __init__(self, found_later: Any) -> None:
        self._found_later = found_later

    def __call__(self) -> Storages:
        found = self._found_later
        return cast("Storages", found if isinstance(found, Storages) else found())
