"""Direct uploads onto the disk, or into any storage that is not S3: the same protocol, with a route
of the app in S3's place.
"""

import io
import logging
from collections.abc import Iterator
from typing import IO, Any, NamedTuple, cast

from flask import url_for

from s3_saver import NotFoundError, ObjectOptions, Storage

from .._settings import Settings
from .._signing import Signer
from ..exceptions import NotUploadedError
from ._upload import Checked, DirectUpload

logger = logging.getLogger(__name__)

_CHUNK = 1024 * 1024  # bytes


class Expected(NamedTuple):
    """What the bytes of a signed URL are to be: their name, and their size in bytes."""

    name: str
    size: int


class LocalTransport:
    """URLs that the app signs and serves; parts are files until they are put together."""

    def __init__(self, storage: Storage, settings: Settings, signer: Signer) -> None:
        self._storage = storage
        self._settings = settings
        self._signer = signer
        self._endpoint = settings.store.endpoint("direct.receive")

    def form(self, upload: DirectUpload) -> dict[str, Any]:
        url = self._url(upload.pending_name, upload.size, upload.content_type)
        headers = {"Content-Type": upload.content_type}
        return {"method": "PUT", "url": url, "fields": {}, "headers": headers}

    def begin(self, upload: DirectUpload) -> str:
        return upload.id

    def part(self, upload: DirectUpload, number: int) -> dict[str, Any]:
        url = self._url(_part(upload, number), upload.size_of_part(number), None)
        return {"method": "PUT", "url": url, "headers": {}}

    def expected(self, ticket: str, length: int | None, content_type: str | None) -> Expected:
        """Return what a signed URL is for.

        :param length: the request's Content-Length, which the server in front holds it to; ``None``
            of a request that is sent in chunks and says its length by its end.
        :raises InvalidTokenError: the URL was not signed here, or holds no longer.
        :raises NotUploadedError: size or type are not what was signed.
        """
        signed = self._signer.read("receive", ticket, max_age=self._settings.direct_expires)
        name, size, wanted = signed["name"], signed["size"], signed["type"]
        if length is not None and length != size:
            raise _not_as_announced(f"{size} bytes were announced, the request has {length}")
        if wanted is not None and content_type != wanted:
            raise _not_as_announced(f"{wanted} was announced, the request has {content_type}")
        return Expected(name, size)

    def receive(self, expected: Expected, chunks: Iterator[bytes]) -> str:
        """Take the bytes of a signed URL, and return their etag.

        :param expected: what :meth:`expected` returned.
        :raises NotUploadedError: they end too early, or too late.
        """
        stream = _as_stream(_exactly(chunks, expected.size))
        return self._storage.save(expected.name, stream).etag

    def parts(self, upload: DirectUpload) -> dict[int, tuple[int, str]]:
        return {
            int(info.name.rpartition("/")[2]): (info.size, info.etag)
            for info in self._storage.find(_folder(upload.pending_name))
        }

    def complete(self, upload: DirectUpload) -> None:
        # Each by its name, so that none is left out should another request be doing the same.
        names = [_part(upload, number) for number in range(1, upload.part_count + 1)]
        try:
            self._storage.save(upload.pending_name, _as_stream(self._chunks(names)))
        except NotFoundError as error:
            raise NotUploadedError("This upload was cancelled: choose the file again.") from error
        self._storage.delete(*names)

    def abort(self, upload: DirectUpload) -> None:
        parts = self._storage.find(_folder(upload.pending_name))
        self._storage.delete(*[info.name for info in parts])

    def finish(self, checked: Checked, name: str, options: ObjectOptions) -> bool:  # noqa: ARG002
        # The open file stays what it is, even if the browser's URL puts another under its name.
        self._storage.save(name, checked.file, overwrite=False)
        return True

    def _url(self, name: str, size: int, content_type: str | None) -> str:
        signed = {"name": name, "size": size, "type": content_type}
        return url_for(self._endpoint, ticket=self._signer.sign("receive", signed))

    def _chunks(self, names: list[str]) -> Iterator[bytes]:
        for name in names:
            with self._storage.open(name) as part:
                while chunk := part.read(_CHUNK):
                    yield chunk


def _exactly(chunks: Iterator[bytes], length: int) -> Iterator[bytes]:
    left = length
    for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            raise _not_as_announced(f"{length} bytes were announced, the request has more")
        yield chunk
    if left:
        raise NotUploadedError("The upload ended too early: send it again.")


def _not_as_announced(why: str) -> NotUploadedError:
    logger.info("a direct upload is refused: %s", why)
    return NotUploadedError("This file changed while it was sent: choose it again.")


def _as_stream(chunks: Iterator[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", _Joined(chunks))


class _Joined(io.RawIOBase):
    """Chunks as one stream."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._rest = self._rest or next(self._chunks, b"")
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count


def _part(upload: DirectUpload, number: int) -> str:
    return f"{_folder(upload.pending_name)}{number:05}"


def _folder(pending_name: str) -> str:
    # No file can be where a folder is: the whole upload has the name without ".parts".
    return f"{pending_name}.parts/"
