"""A file on its way to a row: what an attribute is between assignment and commit."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import IO, Any, BinaryIO, Self, cast

from s3_saver import FileTransaction, ObjectOptions, Storages, StoredFile

from ._contents import Content, MovedContent, StoredContent, StreamContent, as_seekable, measure
from .exceptions import NotStoredError

_WHERE = ("name", "storage_type", "bucket_name", "size", "store")
_FIELDS = tuple(one.name for one in fields(StoredFile))


@dataclass
class Progress:
    """How far a new file has come; its copies by ``bind`` and ``replace`` share it.

    :param content: its bytes; ``None`` once the row is committed, and nobody needs them again.
    :param taken_by: the column that it was assigned to.
    :param options: how it is kept on S3, by that column.
    :param row: whose it is, while it is stored.
    :param was_undone: whether a rollback has deleted it: it may not have its name a second time.
    :param stored: what it is, while it is stored.
    :param is_being_written: whether a flush runs that writes it to its row.
    """

    content: Content | None
    taken_by: object = None
    options: ObjectOptions = field(default_factory=ObjectOptions)
    row: object = None
    was_undone: bool = False
    stored: StoredFile | None = None
    is_being_written: bool = False


class NewFile(StoredFile):
    """A stored file that the next flush stores.

    Assign it to a column of :class:`FileType`. Then it has the name that it will be stored under;
    :meth:`open` reads the upload until it is stored. :func:`new_file` makes one.
    """

    @classmethod
    def made(cls, content: Content | None, **values: Any) -> Self:
        """Return a new file with a content of your own kind.

        :param values: what is known of it: ``filename``, ``size``, ``content_type``, ``metadata``.
            Its name comes from the column.
        """
        new = cls(**{"name": "", **values})
        vars(new)["_progress"] = Progress(content)
        return new

    @classmethod
    def of(cls, file: StoredFile) -> Self:
        """Return a new file with the bytes of a stored one, which no rules check.

        :param file: bound to the storages that it is in. It is copied by the flush.
        """
        values = {key: getattr(file, key) for key in _FIELDS if key not in ("name", "extra")}
        ending = os.path.splitext(file.name)[1]
        return cls.made(StoredContent(file), **values, name=ending)

    @classmethod
    def moved(cls, file: StoredFile, taken_by: object) -> Self:
        """Return a new file that is stored already, under the name that it has.

        :param taken_by: the column that it is for.
        """
        values = {key: getattr(file, key) for key in _FIELDS}
        new = cls.made(MovedContent(file), **values)
        new.progress.taken_by = taken_by
        return new

    @property
    def progress(self) -> Progress:
        return cast("Progress", vars(self)["_progress"])

    @property
    def is_empty(self) -> bool:
        """Whether it is an upload without name and bytes, which changes nothing when assigned."""
        is_stream = isinstance(self.progress.content, StreamContent)
        return is_stream and not self.size and not self.filename

    @property
    def is_stored(self) -> bool:
        """Whether a flush has stored it."""
        return self.progress.stored is not None

    def save_in(self, files: FileTransaction, storages: Storages, row: object) -> None:
        """Store it, until *files* are rolled back."""
        progress = self.progress
        if progress.content is None:
            raise NotStoredError(f"{self.name!r} has no content any more", name=self.name)
        if progress.was_undone:
            folder, _, name = self.name.rpartition("/")
            self._become(self.replace(name=unique_name(f"{folder}/" if folder else "", name)))
        stored = progress.content.store(files, storages, self, **progress.options)
        self._become(stored)
        progress.stored, progress.row = stored, row
        files.after_rollback(self._forget)
        files.after_commit(self._release)

    def keep(self, row: object) -> None:
        """Let it be what the row says: it is stored."""
        self.progress.stored, self.progress.row = self, row

    def catch_up(self) -> None:
        """Know where it is, if it was stored as a copy of this value."""
        if (stored := self.progress.stored) is not None and stored is not self:
            vars(self).update({key: getattr(stored, key) for key in _WHERE})

    def _become(self, stored: StoredFile) -> None:
        # The value is frozen for everybody else: it is the flush that knows how it ends.
        vars(self).update({key: getattr(stored, key) for key in _FIELDS})

    def _forget(self) -> None:
        self.progress.stored, self.progress.row, self.progress.was_undone = None, None, True

    def _release(self) -> None:
        self.progress.content = None

    def replace(self, **changes: Any) -> Self:
        changed = super().replace(**changes)
        vars(changed)["_progress"] = self.progress
        return changed

    def open(self) -> BinaryIO:
        if self.is_stored or self.progress.content is None:
            return super().open()
        return self.progress.content.open()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, StoredFile):
            return NotImplemented
        return all(getattr(self, key) == getattr(other, key) for key in _FIELDS)

    __hash__ = StoredFile.__hash__

    def __reduce_ex__(self, _: object) -> tuple[Callable[..., StoredFile], tuple[Any, ...]]:
        if not self.is_stored:
            raise NotStoredError(
                f"{self.filename or self.name!r} is not stored, and cannot be pickled or copied "
                "to another process: commit first",
                name=self.name,
            )
        return StoredFile, tuple(
            dict(value) if key in ("metadata", "extra") else value
            for key, value in ((key, getattr(self, key)) for key in _FIELDS)
        )


def new_file(stream: IO[bytes], filename: str | None = None, *, content_type: str = "") -> NewFile:
    """Return a file that can be assigned to a column, and that the next flush stores.

    :param stream: a binary stream, which stays open until then. One that cannot be rewound is read
        now.
    :param filename: what the client calls it. By default the stream's own name, if it has one.
        Without name and bytes it is an empty upload, which changes nothing.
    :param content_type: where the column has no rules, what the bytes are; by default what the name
        says.
    :raises s3_saver.ArgumentTypeError: *stream* is no binary stream.
    """
    seekable = as_seekable(stream, "stream")
    if filename is None:
        own = getattr(stream, "name", "")
        filename = os.path.basename(own) if isinstance(own, str) else ""
    return NewFile.made(
        StreamContent(seekable),
        size=measure(seekable),
        filename=filename,
        content_type=content_type,
    )


def unique_name(folder: str, filename: str) -> str:
    """Return a name that no other file has: 64 random bits, and the extension if it is plain."""
    ending = os.path.splitext(
        filename.replace("/", "_") if filename[:1] != "." else f"_{filename}"
    )[1]
    plain = ending.lower() if ending[1:].isascii() and ending[1:].isalnum() else ""
    return f"{folder}{os.urandom(8).hex()}{plain if len(plain) <= 16 else ''}"
