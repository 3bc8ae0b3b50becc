"""The answer to a visitor whose direct upload cannot be claimed, where the app has none."""

from flask import Flask, current_app
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Conflict

from .exceptions import ClaimError, UploadsError


def answer_claims(app: Flask) -> None:
    """Answer a ClaimError that no view handles, unless the app has a handler of its own."""
    app.error_handler_spec[None][None].setdefault(ClaimError, _refuse)


def _refuse(error: ClaimError) -> ResponseReturnValue:
    if own := current_app.error_handler_spec[None][None].get(UploadsError):
        return current_app.ensure_sync(own)(error)  # type: ignore[no-any-return]
    # By way of what the app has for 409, so that the page looks like its others.
    return current_app.handle_http_exception(Conflict(str(error)))
