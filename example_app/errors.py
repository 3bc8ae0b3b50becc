"""Errors in words that a user can do something with; the log has the details."""

from flask import Flask, render_template
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
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


def in_words(error: Exception) -> str:
    """Tell a user why a change was not made."""
    return next(words for kind, words in _CHANGES.items() if isinstance(error, kind))


def register(app: Flask) -> None:
    """Answer errors with pages like the others."""

    @app.errorhandler(HTTPException)
    def error_page(error: HTTPException) -> tuple[str, int]:
        status = error.code or 500
        words = _PAGES.get(type(error), error.description or error.name)
        return render_template("error.html", status=status, words=words), status
