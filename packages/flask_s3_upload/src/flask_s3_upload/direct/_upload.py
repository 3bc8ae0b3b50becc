"""One direct upload as a value, and what brings its bytes into a storage."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from untrusted_files import CheckedFile, Rules

from .._names import PENDING

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
        """Return the bytes of one part, counted from 1: the file is cut at each *part_size*."""
        return min(self.part_size, self.size - (number - 1) * self.part_size)


@dataclass(frozen=True)
class Checked:
    """An upload whose bytes keep the rules, still open.

    :param etag: of the very version that was read, so that no other can take its place; empty on a
        disk, where the open file is that version, and where the store does not say it.
    :param found: what the bytes are.
    """

    upload: DirectUpload
    file: BinaryIO
    etag: str
    found: CheckedFile


@dataclass(frozen=True)
class Purpose:
    """What browsers may upload for one purpose, and who may; see :meth:`Uploads.allow_direct`."""

    rules: Rules
    authorize: Callable[[DirectUpload], bool]


class Transport(Protocol):
    """How bytes come from a browser into one kind of storage."""

    def form(self, upload: DirectUpload) -> dict[str, Any]:
        """Return how to send a file in one request: method, url, and fields or headers."""
        ...

    def begin(self, upload: DirectUpload) -> str:
        """Begin an upload in parts; return its id."""
        ...

    def part(self, upload: DirectUpload, number: int) -> dict[str, Any]:
        """Return how to send one part, which has its size and no other: method and url."""
        ...

    def parts(self, upload: DirectUpload) -> dict[int, tuple[int, str]]:
        """Return size and etag of the parts that are there, by number."""
        ...

    def complete(self, upload: DirectUpload) -> None:
        """Put the parts together under the pending name."""
        ...

    def abort(self, upload: DirectUpload) -> None:
        """Remove the parts."""
        ...

    def finish(self, checked: Checked, name: str, options: Any) -> bool:
        """Put the bytes that were checked under a name that is free.

        :param options: how a file is kept on S3: an :class:`s3_saver.ObjectOptions`.
        :return: whether they are surely the same bytes; if not, they are to be checked again.
        :raises AlreadyExistsError: the name is taken.
        :raises ClaimError: the bytes were replaced after the check.
        """
        ...
