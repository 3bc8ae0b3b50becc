"""A file that is stored, but not named by a committed row yet."""

import os
from collections.abc import Mapping
from typing import IO, Any, NamedTuple

from ._local import LocalStorage
from ._locations import save_in
from ._s3 import S3Storage
from ._s3_options import ObjectOptions
from ._storages import Storages
from ._stored import StoredFile, check_described
from ._types import guess_content_type
from .exceptions import AlreadyExistsError, NotFoundError, S3SaverError

#: The folder, in every storage, of files that wait for the name of another; nothing lists it as
#: files that rows may name.
PENDING_FOLDER = ".pending/"


class SavedFile(NamedTuple):
    """A stored file on its way to the name that its row will have.

    Where that name was free, the file has it from the start. Where it was taken, even by the file
    that it replaces, it waits in :data:`PENDING_FOLDER`, so that the other is whole until the
    commit.

    :param file: what the row will have.
    :param held: the name under which it is stored now.
    :param etag: of the file when it was stored; empty if that is not known.
    :param options: what it was saved with: S3 takes none of it from the source of a copy.
    """

    file: StoredFile
    held: str
    etag: str
    options: ObjectOptions

    @property
    def waits(self) -> bool:
        return self.held != self.file.name

    def finish(self) -> None:
        """Move a file that waits to its name: the row that says so is committed."""
        if self.waits:
            storage = self.file.storages.storage_of(self.file)
            if isinstance(storage, S3Storage):
                storage.copy(self.held, self.file.name, **self.options)
            else:
                storage.copy(self.held, self.file.name)
            storage.delete(self.held)
            storages = self.file.storages
            if isinstance(storages, Storages):
                storages.report_replaced(self.file)

    def undo(self) -> None:
        """Delete the file: no row names it. What another has put in its place stays."""
        storage = self.file.storages.storage_of(self.file)
        try:
            now = storage.stat(self.held)
        except NotFoundError:
            return
        if self.etag in ("", now.etag):
            self.file.storages.delete(self.file.replace(name=self.held))


def save_aside(
    storages: Storages,
    name: str,
    file: IO[bytes],
    *,
    overwrite: bool,
    content_type: str | None,
    filename: str,
    metadata: Mapping[str, Any] | None,
    options: ObjectOptions,
) -> SavedFile:
    """Store a file under *name* if that is free, else in :data:`PENDING_FOLDER`.

    :param overwrite: whether it may wait for a name that another file has.
    :raises AlreadyExistsError: it may not, or a folder has that name.
    """
    check_described(filename, metadata)
    storage = storages.current
    content_type = content_type or guess_content_type(name)

    def save(held: str) -> SavedFile:
        info = save_in(
            storage, held, file, overwrite=False, content_type=content_type, options=options
        )
        stored = storages.stored(
            info, content_type=content_type, filename=filename, metadata=metadata
        )
        saved = SavedFile(stored.replace(name=name), held, info.etag, options)
        storages.report_saved(saved.file)
        return saved

    # Asked first: a stream that cannot be rewound can be saved only once.
    if not (overwrite and storage.exists(name)):
        try:
            return save(name)
        except AlreadyExistsError:
            rewinds = getattr(file, "seekable", None)
            if not (overwrite and rewinds and rewinds() and storage.exists(name)):
                raise
    return save(f"{PENDING_FOLDER}{os.urandom(16).hex()}{os.path.splitext(name)[1]}")


def file_key(file: StoredFile) -> object:
    """Return a key that identifies a file, whichever storages it is bound to."""
    try:
        storage = file.storages.storage_of(file)
    except (S3SaverError, ValueError):
        return id(file.storages), *file.location
    if isinstance(storage, S3Storage):
        return "s3", storage.bucket_name, storage.key(file.name)
    if isinstance(storage, LocalStorage):
        return "", storage.path(file.name)
    return id(storage), file.name
