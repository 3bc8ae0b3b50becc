"""Sending a stored file from the app: with ranges and conditional requests, or by the server in
front.
"""

import io
import os
from typing import Any, BinaryIO
from urllib.parse import quote

from flask import request
from werkzeug.utils import send_file
from werkzeug.wrappers import Response
from werkzeug.wsgi import wrap_file

from s3_saver import FileInfo, LocalStorage, ReplacedError, S3File, Storage
from untrusted_files import UNKNOWN_TYPE, sniff_content_type

from .._own_settings import ACCEL, SENDFILE
from .._settings import Settings

_BUFFER = 64 * 1024  # bytes
_ATTEMPTS = 4  # at reading what is replaced all the time


def send(storage: Storage, name: str, settings: Settings) -> tuple[Response, str]:
    """Return the response that sends a file, or has it sent, and its content type.

    :raises NotFoundError: it is not there; likewise whatever the storage raises.
    """
    for _ in range(_ATTEMPTS):
        try:
            return _send(storage, storage.stat(name), settings)
        except ReplacedError:  # between the two requests: what is there now has another length
            continue
    return _send(storage, storage.stat(name), settings)


def _send(storage: Storage, info: FileInfo, settings: Settings) -> tuple[Response, str]:
    name, content_type = info.name, info.content_type
    if isinstance(storage, LocalStorage):
        if content_type == UNKNOWN_TYPE:
            content_type = _sniff(storage, name)
        return _send_local(storage, info, settings), content_type
    return _stream(storage, info), content_type


def _send_local(storage: LocalStorage, info: FileInfo, settings: Settings) -> Response:
    path = storage.path(info.name)
    if settings.serve == ACCEL:
        # Percent-encoded, as nginx decodes it.
        location = f"/{settings.store.folder}-files/{quote(info.name)}"
        return Response(headers={"X-Accel-Redirect": location})
    if settings.serve == SENDFILE:
        return Response(headers={"X-Sendfile": os.path.abspath(path)})
    return send_file(
        path,
        request.environ,
        mimetype=info.content_type,
        conditional=True,
        etag=info.etag,
        last_modified=info.modified,
    )


def _stream(storage: Storage, info: FileInfo) -> Response:
    body = _Late(storage, info)
    response = Response(
        wrap_file(request.environ, io.BufferedReader(body, _BUFFER), _BUFFER),
        direct_passthrough=True,
    )
    response.content_length = info.size
    response.last_modified = info.modified
    response.set_etag(info.etag)
    response.make_conditional(request.environ, accept_ranges=True, complete_length=info.size)
    if request.method == "GET" and response.status_code in (200, 206):
        body.open()  # what has gone meanwhile is not found now, rather than in the midst of it
    return response


class _Late(io.RawIOBase):
    """A file of a storage that is opened when it is needed: a HEAD and a 304 have no body."""

    def __init__(self, storage: Storage, info: FileInfo) -> None:
        self._storage = storage
        self._info = info
        self._file: BinaryIO | None = None

    def open(self) -> BinaryIO:
        """Open the version that the headers are about.

        :raises ReplacedError: there is another one by now.
        """
        if self._file is None:
            file = self._storage.open(self._info.name)
            if isinstance(file, S3File) and file.etag != self._info.etag:
                file.close()
                name = self._info.name
                raise ReplacedError(f"{name!r} was replaced while it was being sent", name=name)
            self._file = file
        return self._file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self.open().seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell() if self._file else 0

    def readinto(self, buffer: Any) -> int:
        data = self.open().read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        super().close()


def _sniff(storage: Storage, name: str) -> str:
    with storage.open(name) as file:
        return sniff_content_type(file, name) or UNKNOWN_TYPE
