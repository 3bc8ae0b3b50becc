"""What an app has registered for the commands that go through its rows."""

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import current_app

from s3_saver import StoredFile

from ._once import OncePerApp
from .exceptions import ConfigError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

# In app.extensions, of Flask-SQLAlchemy and of Flask-SQLAlchemy-Lite.
_FLASK_SQLALCHEMY = "sqlalchemy"


@dataclass(frozen=True)
class Model:
    """Objects that hold stored files; see :meth:`Uploads.register_model`."""

    find_objects: Callable[[], Iterable[Any]]
    field: str
    commit: Callable[[Any], object]

    @property
    def deletes_originals(self) -> bool:
        return False

    def objects(self) -> list[Any]:
        return list(self.find_objects())

    def files(self, obj: Any) -> list[StoredFile]:
        value = getattr(obj, self.field)
        if not value:
            return []
        return [value if isinstance(value, StoredFile) else StoredFile.from_dict(value)]

    def set_files(self, obj: Any, moved: Iterable[tuple[StoredFile, StoredFile]]) -> None:
        as_is = isinstance(getattr(obj, self.field), StoredFile)
        for _, place in moved:
            setattr(obj, self.field, place if as_is else place.to_dict())
        self.commit(obj)


@dataclass(frozen=True)
class DeclaredColumn:
    """A column by :meth:`Uploads.column`.

    :param folder: of its files, with its slash.
    :param purpose: of its direct uploads, if it takes some.
    """

    folder: str
    purpose: str | None


@dataclass
class Registered:
    """What was declared by :meth:`Uploads.column`, and what :meth:`Uploads.register_model` and
    :meth:`Uploads.register_session` were passed.

    :param columns: of all models.
    :param models: by name.
    :param find_session: returns the session by which commands read and change rows.
    :param once: the names of models.
    """

    columns: set[DeclaredColumn] = field(default_factory=set)
    models: dict[str, Model] = field(default_factory=dict)
    find_session: "Callable[[], Session] | None" = None
    once: OncePerApp = field(default_factory=OncePerApp)

    def add_model(self, name: str, model: Model) -> None:
        """
        :raises ConfigError: there is one of that name, whose files ``flask uploads prune`` would
            then delete.
        """
        if not self.once.add(name, model.find_objects):
            raise ConfigError(
                f"a model {name!r} is registered already: call uploads.register_model({name!r}, …)"
                " in one place, or choose another name"
            )
        self.models[name] = model

    def is_column_made(self, name: str) -> bool:
        """Report whether a column has made a file's name, which no other file will ever have: an
        id in the folder of the column. Digits alone could be a date, or another's number.
        """
        folder, _, base = name.rpartition("/")
        is_id = re.fullmatch("(?=.*[a-f])[0-9a-f]{16}", os.path.splitext(base)[0])
        return bool(is_id) and f"{folder}/" in {one.folder for one in self.columns}

    def session(self) -> "Session":
        """Return the commands' session, by default Flask-SQLAlchemy's or Flask-SQLAlchemy-Lite's.

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
