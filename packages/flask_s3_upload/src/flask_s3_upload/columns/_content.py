"""A direct upload as the content of a new file: the flush of its row claims it."""

from dataclasses import dataclass
from typing import BinaryIO, Unpack

from s3_saver import (
    ArgumentError,
    FileTransaction,
    ObjectOptions,
    Storage,
    Storages,
    StoredFile,
    UnboundError,
)
from sqlalchemy_s3_files import CheckedFile, FileRules

from ..direct._claim import claim_verified, unclaim
from ..direct._direct import Direct
from ..direct._upload import Checked, DirectUpload
from ._rules import PurposeRules


@dataclass(frozen=True)
class DirectContent:
    """The bytes of a direct upload. A rollback lets its token be used again.

    :param checked: what was found when the file was accepted.
    """

    direct: Direct
    checked: Checked

    @property
    def upload(self) -> DirectUpload:
        return self.checked.upload

    def open(self) -> BinaryIO:
        return self.direct.storage.open(self.upload.pending_name)

    def check(self, rules: FileRules, filename: str, /) -> CheckedFile:
        asked = rules.found if isinstance(rules, PurposeRules) else rules
        if asked == self.direct.purpose(self.upload.purpose).rules:
            return self.checked.found
        with self.open() as file:
            return rules.check(file, filename)

    def store(
        self,
        files: FileTransaction,
        storages: Storages,
        file: StoredFile,
        /,
        **options: Unpack[ObjectOptions],  # noqa: ARG002 - claiming knows how objects are kept
    ) -> StoredFile:
        if storages != self.direct.storages:
            raise ArgumentError(
                "file",
                file.filename,
                "a direct upload into the store of its column",
                ": pass the purpose of a column's own uploads",
            )
        stored = claim_verified(self.direct, self.checked, file.name)
        files.after_rollback(self._give_back)
        files.add(stored)
        files.delete(_PendingFiles(self.direct).file(self.upload))
        return stored.replace(filename=file.filename, metadata=file.metadata)

    def _give_back(self) -> None:
        unclaim(self.direct, self.upload)


@dataclass(frozen=True)
class _PendingFiles:
    """Deletes pending uploads, of which no listener hears: they were never anybody's files."""

    direct: Direct

    def file(self, upload: DirectUpload) -> StoredFile:
        return StoredFile(upload.pending_name, upload.size).bind(self)

    def storage_of(self, _: StoredFile, /) -> Storage:
        return self.direct.storage

    def delete(self, *files: StoredFile) -> None:
        self.direct.storage.delete(*(file.name for file in files))

    def url(self, file: StoredFile, /) -> str:
        raise UnboundError("a pending upload has no URL", name=file.name)

    def permanent_url(self, file: StoredFile, /) -> str:
        return self.url(file)

    def download_url(self, file: StoredFile, /, *, inline: bool = False) -> str:  # noqa: ARG002
        return self.url(file)
