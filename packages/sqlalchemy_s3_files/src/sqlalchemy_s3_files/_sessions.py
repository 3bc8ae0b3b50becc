"""Sessions, and the files of the connections by which they write."""

from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapper, Session, SessionTransaction

from ._connections import ConnectionFiles, files_of_connection
from ._namers import bind_arguments

_OPEN = "sqlalchemy_s3_files.open"


def connection_of(session: Session, mapper: Mapper[Any]) -> Connection:
    """Return the connection by which a session writes a class."""
    return session.connection(bind_arguments=bind_arguments(mapper))


def files_of_session(
    session: Session, mapper: Mapper[Any], arguments: dict[str, Any] | None = None
) -> ConnectionFiles:
    """Return the files of the connection by which a session writes a class.

    :param arguments: of a statement, where a session is asked with it.
    """
    if not session.in_transaction():
        session.begin()
    bind = arguments or bind_arguments(mapper)
    connection = session.connection(bind_arguments=dict(bind))
    is_joined = isinstance(session.get_bind(**bind), Connection)
    files = files_of_connection(connection, is_joined=is_joined)
    session.info.setdefault(_OPEN, set()).add(files)
    return files


@event.listens_for(Session, "after_commit")
def _after_commit(session: Session) -> None:
    # Savepoints have this event too, and sessions whose connection goes on.
    for files in session.info.get(_OPEN, ()):
        files.has_session_committed = files.is_commit_tried and files.is_ended
        files.is_committed = files.has_session_committed and not files.is_autocommit


@event.listens_for(Session, "after_transaction_end")
def _after_transaction_end(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is not None:
        return
    for files in session.info.pop(_OPEN, ()):
        if files.is_ended:
            files.end()
