"""Direct uploads: what a browser is told, and what a token is worth.

A browser says what it wants to send. The answer says where and how, for this one file only, and
has a token. The bytes then go to ``pending/`` under a random name that the server chose. The token
alone brings them from there to their final name: see :mod:`._claim`.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import IO, Any, BinaryIO, Protocol

from s3_saver import NotFoundError, S3Storage
from untrusted_files import UNKNOWN_TYPE, Rules, measure

from ._checks import check_purpose, check_type
from ._direct_local import LocalTransport
from ._direct_s3 import S3Transport
from ._names import PENDING
from ._places import Places, put
from .exceptions import ConfigError, InvalidTokenError, NotUploadedError

DEFAULT_PURPOSE = "file"
MAX_PARTS = 10_000  # S3's


@dataclass(frozen=True, slots=True)
class DirectUpload:
    """One direct upload, as the browser announced it.

    :param purpose: what it is for; the rules are those of its purpose.
    :param filename: cleaned.
    :param size: in bytes.
    :param content_type: what its name promises, or else the browser believes; the bytes decide when
        it is claimed.
    :param user: whom the token is for.
    :param id: random, made here.
    :param upload_id: of an upload in parts; else empty.
    :param part_size: of each part but the last, in bytes; 0 if there are none.
    """

    purpose: str
    filename: str
    size: int
    content_type: str
    user: str
    id: str = ""
    upload_id: str = ""
    part_size: int = 0

    @property
    def pending_name(self) -> str:
        """The name under which the bytes wait."""
        return PENDING + self.id

    @property
    def part_count(self) -> int:
        return max(1, -(-self.size // self.part_size))

    def size_of_part(self, number: int) -> int:
        """Give the bytes of one part, counted from 1: the file is cut at each *part_size*."""
        return min(self.part_size, self.size - (number - 1) * self.part_size)


@dataclass(frozen=True)
class Checked:
    """An upload whose bytes keep the rules: still open, and by their etag, so that no others can
    take their place.
    """

    upload: DirectUpload
    file: BinaryIO
    etag: str
    content_type: str


@dataclass(frozen=True)
class Purpose:
    rules: Rules
    authorize: Callable[[DirectUpload], bool]


class Transport(Protocol):
    """How bytes come from a browser into one kind of storage."""

    def form(self, upload: DirectUpload) -> dict[str, Any]:
        """Tell how to send a file in one request: method, url, and fields or headers."""
        ...

    def begin(self, upload: DirectUpload) -> str:
        """Begin an upload in parts; give its id."""
        ...

    def part(self, upload: DirectUpload, number: int) -> dict[str, Any]:
        """Tell how to send one part, which has its size and no other: method and url."""
        ...

    def parts(self, upload: DirectUpload) -> dict[int, tuple[int, str]]:
        """Give size and etag of the parts that are there, by number."""
        ...

    def complete(self, upload: DirectUpload) -> None:
        """Put the parts together under the pending name."""
        ...

    def abort(self, upload: DirectUpload) -> None:
        """Remove the parts."""
        ...

    def finish(self, checked: Checked, name: str) -> str:
        """Give the bytes that were checked a name that is free.

        :return: the etag of what has that name now. If it is that of what was checked, these are
            the same bytes; if not, they may be others.
        :raises AlreadyExistsError: the name is taken.
        """
        ...


class Direct:
    """The server's side of direct uploads, for one app.

    :param purposes: by name; code adds to it.
    """

    def __init__(self, places: Places, purposes: dict[str, Purpose]) -> None:
        self.places = places
        self.settings = places.settings
        self._purposes = purposes

    def purpose(self, name: str) -> Purpose:
        check_purpose(name)
        try:
            return self._purposes[name]
        except KeyError:
            known = ", ".join(map(repr, self._purposes))
            raise ConfigError(
                f"purpose {name!r} is not allowed: call uploads.allow_direct({name!r},"
                " rules=Rules(…), authorize=…) where the app is made"
                + (f", or use one of those that are: {known}" if known else "")
            ) from None

    @cached_property
    def transport(self) -> Transport:
        """The way into the storage where new files go."""
        storage = self.places.storage
        if isinstance(storage, S3Storage):
            return S3Transport(storage, self.settings, self.places.signing_address(storage))
        return LocalTransport(self.places.local, self.settings, self.places.signer)

    def sign(self, upload: DirectUpload, *, in_parts: bool | None = None) -> dict[str, Any]:
        """Answer a browser that wants to send a file.

        :param in_parts: by default, from ``UPLOADS_PARTS_ABOVE`` on.
        :raises untrusted_files.RejectedError: what it says breaks the rules.
        """
        rules = self.purpose(upload.purpose).rules
        upload = replace(upload, id=secrets.token_hex(16))
        rules.check_promise(upload.filename, upload.size, upload.content_type)
        if in_parts is None:
            in_parts = upload.size > self.settings.parts_above
        if not in_parts:
            return {**self.transport.form(upload), **self._ticket(upload)}
        part_size = max(self.settings.part_bytes, -(-upload.size // MAX_PARTS))
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
        put(self.places.storage, upload.pending_name, file, UNKNOWN_TYPE, overwrite=False)
        return self._token(upload)

    def read(self, token: str, purpose: str, user: str) -> DirectUpload:
        """Give back what a token was made for.

        :raises ClaimError: it is none of ours, too old, or for another purpose or user.
        """
        check_purpose(purpose)
        check_type(
            "token", token, str, "a str, as the form carries it: request.form.getlist(…) has all"
        )
        values = self.places.signer.read(
            f"claim:{purpose}", token, max_age=self.settings.token_max_age
        )
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
            try:
                size = self.places.storage.stat(upload.pending_name).size
            except NotFoundError:
                size = -1
            if size != upload.size:
                raise

    def _put_together(self, upload: DirectUpload) -> None:
        found = {number: size for number, (size, _) in self.transport.parts(upload).items()}
        wanted = {n: upload.size_of_part(n) for n in range(1, upload.part_count + 1)}
        if found != wanted:
            right = sum(size for number, size in found.items() if wanted.get(number) == size)
            raise NotUploadedError(
                f"{right} of {upload.size} bytes are there, in {len(found)} of {len(wanted)} parts"
                f" of {upload.part_size} bytes: send the rest."
            )
        self.transport.complete(upload)

    def cancel(self, upload: DirectUpload) -> None:
        """Remove what is there of an upload that nobody wants any more."""
        if upload.upload_id:
            self.transport.abort(upload)
        self.places.storage.delete(upload.pending_name)

    def _ticket(self, upload: DirectUpload) -> dict[str, Any]:
        return {"token": self._token(upload), "expires": self.settings.direct_expires}

    def _token(self, upload: DirectUpload) -> str:
        values = {name: getattr(upload, name) for name in DirectUpload.__slots__}
        return self.places.signer.sign(f"claim:{values.pop('purpose')}", values)
