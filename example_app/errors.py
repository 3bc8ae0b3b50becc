"""Errors in words that help users; the log has the details."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from flask import Flask, flash, render_template, request, url_for
from flask import current_app as app
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError, SQLAlchemyError
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    NotFound,
    RequestEntityTooLarge,
)

from example_app.models import db
from flask_s3_upload import ClaimError
from s3_saver import S3SaverError, StorageUnavailableError

# Why a change was not made. The first kind that fits is used.
_CHANGES: dict[type[Exception], str] = {
    StorageUnavailableError: "The storage does not answer: try again in a moment.",
    S3SaverError: "The storage reports an error: try again later.",
    IntegrityError: "Somebody else saved a picture at the same moment: try again.",
    SQLAlchemyError: "The database did not take the change: try again later.",
}

# Why there is an error page instead of the page that was asked for.
_PAGES: dict[type[HTTPException], str] = {
    CSRFError: "The form has expired: go back to the page and try again.",
    NotFound: "There is no such page.",
    RequestEntityTooLarge: "This file is too large: choose a smaller one.",
    InternalServerError: "Something went wrong on the server: try again later.",
}

_DATABASE_GONE = "The database does not answer: try again in a moment."


def in_words(error: Exception) -> str:
    """Return in words why a change was not made."""
    if isinstance(error, ClaimError):
        return str(error)
    return next(words for kind, words in _CHANGES.items() if isinstance(error, kind))


@contextmanager
def outcome_flashed(done: str) -> Iterator[None]:
    """Flash to the user that a change is *done*, or in words why it is not."""
    try:
        yield
    except (ClaimError, S3SaverError, SQLAlchemyError) as error:
        db.session.rollback()
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
        return error_page_of(503, _DATABASE_GONE)

    @flask_app.errorhandler(S3SaverError)
    def storage_page(error: S3SaverError) -> tuple[str, int]:
        app.logger.error("the storage fails", exc_info=error)
        return error_page_of(503, in_words(error))

    @flask_app.errorhandler(HTTPException)
    def error_page(error: HTTPException) -> tuple[str, int]:
        status = error.code or 500
        words = _PAGES.get(type(error), error.description or error.name)
        return error_page_of(status, words)


def error_page_of(status: int, words: str) -> tuple[str, int]:
    home = url_for("site.home")
    back = home if status in (403, 404) else nearest_page(request.path) or home
    return render_template("error.html", status=status, words=words, back=back), status


def nearest_page(path: str) -> str:
    """Return the page where a form stood that was sent to *path*; empty if there is none.

    It is there itself, or above: ``/gallery/1/delete`` leads back to ``/gallery``.
    """
    adapter = app.create_url_adapter(request)
    while adapter and path.strip("/"):
        for page in (path, f"{path}/"):
            with suppress(HTTPException):
                adapter.match(page, method="GET")
                return page
        path = path.rpartition("/")[0]
    return ""
