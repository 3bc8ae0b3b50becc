"""What requests have of files, as values that can be assigned to a column."""

import io
from typing import IO, Any

from flask import has_request_context
from werkzeug.datastructures import FileStorage

from s3_saver import ArgumentError, StoredFile
from sqlalchemy_s3_files import NewFile, new_file

from .._arguments import check_purpose
from .._state import State
from ..direct._claim import verify
from ._content import DirectContent


def accept(
    state: State, value: Any, purpose: str, user: object, filename: str | None
) -> StoredFile | None:
    """Return a file that is not stored yet; see :meth:`Uploads.accept`."""
    check_purpose(purpose)
    if filename is not None and (value is None or isinstance(value, StoredFile | str)):
        raise ArgumentError("filename", filename, "left out where value is no stream")
    if value is None or isinstance(value, StoredFile):
        return value
    if isinstance(value, str):
        return accept_token(state, value, purpose, user) if value else _nothing()
    if isinstance(value, FileStorage):
        return new_file(value.stream, filename or value.filename or "")
    stream: IO[bytes] = value
    return new_file(stream, filename)


def accept_token(state: State, token: str, purpose: str, user: object = None) -> NewFile:
    """Check the token of a direct upload, and the bytes, which the flush will claim.

    :raises ClaimError: as :meth:`Uploads.claim`; likewise untrusted_files.RejectedError.
    """
    upload = state.direct.read(token, purpose, _id_of(state, token, user))
    checked = verify(state.direct, upload)
    content = DirectContent(state.direct, checked)
    return NewFile.made(
        content,
        size=checked.found.size,
        content_type=checked.found.content_type,
        filename=upload.filename,
    )


def _id_of(state: State, token: str, user: object) -> str:
    try:
        return state.user.id(user)
    except RuntimeError as error:  # of Flask's session
        if has_request_context():
            raise
        raise ArgumentError(
            "value",
            token,
            "a binary stream outside of a request",
            ": a str is the token of a direct upload, which is bound to a browser's session; open"
            " a file by open(…, 'rb'), or pass user= to uploads.accept",
        ) from error


def _nothing() -> NewFile:
    return new_file(io.BytesIO(), "")
