"""Who uploads: the app's user, or the browser."""

import secrets
from collections.abc import Callable

from flask import session

from ._arguments import id_of_user

_SESSION_KEY = "_uploads_user"


class CurrentUser:
    """Finds the id that direct uploads are bound to.

    :param find: returns the id of the current user; without it, or if it returns ``None``, uploads
        are bound to the browser, by a random id in Flask's session.
    """

    def __init__(self, find: Callable[[], object] | None) -> None:
        self._find = find

    def id(self, user: object = None) -> str:
        """Return the id of a user as a token has it.

        :param user: the app's own id; by default that of the current user.
        """
        if user is not None:
            return id_of_user(user)
        if self._find and (found := self._find()) is not None:
            return id_of_user(found)
        if _SESSION_KEY not in session:
            session[_SESSION_KEY] = secrets.token_urlsafe(16)
        return f"browser:{session[_SESSION_KEY]}"
