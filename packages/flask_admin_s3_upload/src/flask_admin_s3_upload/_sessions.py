"""The SQLAlchemy session of a view, and what rows say in it. Imported where SQLAlchemy is."""

from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Mapper, Session, scoped_session


def session_of_view(view: Any) -> Session | None:
    """Return the session that a view of Flask-Admin adds its objects to."""
    session = getattr(view, "session", None)
    session = getattr(session, "session", session)  # Flask-Admin 2 takes the extension, too
    if isinstance(session, scoped_session):
        session = session()
    return session if isinstance(session, Session) else None


def read_all(view: Any, model: type, attributes: tuple[str, ...]) -> list[tuple[Any, ...]] | None:
    """Return these attributes of all rows; None if SQLAlchemy does not know the model."""
    session = session_of_view(view)
    mapper: Any = inspect(model, raiseerr=False)
    if session is None or not isinstance(mapper, Mapper):
        return None
    if all(name in mapper.column_attrs for name in attributes):
        columns = [getattr(model, name) for name in attributes]
        return [tuple(row) for row in session.execute(select(*columns))]
    objects: Any = session.scalars(select(model)).unique()
    return [tuple(getattr(obj, name, None) for name in attributes) for obj in objects]
