"""Where the bytes of a new file come from, and how they are stored."""

import io
import tempfile
from dataclasses import dataclass
from typing import IO, Any, BinaryIO, Protocol, cast

from s3_saver import ArgumentError, ArgumentTypeError, FileTransaction, Storages, StoredFile

_IN_MEMORY = 1_000_000  # bytes of a stream that cannot be rewound, before they go to a file


class Content(Protocol):
    """Bytes that can be stored, and stored again after a rollback."""

    def open(self) -> BinaryIO: ...

    def store(self, files: FileTransaction, storages: Storages, file: StoredFile) -> StoredFile: ...


class _View(io.RawIOBase):
    """Reads a stream, and leaves it open."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)


class _Copy(tempfile.SpooledTemporaryFile[bytes]):
    """A copy that goes when nobody has it any more: only we know of it, so nobody closes it."""

    def __del__(self) -> None:
        self.close()


@dataclass(frozen=True)
class StreamContent:
    """A binary stream that can be rewound, which whoever opened it closes."""

    stream: IO[bytes]

    def open(self) -> BinaryIO:
        """Open it for reading; closing that leaves the stream open."""
        return cast("BinaryIO", io.BufferedReader(_View(self.rewound())))

    def rewound(self) -> IO[bytes]:
        if self.stream.closed:
            raise ArgumentError(
                "file", self.stream, "open until the flush that stores it", ": commit before"
            )
        self.stream.seek(0)
        return self.stream

    def store(self, files: FileTransaction, storages: Storages, file: StoredFile) -> StoredFile:
        return files.save(
            file.name,
            self.rewound(),
            storages=storages,
            content_type=file.content_type or None,
            filename=file.filename,
            metadata=file.metadata,
        )


@dataclass(frozen=True)
class StoredContent:
    """A stored file, which is copied.

    :param moves: whether it goes after the commit, since it was stored for this.
    """

    source: StoredFile
    moves: bool = False

    def open(self) -> BinaryIO:
        return self.source.open()

    def store(self, files: FileTransaction, storages: Storages, file: StoredFile) -> StoredFile:
        storage = self.source.storages.storage_of(self.source)
        if storage is storages.current:
            info = storage.copy(self.source.name, file.name, overwrite=False)
            stored = files.add(
                storages.stored(
                    info,
                    content_type=file.content_type,
                    filename=file.filename,
                    metadata=file.metadata,
                )
            )
        else:
            with self.source.open() as stream:
                stored = StreamContent(stream).store(files, storages, file)
        if self.moves:
            files.delete(self.source)
        return stored


def as_seekable(stream: Any, attribute: str) -> IO[bytes]:
    """Return a stream that can be rewound and has the bytes of *stream*.

    :raises s3_saver.ArgumentTypeError: it is no binary stream.
    """
    try:
        is_binary = isinstance(stream.read(0), bytes)
    except (AttributeError, TypeError):
        is_binary = False
    if not is_binary:
        raise ArgumentTypeError(
            attribute,
            stream,
            "a file: a binary stream, a StoredFile, what a framework has of an upload, or None",
            ": open it with mode 'rb', or wrap bytes in io.BytesIO",
        )
    seekable = getattr(stream, "seekable", None)
    if seekable is not None and seekable():
        return cast("IO[bytes]", stream)
    copy = _Copy(max_size=_IN_MEMORY)
    while chunk := stream.read(65536):
        copy.write(chunk)
    return cast("IO[bytes]", copy)


def measure(stream: IO[bytes]) -> int:
    """Return the size of a stream in bytes, and leave it at its start."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    return size
