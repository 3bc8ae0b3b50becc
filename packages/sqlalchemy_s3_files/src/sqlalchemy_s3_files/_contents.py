"""Where the bytes of a new file come from, and how they are stored."""

import io
import tempfile
from dataclasses import dataclass
from typing import IO, Any, BinaryIO, Protocol, Unpack, cast

from s3_saver import (
    ArgumentError,
    ArgumentTypeError,
    FileTransaction,
    ObjectOptions,
    Storages,
    StoredFile,
)

from ._rules import CheckedFile, FileRules

_IN_MEMORY = 1_000_000  # bytes of a stream that cannot be rewound, before they go to a file


class Content(Protocol):
    """Bytes that can be stored, and stored again after a rollback.

    A framework that keeps uploads in a way of its own has one of its own, and assigns
    ``NewFile.made(content, …)``.
    """

    def open(self) -> BinaryIO:
        """Open it for reading, before it is stored."""
        ...

    def check(self, rules: FileRules, filename: str, /) -> CheckedFile | None:
        """Return what the rules of a column find, when the file is assigned.

        :return: None if they need not be asked, as for the copy of a stored file.
        """
        ...

    def store(
        self,
        files: FileTransaction,
        storages: Storages,
        file: StoredFile,
        /,
        **options: Unpack[ObjectOptions],
    ) -> StoredFile:
        """Store it, during a flush; in a thread, if the session is an async one.

        :param files: what to undo after a rollback: :meth:`FileTransaction.save` or
            :meth:`FileTransaction.add` has the file in the end.
        :param storages: those of the column.
        :param file: the name to store it under, which no other file has, and what else is known.
        :param options: how it is kept on S3.
        :return: the stored file, bound.
        """
        ...


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

    def check(self, rules: FileRules, filename: str, /) -> CheckedFile:
        return rules.check(self.rewound(), filename)

    def store(
        self,
        files: FileTransaction,
        storages: Storages,
        file: StoredFile,
        /,
        **options: Unpack[ObjectOptions],
    ) -> StoredFile:
        return files.save(
            file.name,
            self.rewound(),
            storages=storages,
            content_type=file.content_type or None,
            filename=file.filename,
            metadata=file.metadata,
            **options,
        )


@dataclass(frozen=True)
class StoredContent:
    """A stored file, which is copied."""

    source: StoredFile

    def open(self) -> BinaryIO:
        return self.source.open()

    def check(self, rules: FileRules, filename: str, /) -> None:
        """Ask nothing: the file was checked when it was stored."""

    def store(
        self,
        files: FileTransaction,
        storages: Storages,
        file: StoredFile,
        /,
        **options: Unpack[ObjectOptions],
    ) -> StoredFile:
        storage = self.source.storages.storage_of(self.source)
        if storage is storages.current:
            info = storage.copy(self.source.name, file.name, overwrite=False)
            return files.add(
                storages.stored(
                    info,
                    content_type=file.content_type,
                    filename=file.filename,
                    metadata=file.metadata,
                )
            )
        with self.source.open() as stream:
            return StreamContent(stream).store(files, storages, file, **options)


@dataclass(frozen=True)
class MovedContent:
    """A stored file whose bytes lie at another place already, where a rollback leaves them."""

    place: StoredFile

    def open(self) -> BinaryIO:
        return self.place.open()

    def check(self, rules: FileRules, filename: str, /) -> None:
        """Ask nothing: the bytes were checked when they were stored."""

    def store(
        self,
        files: FileTransaction,  # noqa: ARG002
        storages: Storages,  # noqa: ARG002
        file: StoredFile,  # noqa: ARG002
        /,
        **options: Unpack[ObjectOptions],  # noqa: ARG002
    ) -> StoredFile:
        return self.place


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
