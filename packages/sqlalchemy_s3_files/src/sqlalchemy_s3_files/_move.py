"""Rows whose files were moved to another place, such as from disk to S3."""

from collections.abc import Iterable

from sqlalchemy import inspect
from sqlalchemy.orm import object_session

from s3_saver import ArgumentError, Storages, StoredFile

from ._field import State
from ._fields import fields_of
from ._models import is_in
from ._rows import lock_and_read
from ._sessions import connection_of


def files_of(obj: object, storages: Storages | None = None) -> list[StoredFile]:
    """Return the files that an object of a mapped class names.

    :param storages: where they are; by default, wherever.
    """
    state: State = inspect(obj)
    return [
        file
        for field in fields_of(state.mapper)
        if storages is None or is_in(field, storages)
        for file in field.named(obj)
    ]


def move_files(obj: object, moved: Iterable[tuple[StoredFile, StoredFile]]) -> bool:
    """Let a row name files at their new places, to which they were copied.

    The originals are deleted after the commit, unless another row names them; a rollback leaves
    originals and copies.

    :param obj: an object of a session, without changes that wait for a flush.
    :param moved: each file that the row names, and the same file at its new place.
    :return: whether it was done. If the row names other files by now, because somebody has replaced
        them meanwhile, nothing is done.
    :raises s3_saver.ArgumentError: *obj* is in no session.
    """
    state: State = inspect(obj)
    session = object_session(obj)
    if session is None or state.identity is None:
        raise ArgumentError("obj", obj, "an object of a session, whose row is there")
    places = {file.location: place for file, place in moved}
    connection = connection_of(session, state.mapper)
    rows = lock_and_read(connection, state.mapper, [tuple(state.identity)])
    named = {file.location for _, _, files in rows for file in files}
    if not places.keys() <= named:
        return False
    for field in fields_of(state.mapper):
        field.move(obj, places)
    return True
