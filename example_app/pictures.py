"""Saving and deleting pictures, so that a row always names a file that is there."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO

from flask import current_app as app
from flask import flash
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from example_app.models import HasImage, Picture, Thingy, db
from example_app.storage import uploads
from example_app.thumbnails import delete_thumbnails
from s3_saver import S3SaverError, StoredFile


def save_picture(thingy: Thingy, file: IO[bytes], extension: str) -> None:
    """Put a picture in the place of the old one: store the new file, commit, delete the old file
    and its thumbnails.

    If the commit fails the new file is deleted, and the row still names the old one.

    :raises S3SaverError: the file could not be stored.
    :raises sqlalchemy.exc.SQLAlchemyError: the row could not be changed.
    """
    old = thingy.stored
    thingy.stored = uploads().storages.save(f"thingy/{new_name(extension)}", file)
    commit_new(thingy)
    delete_files(old)


def empty(thingy: Thingy) -> None:
    """Empty the row, then delete the file and its thumbnails.

    :raises sqlalchemy.exc.SQLAlchemyError: the row could not be changed.
    """
    old = thingy.stored
    thingy.forget_image()
    db.session.commit()
    delete_files(old)


def delete_picture(picture: Picture) -> None:
    """Delete the row, then the file and its thumbnails.

    :raises sqlalchemy.exc.SQLAlchemyError: the row could not be deleted.
    """
    old = picture.stored
    db.session.delete(picture)
    db.session.commit()
    delete_files(old)


def commit_new(row: HasImage) -> None:
    """Commit a row that names a new file. If that fails, the file is deleted again.

    If the database goes away at that moment, nobody knows what it did: the file stays then, and
    ``flask admin-uploads prune`` lists it if no row names it.

    :raises sqlalchemy.exc.SQLAlchemyError: the row could not be changed.
    """
    new, kind = row.stored, type(row)
    try:
        db.session.add(row)
        db.session.commit()
    except BaseException as error:
        db.session.rollback()
        named = _is_named(kind, new)
        if named:
            return  # the answer was lost, not the commit
        was_cut_off = isinstance(error, DBAPIError) and error.connection_invalidated
        if named is False and not was_cut_off:
            delete_files(new)
        raise


def _is_named(kind: type[HasImage], file: StoredFile | None) -> bool | None:
    """Return whether a row names a file; ``None`` if the database does not say."""
    try:
        rows = db.session.query(kind).filter(kind.image == (file.name if file else ""))
        return bool(db.session.scalar(select(rows.exists())))
    except SQLAlchemyError:
        db.session.rollback()
        return None


def new_name(extension: str) -> str:
    """Return a file name that nothing has: the time in UTC and a random part."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}{extension}"


def delete_files(file: StoredFile | None) -> None:
    """Delete a picture that no row names any more, and its thumbnails."""
    # The original goes first: while it is there, a page may make another thumbnail of it.
    if file:
        with leftovers_told(file):
            file.delete()
            delete_thumbnails(file)


@contextmanager
def leftovers_told(file: StoredFile) -> Iterator[None]:
    """Report to the user, and in full to the log, if files that nobody needs any more stay.

    That harms nobody, and can't undo what is committed.
    """
    try:
        yield
    except S3SaverError:
        app.logger.exception("%s is not needed any more, but could not be deleted", file)
        flash("A file that is not needed any more could not be deleted.", "warning")
