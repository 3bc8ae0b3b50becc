"""Chosen uploads whose form did not pass: stored aside, named by a signed token in the form.

A token is good for one field of one view, in one browser's session, for one day.
"""

import hashlib
import os
import secrets
from typing import IO

from flask import Response, after_this_request, current_app, request, session
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.datastructures import FileStorage

from s3_saver import PENDING_FOLDER, NotFoundError, Storages, StoredFile
from untrusted_files import clean_filename

from ._files import object_options
from ._flask_admin import gettext

LIFETIME = 24 * 60 * 60  # seconds that a token is good; files are pruned after no less

_SALT = "flask_admin_s3_upload.pending"


class PendingUpload(FileStorage):
    """An upload of an earlier request.

    :param file: where it is stored.
    """

    def __init__(self, file: StoredFile, stream: IO[bytes], filename: str) -> None:
        super().__init__(stream, filename)
        self.file = file


def put_aside(upload: FileStorage, filename: str, storages: Storages) -> StoredFile:
    """Store an upload till its form passes; one that is there already stays."""
    if isinstance(upload, PendingUpload):
        return upload.file
    extension = os.path.splitext(clean_filename(filename))[1]
    name = f"{PENDING_FOLDER}{secrets.token_hex(16)}{extension}"
    return storages.save(name, upload.stream, overwrite=False, **object_options(name))


def sign(file: StoredFile, filename: str, field_name: str) -> str:
    """Return the token by which the form can claim a file that was put aside."""
    claims = {"name": file.name, "filename": filename, "for": _purpose(field_name)}
    return str(_signer().dumps(claims))


def claim(token: str, storages: Storages, field_name: str) -> PendingUpload:
    """Return the upload that a token names.

    :raises ValueError: the token is forged, another's or too old, or its file was pruned.
    """
    try:
        claims = _signer().loads(token, max_age=LIFETIME)
        info = storages.current.stat(claims["name"])
        is_ours = claims["for"] == _purpose(field_name)
        stream = storages.current.open(info.name) if is_ours else None
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

    return PendingUpload(storages.stored(info), stream, claims["filename"])


def _purpose(field_name: str) -> list[str | None]:
    # The session's cookie is the user's own, signed in or not.
    if _SALT not in session:
        session[_SALT] = secrets.token_hex(16)
    return [session[_SALT], request.endpoint, field_name]


def _signer() -> URLSafeTimedSerializer:
    keys = [*(current_app.config.get("SECRET_KEY_FALLBACKS") or ()), current_app.secret_key]
    return URLSafeTimedSerializer(keys, salt=_SALT, signer_kwargs={"digest_method": hashlib.sha256})
