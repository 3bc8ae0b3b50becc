"""Errors in words that a user can do something with; the log has the details."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, flash, render_template
from flask import current_app as app
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    NotFound,
    RequestEntityTooLarge,
)

from s3_saver import AccessDeniedError, BucketNotFoundError, S3SaverError, StorageUnavailableError

# Why a change was not made. The first kind that fits tells.
_CHANGES: dict[type[Exception], str] = {
    StorageUnavailableError: "The storage does not answer. Please try again in a moment.",
    AccessDeniedError: "The storage refuses this app: its credentials or permissions need mending.",
    BucketNotFoundError: "The storage has no such bucket: the app's settings need mending.",
    S3SaverError: "The storage reports an error.",
    StaleDataError: "Somebody else changed the picture at the same moment. Please try again.",
    IntegrityError: "Somebody else saved a picture at the same moment. Please try again.",
    SQLAlchemyError: "The database did not take the change.",
}

# Why there is an error page instead of the page that was asked for.
_PAGES: dict[type[HTTPException], str] = {
    CSRFError: "The form has expired. Please go back to the page and try again.",
    NotFound: "There is nothing here.",
    RequestEntityTooLarge: "That file is too large.",
    InternalServerError: "Something went wrong on our side. Please try again in a moment.",
}

_DATABASE_GONE = "The database does not answer. Please try again in a moment."


def in_words(error: Exception) -> str:
    """Tell a user why a change was not made."""
    return next(words for kind, words in _CHANGES.items() if isinstance(error, kind))


@contextmanager
def outcome_flashed(done: str) -> Iterator[None]:
    """Tell the user that a change is *done*, or in words why it is not."""
    try:
        yield
    except (S3SaverError, SQLAlchemyError) as error:
        app.logger.exception("Nothing was changed")
        flash(f"Nothing was changed. {in_words(error)}", "danger")
    else:
        flash(done, "success")


def register(flask_app: Flask) -> None:
    """Answer errors with pages like the others."""

    @flask_app.errorhandler(OperationalError)
    @flask_app.errorhandler(InterfaceError)
    def database_page(error: Exception) -> tuple[str, int]:
        app.logger.error("the database does not answer", exc_info=error)
        return render_template("error.html", status=503, words=_DATABASE_GONE), 503

    @flask_app.errorhandler(S3SaverError)
    def storage_page(error: S3SaverError) -> tuple[str, int]:
        app.logger.error("the storage fails", exc_info=error)
        return render_template("error.html", status=503, words=in_words(error)), 503

    @flask_app.errorhandler(HTTPException)
    def error_page(error: HTTPException) -> tuple[str, int]:
        status = error.code or 500
        words = _PAGES.get(type(error), error.description or error.name)
        return render_template("error.html", status=status, words=words), status
