"""The contract: what a storage is, and what it tells of a file."""

from collections.abc import Iterator
from datetime import datetime
from typing import IO, BinaryIO, Final, Protocol


class FileInfo:
    """What a storage knows of one file.

    Two are equal when name and size are: what else is known differs from storage to storage.

    It is path-like. From :meth:`S3Saver.find_by_path` and its siblings, ``os.fspath(info)`` is the
    absolute path that :meth:`S3Saver.delete` takes back; from a bare storage it is the name.

    :param name: the name below the storage's root, a POSIX relative path.
    :param size: in bytes.
    :param modified: when it was last written, aware, in UTC.
    :param etag: changes when the content does; only S3 and memory make it from the content.
    :param content_type: such as ``'image/jpeg'``. S3 keeps what :meth:`Storage.save` was given, and
        tells it in :meth:`Storage.stat`; a disk has no room for it and goes by the name, as does
        every listing.
    :param path: what ``os.fspath`` gives; empty for the name.
    """

    # Not a dataclass: their module takes as long to import as the rest of the package.
    __slots__ = ("content_type", "etag", "modified", "name", "path", "size")

    def __init__(
        self,
        name: str,
        size: int,
        modified: datetime,
        etag: str,
        content_type: str,
        path: str = "",
    ) -> None:
        self.name: Final = name
        self.size: Final = size
        self.modified: Final = modified
        self.etag: Final = etag
        self.content_type: Final = content_type
        self.path: Final = path

    def __repr__(self) -> str:
        known = ("name", "size", "modified", "etag", "content_type")
        return f"FileInfo({', '.join(f'{field}={getattr(self, field)!r}' for field in known)})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FileInfo):
            return NotImplemented
        return (self.name, self.size) == (other.name, other.size)

    def __hash__(self) -> int:
        return hash((self.name, self.size))

    def __fspath__(self) -> str:
        return self.path or self.name


class Storage(Protocol):
    """A place for files, each under a name: a disk, a bucket, or one of your own.

    A name is a POSIX relative path such as ``'avatars/ann.png'``: no empty or dot segments, no
    leading slash, backslash or control character, at most 1,024 bytes of UTF-8 and 255 a segment.
    Every call refuses any other by :exc:`UnsafeNameError`, so that what one storage takes the
    others take too.

    :func:`s3_saver.testing.check_storage` proves that a storage keeps these promises. Beside the
    errors named here, each call may raise :exc:`AccessDeniedError`, :exc:`BucketNotFoundError` and
    :exc:`StorageUnavailableError`; a failure is never turned into ``False`` or silence.
    """

    def save(
        self,
        name: str,
        file: IO[bytes],
        *,
        overwrite: bool = True,
        content_type: str | None = None,
    ) -> FileInfo:
        """Store the whole content of *file* under *name*: all of it or nothing.

        Nobody ever sees half a file; if this fails or the process dies, what was there before is
        still there.

        :param file: a readable binary stream, rewound first if it can be; it is left open.
        :param overwrite: whether to replace a file of that name. If not, exactly one of any number
            of concurrent calls stores its file.
        :param content_type: by default, what the name's extension says.
        :raises AlreadyExistsError: the name is taken and *overwrite* is false.
        :raises TypeError: *file* is not a readable binary stream.
        """
        ...

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading, as a seekable binary stream and context manager.

        :raises NotFoundError: there is none.
        """
        ...

    def stat(self, name: str) -> FileInfo:
        """Tell a file's size, time, etag and content type.

        :raises NotFoundError: there is none.
        """
        ...

    def exists(self, name: str) -> bool:
        """Tell whether there is a file of that name. ``False`` means that there truly is none."""
        ...

    def delete(self, *names: str) -> None:
        """Delete files; one that is not there is no error."""
        ...

    def find(self, prefix: str = "") -> Iterator[FileInfo]:
        """Give all files whose names begin with *prefix*, in the order of their UTF-8 bytes.

        The prefix is plain text: ``'a'`` finds ``'a.txt'`` and ``'album/1.jpg'``, and no character
        is special. Files are fetched as they are asked for.
        """
        ...

    def copy(self, source: str, target: str, *, overwrite: bool = True) -> FileInfo:
        """Copy one file to another name, inside the storage where it can.

        :raises NotFoundError: there is no *source*.
        :raises AlreadyExistsError: *target* is taken and *overwrite* is false.
        """
        ...
