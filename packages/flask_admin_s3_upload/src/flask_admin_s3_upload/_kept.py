"""Chosen uploads whose form did not pass: stored aside, named by a signed token in the form.

A token is good for one field of one view, in one browser's session, for one day.
"""

import hashlib
import logging
import os
import secrets
from collections.abc import Callable, Container, Iterable
from typing import IO, Any, TypeVar

from flask import Response, after_this_request, current_app, has_request_context, request, session
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.datastructures import FileStorage

from s3_saver import (
    PENDING_FOLDER,
    NotConfiguredError,
    NotFoundError,
    S3SaverError,
    Storages,
    StoredFile,
)
from untrusted_files import clean_filename

from ._flask_admin import gettext
from ._locations import object_options
from ._markup import Shown
from ._own_urls import signing_keys
from ._refusals import not_stored

logger = logging.getLogger("flask_admin_s3_upload")

U = TypeVar("U")

LIFETIME = 24 * 60 * 60  # seconds that a token is good; files are pruned after no less

_SALT = "flask_admin_s3_upload.pending"


class KeptUpload(FileStorage):
    """An upload of an earlier request.

    :param file: where it is stored.
    """

    def __init__(self, file: StoredFile, stream: IO[bytes]) -> None:
        super().__init__(stream, file.filename)
        self.file = file


def can_keep(form: Any) -> bool:
    """Report whether an upload may be stored for a form that is shown again: there is a key to sign
    its token, and whoever posted it has had the form from here.
    """
    if not has_request_context() or not current_app.secret_key:
        return False
    meta = getattr(form, "meta", None)
    field = getattr(form, "_fields", {}).get(getattr(meta, "csrf_field_name", ""))
    return field is None or not (getattr(meta, "csrf", False) and field.errors)


def keep(upload: FileStorage, storages: Storages, **about: Any) -> StoredFile:
    """Store an upload until its form passes; one that is kept already stays.

    :param about: what :meth:`s3_saver.Storages.save` takes of a file: ``filename`` and so on.
    """
    if isinstance(upload, KeptUpload):
        return upload.file
    extension = os.path.splitext(clean_filename(about["filename"]))[1]
    name = f"{PENDING_FOLDER}{secrets.token_hex(16)}{extension}"
    upload.stream.seek(0)
    return storages.save(name, upload.stream, overwrite=False, **about, **object_options(name))


def sign(file: StoredFile, field_name: str) -> str:
    """Return the token by which the form can claim a file that was kept."""
    return str(_signer(field_name).dumps(file.to_dict()))


def keep_all(
    field: Any, keep_one: Callable[[U], Shown], name_of: Callable[[U], str]
) -> list[Shown]:
    """Return the chosen files of a field, which its form has kept until it passes.

    :param keep_one: keeps an upload, and returns what the form shows of it.
    """
    if field.errors or not field.uploads or not can_keep(field._form):  # noqa: SLF001
        return []
    shown = []
    for upload in field.uploads:
        try:
            shown.append(keep_one(upload))
        except (S3SaverError, ValueError) as error:
            name = name_of(upload)
            logger.warning("the form is shown without the chosen file %r: %s", name, error)
    return shown


def claim(token: str, storages: Storages, field_name: str) -> KeptUpload:
    """Return the upload that a token names.

    :raises ValueError: the token is forged, another's or too old, or its file was pruned.
    """
    try:
        file = StoredFile.from_dict(_signer(field_name).loads(token, max_age=LIFETIME))
        file = file.bind(storages)
        stream = file.open()
    except (BadData, NotFoundError, NotConfiguredError) as error:
        text = gettext("The file that was chosen before is gone: choose it again.")
        raise ValueError(text) from error

    @after_this_request
    def close(response: Response) -> Response:
        stream.close()
        return response

    return KeptUpload(file, stream)


def claim_all(
    tokens: Iterable[str], dropped: Container[str], storages: Storages, field_name: str
) -> tuple[list[FileStorage], str]:
    """Return the uploads that tokens name, and what is wrong with them, in words; those that were
    dropped are deleted.
    """
    claimed: list[FileStorage] = []
    try:
        for token in tokens if current_app.secret_key else ():
            upload = claim(token, storages, field_name)
            if token in dropped:
                upload.file.delete()
            else:
                claimed.append(upload)
    except S3SaverError as error:
        logger.warning("%s: a kept upload cannot be read: %s", field_name, error)
        return [], not_stored()
    except ValueError as error:
        return [], str(error)
    return claimed, ""


def _signer(field_name: str) -> URLSafeTimedSerializer:
    """Return what signs for one field of this view, in this browser."""
    # The session's cookie is the user's own, signed in or not.
    if _SALT not in session:
        session[_SALT] = secrets.token_hex(16)
    salt = " ".join([_SALT, session[_SALT], str(request.endpoint), field_name])
    sha256 = {"digest_method": hashlib.sha256}
    return URLSafeTimedSerializer(signing_keys(), salt=salt, signer_kwargs=sha256)
