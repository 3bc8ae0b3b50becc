"""What an app has registered for the commands that go through its rows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import current_app

from ._migrate import Model
from .exceptions import ConfigError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

# In app.extensions, of Flask-SQLAlchemy and of Flask-SQLAlchemy-Lite.
_FLASK_SQLALCHEMY = "sqlalchemy"


@dataclass
class Registered:
    """What :meth:`Uploads.register_model` and :meth:`Uploads.register_session` were passed.

    :param models: by name.
    :param find_session: returns the session by which commands read and change rows.
    """

    models: dict[str, Model] = field(default_factory=dict)
    find_session: "Callable[[], Session] | None" = None

    def session(self) -> "Session":
        """Return that session, by default that of Flask-SQLAlchemy or Flask-SQLAlchemy-Lite.

        :raises ConfigError: there is none.
        """
        if self.find_session is not None:
            return self.find_session()
        extension = current_app.extensions.get(_FLASK_SQLALCHEMY)
        if extension is None:
            raise ConfigError(
                "no session leads to the rows of this app: call"
                " uploads.register_session(lambda: Session(engine)) where the app is made"
            )
        # The one has a registry of sessions, the other the current one itself.
        session: Session = extension.session() if callable(extension.session) else extension.session
        return session
