"""Direct uploads: the answers to browsers, and the tokens.

A browser says what it wants to send. The answer says where and how, for this one file only, and
has a token. The bytes then go to ``pending/`` under a random name that the server chose. The token
alone brings them from there to their final name: see :mod:`._claim`.
"""

import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import IO, Any

from s3_saver import NotFoundError, S3Storage, Storage, Storages, StoredFile
from untrusted_files import UNKNOWN_TYPE, RejectedError, human_size, measure

from .._arguments import check_purpose, check_type
from .._registered import Registered
from .._settings import Settings
from .._signing import Signer
from .._storages import without_acl
from .._urls import Urls
from ..exceptions import InvalidTokenError, NotUploadedError
from ._local import LocalTransport
from ._purposes import Purposes
from ._s3 import S3Transport
from ._upload import MAX_PARTS, DirectUpload, Purpose, Transport


class Direct:
    """The server's side of direct uploads, for one app.

    :param purposes: what browsers may send; code adds to it.
    :param report_claimed: called with each stored file that was a direct upload.
    """

    def __init__(
        self,
        settings: Settings,
        storages: Storages,
        urls: Urls,
        signer: Signer,
        purposes: Purposes,
        report_claimed: Callable[[StoredFile], None],
    ) -> None:
        self.settings = settings
        self.storages = storages
        self._urls = urls
        self._signer = signer
        self._purposes = purposes
        self.report_claimed = report_claimed

    def purpose(self, name: str) -> Purpose:
        return self._purposes.find(name)

    def check_columns(self, registered: Registered) -> None:
        """
        :raises ConfigError: a column has a purpose that is not allowed.
        """
        self._purposes.check_columns(registered)

    @property
    def storage(self) -> Storage:
        """Where direct uploads wait: the storage of new files, without its ACL."""
        storage = self.storages.current
        return without_acl(storage, self.settings) if isinstance(storage, S3Storage) else storage

    @cached_property
    def transport(self) -> Transport:
        """The way into the storage where new files go."""
        storage = self.storages.current
        if isinstance(storage, S3Storage):
            bucket = self._urls.bucket(storage)
            self.settings.require_region(bucket)
            return S3Transport(storage, self.settings, bucket)
        return self.local

    @property
    def local(self) -> LocalTransport:
        """The way onto the disk, or into the app's own storage, also if new files go to S3: what
        was signed before still holds.
        """
        return LocalTransport(self.storages.find(""), self.settings, self._signer)

    def sign(self, upload: DirectUpload, *, in_parts: bool | None = None) -> dict[str, Any]:
        """Return the answer to a browser that wants to send a file.

        :param in_parts: by default, from ``UPLOADS_PARTS_ABOVE`` on.
        :raises untrusted_files.RejectedError: what it says breaks the rules, or it asks for parts
            of a file that fits into one.
        """
        rules = self.purpose(upload.purpose).rules
        upload = replace(upload, id=secrets.token_hex(16))
        rules.check_promise(upload.filename, upload.size, upload.content_type)
        part_size = max(self.settings.part_bytes, -(-upload.size // MAX_PARTS))
        if in_parts is None:
            in_parts = upload.size > max(self.settings.parts_above, part_size)
        if not in_parts:
            return {**self.transport.form(upload), **self._ticket(upload)}
        if upload.size <= part_size:
            raise RejectedError("This file fits into one part: send it as a whole.")
        upload = replace(upload, upload_id=self.transport.begin(upload), part_size=part_size)
        return {
            "uploadId": upload.upload_id,
            "key": upload.id,
            "partSize": part_size,
            **self._ticket(upload),
        }

    def hold(self, upload: DirectUpload, file: IO[bytes]) -> str:
        """Check a file that came by an ordinary form post, and let it wait like the others.

        :return: the token.
        """
        upload = replace(upload, size=measure(file), id=secrets.token_hex(16))
        self.purpose(upload.purpose).rules.check(file, upload.filename)
        self.storage.save(upload.pending_name, file, content_type=UNKNOWN_TYPE, overwrite=False)
        return self._token(upload)

    def read(self, token: str, purpose: str, user: str) -> DirectUpload:
        """Return what a token was made for.

        :raises ClaimError: it was not made here, is too old, or is for another purpose or user.
        """
        check_purpose(purpose)
        check_type(
            "token", token, str, "a str, as the form carries it: request.form.getlist(…) has all"
        )
        values = self._signer.read(f"claim:{purpose}", token, max_age=self.settings.token_max_age)
        upload = DirectUpload(purpose=purpose, **values)
        if not secrets.compare_digest(upload.user.encode(), user.encode()):
            raise InvalidTokenError("This upload belongs to somebody else: choose the file again.")
        return upload

    def complete(self, upload: DirectUpload) -> None:
        """Put the parts of an upload together, if they are what was announced. If they are already,
        because an answer was lost and the browser asks again, all is well.
        """
        try:
            self._put_together(upload)
        except NotUploadedError:
            if not self.is_whole(upload):
                raise

    def is_whole(self, upload: DirectUpload) -> bool:
        """Report whether all bytes wait under the pending name."""
        try:
            return self.storage.stat(upload.pending_name).size == upload.size
        except NotFoundError:
            return False

    def _put_together(self, upload: DirectUpload) -> None:
        found = {number: size for number, (size, _) in self.transport.parts(upload).items()}
        wanted = {n: upload.size_of_part(n) for n in range(1, upload.part_count + 1)}
        if found != wanted:
            right = sum(size for number, size in found.items() if wanted.get(number) == size)
            raise NotUploadedError(
                f"Only {human_size(right)} of {human_size(upload.size)} arrived: try again."
            )
        self.transport.complete(upload)

    def cancel(self, upload: DirectUpload) -> None:
        """Remove what is there of an upload that nobody wants any more."""
        if upload.upload_id:
            self.transport.abort(upload)
        self.storage.delete(upload.pending_name)

    def _ticket(self, upload: DirectUpload) -> dict[str, Any]:
        return {"token": self._token(upload), "expires": self.settings.direct_expires}

    def _token(self, upload: DirectUpload) -> str:
        values = {name: getattr(upload, name) for name in DirectUpload.__slots__}
        return self._signer.sign(f"claim:{values.pop('purpose')}", values)
