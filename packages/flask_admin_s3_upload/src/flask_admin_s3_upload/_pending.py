"""Chosen uploads whose form did not pass: stored aside, named by a signed token in the form.

A token is good for one field of one view, in one browser's session, for one day.
"""

import hashlib
import secrets
from typing import IO

from flask import Response, after_this_request, current_app, request, session
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.datastructures import FileStorage

from s3_saver import NotFoundError, Storage
from untrusted_files import clean_filename

from ._flask_admin import gettext
from ._places import File
from ._saved import pending_name, store

LIFETIME = 24 * 60 * 60  # seconds that a token is good; files are pruned after no less

_SALT = "flask_admin_s3_upload.pending"


class PendingUpload(FileStorage):
    """An upload of an earlier request.

    :param file: where it is stored.
    """

    def __init__(self, file: File, stream: IO[bytes], filename: str) -> None:
        super().__init__(stream, filename)
        self.file = file


def put_aside(upload: FileStorage, filename: str, storage: Storage) -> File:
    """Store an upload till its form passes; one that is there already stays."""
    if isinstance(upload, PendingUpload):
        return upload.file
    file = File(storage, pending_name(clean_filename(filename)))
    store(file, upload.stream)
    return file


def sign(file: File, filename: str, field_name: str) -> str:
    """Give the token by which the form can claim a file that was put aside."""
    claims = {"name": file.name, "filename": filename, "for": _purpose(field_name)}
    return str(_signer().dumps(claims))


def claim(token: str, storage: Storage, field_name: str) -> PendingUpload:
    """Give the upload that a token names.

    :raises ValueError: the token is forged, another's or too old, or its file was pruned.
    """
    try:
        claims = _signer().loads(token, max_age=LIFETIME)
        file = File(storage, claims["name"])
        stream = storage.open(file.name) if claims["for"] == _purpose(field_name) else None
    except (BadData, NotFoundError):
        stream = None
    if stream is None:
        raise ValueError(
            gettext("The file that was chosen before is gone. Please choose it again.")
        )

    @after_this_request
    def close(response: Response) -> Response:
        stream.close()
        return response

    return PendingUpload(file, stream, claims["filename"])


def _purpose(field_name: str) -> list[str | None]:
    # The session's cookie is the user's own, signed in or not.
    if _SALT not in session:
        session[_SALT] = secrets.token_hex(16)
    return [session[_SALT], request.endpoint, field_name]


def _signer() -> URLSafeTimedSerializer:
    keys = [*(current_app.config.get("SECRET_KEY_FALLBACKS") or ()), current_app.secret_key]
    return URLSafeTimedSerializer(keys, salt=_SALT, signer_kwargs={"digest_method": hashlib.sha256})
