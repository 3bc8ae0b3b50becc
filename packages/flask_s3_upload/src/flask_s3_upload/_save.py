"""From a request's file to a stored file."""

import os
from typing import IO, Unpack

from werkzeug.datastructures import FileStorage

from s3_saver import ArgumentError, ObjectOptions, StoredFile, location_of
from untrusted_files import Rules, extension_of, measure

from ._arguments import check_file, check_to, check_type
from ._names import final_name, with_id
from ._state import State
from ._storages import save_checked, stored_as, with_disposition
from .exceptions import NoFileError


def save(
    state: State,
    file: FileStorage | IO[bytes],
    to: str,
    *,
    rules: Rules,
    overwrite: bool,
    background: bool,
    **options: Unpack[ObjectOptions],
) -> StoredFile:
    """Check a file and store it; see :meth:`Uploads.save`."""
    check_to(to)
    check_type("rules", rules, Rules, "Rules(…)")
    if overwrite and background:
        raise ValueError("pass overwrite or background, not both: one of two may come last")
    stream, filename = opened(file)
    name = final_name(to, filename)
    if overwrite and state.registered.is_column_made(name):
        raise ArgumentError(
            "to",
            name,
            "another name where overwrite=True is passed",
            ": files of a column never change, so that caches can keep them; assign the new file"
            " to its row",
        )
    # A whole name need not have an extension: then the file's own says what it should be.
    checked = rules.check(stream, name if extension_of(name) else filename)
    storages = state.storages
    if background and location_of(storages.current)[0]:
        stored = stored_as(storages, with_id(name), checked, filename)
        state.background.add(stored, stream, with_disposition(options, checked.content_type))
        return stored
    stored = save_checked(
        storages, name, stream, checked, filename=filename, overwrite=overwrite, **options
    )
    if background:
        state.background.report_sent(stored)
    return stored


def opened(file: FileStorage | IO[bytes]) -> tuple[IO[bytes], str]:
    """Return the stream and the client's name of a file.

    :raises NoFileError: none was chosen.
    """
    if not isinstance(file, FileStorage):
        check_file(file)
        return file, _name_on_disk(file)
    check_file(file.stream)
    if not file.filename and not measure(file.stream):
        raise NoFileError("No file was chosen: choose one.")
    return file.stream, file.filename or ""


def _name_on_disk(file: IO[bytes]) -> str:
    """Return the name of an open file, as text that rows and URLs can have.

    A temporary file has the number of a descriptor in its place, and a name on a disk may have
    bytes that are no UTF-8 (PEP 383).
    """
    name = getattr(file, "name", "")
    if isinstance(name, int):
        return ""
    return os.fsdecode(name).encode(errors="replace").decode()
