"""A dictionary as a storage, for tests."""

import io
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import md5
from typing import IO, BinaryIO

from .._checks import check_header
from .._listed import names_to_delete
from .._names import check_name, check_prefix
from .._storage import FileInfo
from .._streams import read_chunks, rewind
from .._types import guess_content_type
from ..exceptions import AlreadyExistsError, NotFoundError


class MemoryStorage:
    """Keeps files in a dictionary. See :class:`~s3_saver.Storage` for what each call promises."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[bytes, FileInfo]] = {}
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return "MemoryStorage()"

    def save(
        self,
        name: str,
        file: IO[bytes],
        *,
        overwrite: bool = True,
        content_type: str | None = None,
    ) -> FileInfo:
        check_name(name)
        check_header("content_type", content_type)
        rewind(file)
        data = b"".join(read_chunks(file))
        info = FileInfo(
            name=name,
            size=len(data),
            modified=datetime.now(UTC),
            etag=md5(data, usedforsecurity=False).hexdigest(),
            content_type=content_type or guess_content_type(name),
        )
        with self._lock:
            if not overwrite and name in self._files:
                raise AlreadyExistsError(
                    f"{name!r} exists: choose another name or pass overwrite=True", name=name
                )
            self._files[name] = data, info
        return info

    def open(self, name: str) -> BinaryIO:
        return io.BytesIO(self._get(name)[0])

    def stat(self, name: str) -> FileInfo:
        return self._get(name)[1]

    def exists(self, name: str) -> bool:
        return check_name(name) in self._files

    def delete(self, *names: str | FileInfo) -> None:
        for name in names_to_delete(names):
            self._files.pop(name, None)

    def find(self, prefix: str = "") -> Iterator[FileInfo]:
        check_prefix(prefix)
        files = sorted(self._files.items(), key=lambda item: item[0].encode())
        return (info for name, (_, info) in files if name.startswith(prefix))

    def copy(self, source: str, target: str, *, overwrite: bool = True) -> FileInfo:
        info = self.stat(source)
        with self.open(source) as file:
            return self.save(target, file, overwrite=overwrite, content_type=info.content_type)

    def _get(self, name: str) -> tuple[bytes, FileInfo]:
        try:
            return self._files[check_name(name)]
        except KeyError:
            raise NotFoundError(f"there is no file {name!r} in {self!r}", name=name) from None
