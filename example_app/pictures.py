"""Saving and deleting the picture of a row, so that the row always names a file that is there."""

import secrets
from datetime import UTC, datetime
from typing import IO, NamedTuple

from flask import current_app as app
from flask import flash

from example_app.formats import CONTENT_TYPES
from example_app.models import Thingy, db
from example_app.storage import picture_saver
from example_app.thumbnails import thumbnail
from s3_saver import S3SaverError


class Place(NamedTuple):
    """Where a file is: what :class:`~s3_saver.S3Saver` calls need to find it again."""

    filename: str
    storage_type: str
    bucket_name: str


def save_picture(thingy: Thingy, file: IO[bytes], extension: str) -> None:
    """Put a picture in the place of the old one: store the new file, commit, delete the old file
    and its thumbnails.

    If the commit fails the new file is deleted, and the row still names the old one.

    :raises S3SaverError: the file could not be stored.
    :raises sqlalchemy.exc.SQLAlchemyError: the row could not be changed.
    """
    old = _place(thingy)
    picture_saver().save(
        file, f"thingy/{new_name(extension)}", thingy, content_type=CONTENT_TYPES[extension]
    )
    new = _place(thingy)
    try:
        db.session.add(thingy)
        db.session.commit()
    except BaseException:
        db.session.rollback()
        _delete_files(new)
        raise
    _delete_files(old)


def delete_picture(thingy: Thingy) -> None:
    """Empty the row, then delete the file and its thumbnails.

    :raises sqlalchemy.exc.SQLAlchemyError: the row could not be changed.
    """
    old = _place(thingy)
    thingy.forget_image()
    db.session.commit()
    _delete_files(old)


def new_name(extension: str) -> str:
    """Give a file name that nothing has: the time in UTC and a random part."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}{extension}"


def _place(thingy: Thingy) -> Place:
    # A row that is not in the database yet has no values at all.
    return Place(
        thingy.image or "",
        thingy.image_storage_type or "",
        thingy.image_storage_bucket_name or "",
    )


def _delete_files(place: Place) -> None:
    # No row names the file any more. That it stays harms nobody and can't undo what is committed:
    # it is told to the user and, in full, to the log. The original goes first: while it is there, a
    # page may make another thumbnail of it.
    if not place.filename:
        return
    filename, storage_type, bucket_name = place
    try:
        picture_saver().delete(filename, storage_type=storage_type, bucket_name=bucket_name)
        thumbnail.delete(filename, storage_type=storage_type, bucket_name=bucket_name)
    except S3SaverError:
        app.logger.exception("%s is not needed any more, but could not be deleted", place)
        flash("A file that is not needed any more could not be deleted.", "warning")
