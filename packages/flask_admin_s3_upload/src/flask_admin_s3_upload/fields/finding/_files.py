"""One file of a storage, as rows and changes mean it."""

from typing import NamedTuple

from flask import current_app, has_app_context

from s3_saver import (
    PENDING_FOLDER,
    PrefixRegistry,
    Storage,
    StoredFile,
    UnsafeNameError,
    check_name,
)

from ..._locations import location


class File(NamedTuple):
    """One file, whether it is there or not.

    :param stored: where it is, bound.
    :param part_of: the name of the picture whose thumbnail this is: rows name that one.
    """

    stored: StoredFile
    part_of: str | None = None

    @property
    def row_name(self) -> str:
        """What a row says that has this file."""
        return self.part_of or self.stored.name

    @property
    def location(self) -> str:
        return location(self.stored)


def check_row_name(name: str) -> str:
    """Return *name* if it can be that of a row's file.

    :raises s3_saver.UnsafeNameError: it leads out of the storage, or to an upload that nobody has
        committed.
    """
    if check_name(name).startswith(PENDING_FOLDER):
        rule = "it is in the folder of uploads that no row names yet"
        raise UnsafeNameError(f"name {name!r} is not safe: {rule}", name=name, rule=rule)
    return name


def is_pending(storage: Storage, name: str) -> bool:
    """Report whether a file waits for a form, be it one of a sibling that shares the folder."""
    if not has_app_context():
        return False
    return PrefixRegistry.of(current_app.extensions).is_pending(storage, name)
