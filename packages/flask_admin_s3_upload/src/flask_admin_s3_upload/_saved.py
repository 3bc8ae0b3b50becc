"""A file that is stored, but that no committed row names yet."""

import os
import secrets
from dataclasses import dataclass
from typing import IO

from s3_saver import AlreadyExistsError, FileInfo, NotFoundError, S3Storage, guess_content_type
from untrusted_files import is_shown_inline

from ._places import File

#: The folder, in every storage, of files that no row names: uploads whose form has yet to pass,
#: and those whose name is still another's.
PENDING_FOLDER = ".pending/"


def pending_name(filename: str) -> str:
    """Make a name in the pending folder that nobody can guess."""
    extension = os.path.splitext(filename)[1]
    return f"{PENDING_FOLDER}{secrets.token_hex(16)}{extension}"


@dataclass(frozen=True)
class SavedFile:
    """A stored file on its way to the name that its row will say.

    Where that name is free, the file has it from the start. Where it is taken, even by the file
    that it replaces, it waits in the pending folder, so that the other is whole until the commit.

    :param file: where the file will be.
    :param held: where it is now, with what the storage said of it.
    """

    file: File
    held: FileInfo

    @classmethod
    def save(cls, file: File, content: IO[bytes], *, overwrite: bool) -> "SavedFile":
        """Store *content*.

        :param overwrite: whether the name may be another file's.
        :raises s3_saver.AlreadyExistsError: it is, or a folder has it.
        """
        try:
            return cls(file, store(file, content))
        except AlreadyExistsError:
            if not overwrite or not file.storage.exists(file.name):
                raise
        return cls(file, store(File(file.storage, pending_name(file.name)), content))

    def finish(self) -> None:
        """Give the file its name: the row that says so is committed."""
        if self.waits:
            self.file.storage.copy(self.held.name, self.file.name)
            self.file.storage.delete(self.held.name)

    @property
    def waits(self) -> bool:
        """Whether the file has yet to get its name."""
        return self.held.name != self.file.name

    def undo(self) -> None:
        """Delete the file: no row will name it. What another has put in its place stays."""
        storage = self.file.storage
        try:
            now = storage.stat(self.held.name)
        except NotFoundError:
            return
        if now.etag == self.held.etag:
            storage.delete(self.held.name)


def store(file: File, content: IO[bytes]) -> FileInfo:
    """Store *content* under a name that is free.

    :raises s3_saver.AlreadyExistsError: it is not.
    """
    storage = file.storage
    if isinstance(storage, S3Storage) and not is_shown_inline(guess_content_type(file.name)):
        headers = {"ContentDisposition": "attachment"}  # the browser is to save it, not to open it
        return storage.save(file.name, content, overwrite=False, extra_args=headers)
    return storage.save(file.name, content, overwrite=False)
