"""The extension's routes for stored files: their own URLs where S3 has none, and those of permanent
URLs.
"""

import os
from typing import NoReturn

from flask import abort, current_app, redirect, request
from werkzeug.wrappers import Response

from s3_saver import (
    BucketNotFoundError,
    NotConfiguredError,
    NotFoundError,
    S3SaverError,
    Storages,
    StorageUnavailableError,
    StoredFile,
    UnsafeNameError,
    location_of,
)
from untrusted_files import response_headers

from .._names import PENDING
from .._own_settings import STREAM
from .._state import State, request_state
from .._urls import is_pending
from ._caching import file_caching, redirect_caching
from ._cookies import cookie_name
from ._sending import send

_WRONG_LINK = "This link is not valid, or it has expired: reload the page that it is on."

# What the visitor cannot help, and what may pass.
_AWAY = (StorageUnavailableError, BucketNotFoundError)


def serve(name: str) -> Response:
    """Send a file, with ranges and conditional requests; what may run script, as a download."""
    state = request_state()
    if name.startswith(PENDING):
        abort(404)
    if state.settings.private and not _may_read(state, name):
        abort(403, _WRONG_LINK)
    file = StoredFile(name, store=state.store.name).bind(state.storages)
    disposition = ""
    if download := request.args.get("download"):
        disposition = state.signer.read_download(name, download)
        if not disposition:
            abort(403, _WRONG_LINK)
    return _send(state, file, is_asked=False, disposition=disposition)


def _may_read(state: State, name: str) -> bool:
    # A browser sends the cookies of two folders that hold each other.
    folders = request.cookies.getlist(cookie_name(state.store))
    return state.signer.allows_url(name, request.args.get("signature", "")) or any(
        state.signer.allows_folder(name, folder) for folder in folders
    )


def permanent(token: str, filename: str) -> Response:  # noqa: ARG001 - it is for people
    """Lead to a file by its permanent URL, if the app lets the visitor read it."""
    state = request_state()
    file = state.signer.read_file(token)
    if file is None:
        abort(404)
    is_asked = state.authorize_read is not None
    try:
        file = _where_it_is_now(file.bind(state.storages), state.storages)
        if state.authorize_read and not state.authorize_read(file):
            abort(403, "You may not open this file.")
        if not file.storage_type or state.settings.serve == STREAM:
            return _send(state, file, is_asked=is_asked)
        response = redirect(file.url)
    except (NotConfiguredError, UnsafeNameError):
        abort(404)
    except _AWAY as error:
        _report_away(error)
    settings = state.settings
    response.headers["Cache-Control"] = redirect_caching(
        private=settings.private, is_asked=is_asked, left=settings.url_expires
    )
    return response


def _where_it_is_now(file: StoredFile, storages: Storages) -> StoredFile:
    """Return a file at its own place or, if ``flask uploads migrate`` has moved it, at the place of
    new files.

    An object that should be in the bucket of new files is not asked for: the redirect need not
    wait for S3.
    """
    storage_type, bucket_name = location_of(storages.current)
    if (file.storage_type, file.bucket_name) == (storage_type, bucket_name):
        return file
    if not file.storage_type and _size_of(file) is not None:
        return file
    moved = file.replace(storage_type=storage_type, bucket_name=bucket_name)
    return moved if _size_of(moved) == file.size else file


def _size_of(file: StoredFile) -> int | None:
    try:
        return file.storages.storage_of(file).stat(file.name).size
    except (NotFoundError, NotConfiguredError):
        return None


def _report_away(error: S3SaverError) -> NoReturn:
    current_app.logger.error("a file cannot be sent: %s", error)
    abort(503)


def _send(state: State, file: StoredFile, *, is_asked: bool, disposition: str = "") -> Response:
    try:
        storage = state.storages.storage_of(file)
        if is_pending(storage, file.name):
            abort(404)
        response, content_type = send(storage, file.name, state.settings)
    except (FileNotFoundError, UnsafeNameError):  # it may have been deleted this very moment
        abort(404)
    except _AWAY as error:
        _report_away(error)
    response.headers.update(response_headers(content_type, os.path.basename(file.name)))
    if disposition:
        response.headers["Content-Disposition"] = disposition
    response.headers["Cache-Control"] = file_caching(
        never_changes=state.registered.is_column_made(file.name),
        private=state.settings.private,
        is_asked=is_asked,
    )
    return response
