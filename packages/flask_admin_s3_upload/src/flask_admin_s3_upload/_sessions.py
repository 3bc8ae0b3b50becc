"""The SQLAlchemy session of a view, and what rows say in it. Imported where SQLAlchemy is."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Mapper, Session, scoped_session

from s3_saver import StoredFile
from sqlalchemy_s3_files import FileType


def session_of_view(view: Any) -> Session | None:
    """Return the session that a view of Flask-Admin adds its objects to."""
    session = getattr(view, "session", None)
    session = getattr(session, "session", session)  # Flask-Admin 2 takes the extension, too
    if isinstance(session, scoped_session):
        session = session()
    return session if isinstance(session, Session) else None


def read_all(view: Any, model: type, attributes: tuple[str, ...]) -> list[tuple[Any, ...]] | None:
    """Return these attributes of all rows; None if SQLAlchemy does not know the model.

    Tables are read, and not the model: an app may hide rows, as those that it has deleted softly,
    and rows of the class that the model inherits from may name files in the same folder.
    """
    session = session_of_view(view)
    mapper: Any = inspect(model, raiseerr=False)
    if session is None or not isinstance(mapper, Mapper):
        return None
    if all(name in mapper.base_mapper.column_attrs for name in attributes):
        mapper = mapper.base_mapper
    bind = {"mapper": mapper}
    table = mapper.persist_selectable
    if all(name in mapper.column_attrs for name in attributes):
        query = select(*(mapper.columns[name] for name in attributes)).select_from(table)
        return [tuple(row) for row in session.execute(query, bind_arguments=bind)]
    every: Any = select(mapper.class_).from_statement(select(table))
    objects = session.scalars(every, bind_arguments=bind).unique()
    return [tuple(getattr(obj, name, None) for name in attributes) for obj in objects]


def read_file_columns(view: Any) -> Iterator[StoredFile]:
    """Yield the files that columns of stored files name, in any row of any class that is declared
    with the model of a view.
    """
    session = session_of_view(view)
    mapper: Any = inspect(getattr(view, "model", None), raiseerr=False)
    if session is None or not isinstance(mapper, Mapper):
        return
    columns = {
        column: other
        for other in mapper.registry.mappers
        for column in other.columns
        if isinstance(column.type, FileType)
    }
    for column, other in columns.items():
        query = select(column).where(column.is_not(None))
        for value in session.scalars(query, bind_arguments={"mapper": other}):
            yield from value if isinstance(value, list) else [value]
