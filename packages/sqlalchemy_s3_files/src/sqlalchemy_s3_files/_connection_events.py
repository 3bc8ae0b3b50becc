"""What the engine reports of transactions, savepoints and connections."""

from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, ExceptionContext
from sqlalchemy.pool import Pool
from sqlalchemy.sql.elements import SavepointClause

from ._connections import KEY, ConnectionFiles, running


@event.listens_for(Engine, "begin")
@event.listens_for(Engine, "begin_twophase")
def _on_begin(connection: Connection, *_: object) -> None:
    if files := running(connection):
        files.end()


@event.listens_for(Engine, "commit")
@event.listens_for(Engine, "commit_twophase")
def _on_commit(connection: Connection, *_: object) -> None:
    if files := running(connection):
        files.note_commit()


@event.listens_for(Engine, "rollback")
@event.listens_for(Engine, "rollback_twophase")
def _on_rollback(connection: Connection, *_: object) -> None:
    if files := running(connection):
        files.note_rollback()


@event.listens_for(Engine, "before_execute")
def _on_execute(connection: Connection, statement: object, *_: object) -> None:
    # The event "savepoint" does not know the name, unlike those that end one.
    if isinstance(statement, SavepointClause) and (files := running(connection)):
        files.begin_nested(statement.ident)


@event.listens_for(Engine, "release_savepoint")
def _on_release(connection: Connection, name: str, *_: object) -> None:
    if files := running(connection):
        files.release(name)


@event.listens_for(Engine, "rollback_savepoint")
def _on_rollback_savepoint(connection: Connection, name: str, *_: object) -> None:
    if files := running(connection):
        files.roll_back_nested(name)


@event.listens_for(Engine, "handle_error")
def _on_error(context: ExceptionContext) -> None:
    files = running(context.connection)
    if files is not None and files.is_commit_tried:
        files.has_commit_failed = True
        files.is_connection_lost = context.is_disconnect


@event.listens_for(Pool, "checkin")
def _on_checkin(_: Any, record: Any) -> None:
    files: ConnectionFiles | None = record.info.pop(KEY, None)
    # A session that owns the connection ends it a moment later, when the pool has it back.
    if files is not None and (files.is_joined or files.connection() is None):
        files.end()
