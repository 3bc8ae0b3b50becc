"""The extension's routes for stored files: those on disk, and those of permanent URLs."""

import os

from flask import abort, redirect, request, send_file
from werkzeug.wrappers import Response

from s3_saver import (
    LocalStorage,
    NotConfiguredError,
    NotFoundError,
    Storages,
    StoredFile,
    UnsafeNameError,
    location_of,
)
from untrusted_files import UNKNOWN_TYPE, response_headers, sniff_content_type

from ._names import PENDING
from ._state import State, request_state
from ._urls import is_pending


def serve(name: str) -> Response:
    """Send a file, with ranges and conditional requests; what may run script, as a download."""
    state = request_state()
    if name.startswith(PENDING):
        abort(404)
    signature = request.args.get("signature", "")
    if state.settings.private and not state.signer.allows_url(name, signature):
        abort(403, "This link is not valid, or no longer.")
    return _send(state, name)


def permanent(token: str, filename: str) -> Response:  # noqa: ARG001 - it is for people
    """Lead to a file by its permanent URL, if the app lets the visitor read it."""
    state = request_state()
    file = state.signer.read_file(token)
    if file is None:
        abort(404)
    file = _where_it_is_now(file.bind(state.storages), state.storages)
    if state.authorize_read and not state.authorize_read(file):
        abort(403, "You may not read this.")
    if not file.storage_type:
        return _send(state, file.name)
    try:
        response = redirect(file.url)
    except (NotConfiguredError, UnsafeNameError):
        abort(404)
    # Who may read is asked each time.
    response.cache_control.private = True
    response.cache_control.no_cache = True
    return response


def _where_it_is_now(file: StoredFile, storages: Storages) -> StoredFile:
    """Return a file at its own place or, if ``flask uploads migrate`` has moved it, at the place of
    new files.

    An object that should be in the bucket of new files is not asked for: the redirect need not
    wait for S3.
    """
    storage_type, bucket_name = location_of(storages.current)
    moved = file.replace(storage_type=storage_type, bucket_name=bucket_name)
    if moved.is_same_file(file) or (not file.storage_type and _size_of(file) is not None):
        return file
    return moved if _size_of(moved) == file.size else file


def _size_of(file: StoredFile) -> int | None:
    try:
        return file.storages.storage_of(file).stat(file.name).size
    except (NotFoundError, NotConfiguredError):
        return None


def _send(state: State, name: str) -> Response:
    storage = state.storages.find("")
    if not isinstance(storage, LocalStorage):
        abort(404)
    try:
        if is_pending(storage, name):
            abort(404)
        info = storage.stat(name)
        path = storage.path(name)
        content_type = info.content_type
        if content_type == UNKNOWN_TYPE:
            content_type = _sniff_file(path, name)
        response = send_file(
            path,
            mimetype=content_type,
            conditional=True,
            etag=info.etag,
            last_modified=info.modified,
        )
    except (FileNotFoundError, UnsafeNameError):  # it may have been deleted this very moment
        abort(404)
    response.headers.update(response_headers(content_type, os.path.basename(name)))
    if state.settings.private:
        response.cache_control.private = True
    return response


def _sniff_file(path: str, name: str) -> str:
    with open(path, "rb") as file:
        return sniff_content_type(file, name) or UNKNOWN_TYPE
