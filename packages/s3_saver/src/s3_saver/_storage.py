"""The contract of a storage, and what it reports of a file."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, BinaryIO, Protocol, cast

from ._checks import is_storage
from .exceptions import ArgumentTypeError


@dataclass(frozen=True, slots=True)
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
        returns it in :meth:`Storage.stat`; a disk has no room for it and goes by the name, as does
        every listing.
    :param path: what ``os.fspath`` returns; empty for the name.
    """

    name: str
    size: int
    modified: datetime = field(compare=False)
    etag: str = field(compare=False)
    content_type: str = field(compare=False)
    path: str = field(default="", compare=False, repr=False)

    def __fspath__(self) -> str:
        return self.path or self.name


class Storage(Protocol):
    """A place for files, each under a name: a disk, a bucket, or one of your own.

    A name is a POSIX relative path such as ``'avatars/ann.png'``: no empty or dot segments, no
    leading slash, backslash or control character, at most 1,024 bytes of UTF-8 and 255 a segment.
    Every call refuses any other by :exc:`UnsafeNameError`, so that what one storage takes the
    others take too.

    :func:`s3_saver.testing.check_storage` proves that a storage keeps these promises. Besides
    the errors named here, each call may raise :exc:`AccessDeniedError`, :exc:`BucketNotFoundError`
    and :exc:`StorageUnavailableError`; a failure is never hidden or returned as ``False``.
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
        """Return a file's size, time, etag and content type.

        :raises NotFoundError: there is none.
        """
        ...

    def exists(self, name: str) -> bool:
        """Report whether there is a file of that name; ``False`` only if it is certainly absent."""
        ...

    def delete(self, *names: str | FileInfo) -> None:
        """Delete files; one that is not there is no error.

        :param names: names, or what :meth:`find` returned. What it returned can be deleted even if
            another program has given it a name that no save takes. All names are checked before the
            first file is deleted; one that cannot be deleted then keeps no other.
        """
        ...

    def find(self, prefix: str = "") -> Iterator[FileInfo]:
        """Yield all files whose names begin with *prefix*, in the storage's own order.

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


def ensure_storage(value: object, argument: str = "storage") -> Storage:
    """Return *value* if it is a storage: any object that has the calls of :class:`Storage`.

    Whether it keeps their promises, :func:`s3_saver.testing.check_storage` proves.

    :param argument: what it was passed as, for the error.
    :raises ArgumentTypeError: a call is missing, or *value* is the class of a storage.
    """
    if not is_storage(value):
        raise ArgumentTypeError(argument, value, "a storage such as LocalStorage('/srv/uploads')")
    return cast("Storage", value)
