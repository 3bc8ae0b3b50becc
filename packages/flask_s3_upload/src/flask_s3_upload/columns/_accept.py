"""What requests have of files, as values that can be assigned to a column."""

import io
from typing import IO, Any

from werkzeug.datastructures import FileStorage

from s3_saver import StoredFile
from sqlalchemy_s3_files import NewFile, new_file

from .._arguments import check_purpose
from .._state import State
from ..direct._claim import verify
from ._content import DirectContent


def accept(state: State, value: Any, purpose: str, user: object = None) -> StoredFile | None:
    """Return a file that is not stored yet; see :meth:`Uploads.accept`."""
    check_purpose(purpose)
    if value is None or isinstance(value, StoredFile):
        return value
    if isinstance(value, str):
        return accept_token(state, value, purpose, user) if value else _nothing()
    if isinstance(value, FileStorage):
        return new_file(value.stream, value.filename or "")
    stream: IO[bytes] = value
    return new_file(stream)


def accept_token(state: State, token: str, purpose: str, user: object = None) -> NewFile:
    """Check the token of a direct upload, and the bytes, which the flush will claim.

    :raises ClaimError: as :meth:`Uploads.claim`; likewise untrusted_files.RejectedError.
    """
    upload = state.direct.read(token, purpose, state.user.id(user))
    checked = verify(state.direct, upload)
    content = DirectContent(state.direct, checked)
    return NewFile.made(
        content,
        size=checked.found.size,
        content_type=checked.found.content_type,
        filename=upload.filename,
    )


def _nothing() -> NewFile:
    return new_file(io.BytesIO(), "")
