"""SQLAlchemy's transactions: which one decides over a change, and what it decides.

The listeners are on SQLAlchemy's own classes and find the changes in ``session.info``, so that
every session is covered and none is modified.

The file that a row named is read again right before its UPDATE or DELETE, under the row's lock: of
two requests that replace it at once, the second finds the first one's file and deletes it.
"""

import logging
from functools import partial
from typing import Any

from sqlalchemy import and_, event, inspect, not_, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import NoInspectionAvailable, SQLAlchemyError
from sqlalchemy.orm import (
    InstanceState,
    Mapper,
    Session,
    SessionTransaction,
    object_session,
)

from .._flask_admin import get_current_view
from .._sessions import session_of_view
from ._changes import Change, Ledger, asked_hook
from ._files import File
from ._parts import deleting_fields

logger = logging.getLogger("flask_admin_s3_upload")

_KEY = "flask_admin_s3_upload"
_COMMITTED = "flask_admin_s3_upload.committed"

_Ledgers = dict[SessionTransaction, Ledger]


def record_in_session(change: Change) -> bool:
    """Hand a change to its object's session; return False if the object is not SQLAlchemy's."""
    state = _state_of(change.obj)
    if state is None:
        return False
    session = object_session(change.obj) or session_of_view(get_current_view())
    if session is None:
        # It is added to a session later, or never becomes a row.
        state.info.setdefault(_KEY, []).append(change)
    else:
        _add(session, change)
    return True


def _state_of(obj: object) -> InstanceState[Any] | None:
    try:
        state = inspect(obj)
    except NoInspectionAvailable:
        return None
    return state if isinstance(state, InstanceState) else None


def _add(session: Session, change: Change) -> None:
    if not session.in_transaction():
        session.begin()  # without a transaction, a rollback fires no event
    ledgers = session.info.setdefault(_KEY, {})
    ledgers.setdefault(_transaction_of(session), Ledger()).changes.append(change)


def _transaction_of(session: Session) -> SessionTransaction | None:
    return session.get_nested_transaction() or session.get_transaction()


def _ledgers(session: Session) -> _Ledgers:
    ledgers: _Ledgers = session.info.get(_KEY, {})
    return ledgers


@event.listens_for(Session, "after_attach")
def _attached(session: Session, obj: object) -> None:
    state = _state_of(obj)
    if state is not None:
        for change in state.info.pop(_KEY, ()):
            _add(session, change)


@event.listens_for(Mapper, "before_update")
def _updating(mapper: Mapper[Any], connection: Connection, obj: object) -> None:
    session = object_session(obj)
    if session is None or not (ledgers := _ledgers(session)):
        return
    changes = [change for ledger in ledgers.values() for change in ledger.changes]
    ours = {saved.location for change in changes for saved in change.saved}
    for change in changes:
        if change.obj is obj and not change.read_from_row:
            # What the object said may be old by now; what we saved ourselves is not.
            known = [file for location, file in change.obsolete.items() if location in ours]
            change.replace([*known, *_files_of_row(mapper, connection, change)])
            change.read_from_row = True


@event.listens_for(Mapper, "before_delete")
def _deleting(mapper: Mapper[Any], connection: Connection, obj: object) -> None:
    session = object_session(obj)
    if session is None:
        return
    for attribute, row_files in deleting_fields(mapper.class_):
        change = Change(obj, attribute, row_files, deletes_row=True)
        change.replace(_files_of_row(mapper, connection, change))
        _add(session, change)


def _files_of_row(mapper: Mapper[Any], connection: Connection, change: Change) -> list[File]:
    """Lock the row and read what files it names."""
    columns = _columns(mapper, change)
    if columns is None:
        return list(change.obsolete.values())
    identity = inspect(change.obj).identity
    this_row = [column == value for column, value in zip(mapper.primary_key, identity, strict=True)]
    if connection.dialect.name == "sqlite":  # has no FOR UPDATE, but any write locks
        key, value = mapper.primary_key[0], identity[0]
        connection.execute(update(key.table).where(*this_row).values({key: value}))
    query = select(*columns).select_from(mapper.persist_selectable).where(*this_row)
    row = connection.execute(query.with_for_update()).one_or_none()
    return change.row_files.files(tuple(row)) if row else []


def _columns(mapper: Mapper[Any], change: Change) -> list[Any] | None:
    """Return the columns behind the attributes that say where the files are, if there are any."""
    if not all(name in mapper.column_attrs for name in change.attributes):
        return None
    return [mapper.columns[name] for name in change.attributes]


@event.listens_for(Session, "before_commit")
def _committing(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()  # finds the rows to delete; then the database knows what each row will name
    for ledger in list(_ledgers(session).values()):
        ledger.settle(partial(_is_shared, session))


def _is_shared(session: Session, change: Change, file: File) -> bool:
    if change.row_files.is_shared is not None:
        return asked_hook(change, file)
    mapper = inspect(change.obj).mapper
    return _is_in_table(session.connection(bind_arguments={"mapper": mapper}), change, file)


def is_named_by_another(change: Change, file: File) -> bool:
    """Ask the database whether another row than the change's own names a file."""
    state = _state_of(change.obj)
    session = object_session(change.obj) or session_of_view(get_current_view())
    if state is None or session is None:
        return False
    connection = session.connection(bind_arguments={"mapper": state.mapper})
    return _is_in_table(connection, change, file, but=state.identity)


def _is_in_table(
    connection: Connection, change: Change, file: File, *, but: tuple[Any, ...] | None = None
) -> bool:
    """Whether a row names a file.

    :param but: the primary key of a row that does not count.
    """
    mapper = inspect(change.obj).mapper
    columns = _columns(mapper, change)
    if columns is None or change.row_files.many:
        return False  # no database searches lists of names in the same way
    query = select(*columns).select_from(mapper.persist_selectable)
    query = query.where(columns[0] == file.row_name)
    if but:
        pairs = zip(mapper.primary_key, but, strict=True)
        query = query.where(not_(and_(*(column == value for column, value in pairs))))
    rows = connection.execute(query)
    return any(
        file.location == named.location
        for row in rows
        for named in change.row_files.files(tuple(row))
    )


@event.listens_for(Session, "after_commit")
def _committed(session: Session) -> None:
    # Savepoints have this event, too.
    if _ledgers(session):
        session.info[_COMMITTED] = _transaction_of(session)


@event.listens_for(Session, "after_transaction_end")
def _ended(session: Session, transaction: SessionTransaction) -> None:
    ledger = _ledgers(session).pop(transaction, None)
    committed = session.info.get(_COMMITTED) is transaction
    if committed:
        del session.info[_COMMITTED]
    if ledger is None:
        return
    if not committed:
        # The answer to a commit may be lost, and the rows be there all the same.
        ledger.rollback(partial(_is_committed, session, unknown=ledger.is_settled))
    elif (outer := _transaction_of(session)) is not None:
        _ledgers(session).setdefault(outer, Ledger()).changes.extend(ledger.changes)
    else:
        ledger.commit(partial(_is_shared_by_now, session))


def _is_shared_by_now(session: Session, change: Change, file: File) -> bool:
    # Another may have committed a row with the file since this transaction looked.
    return change.row_files.is_shared is None and _is_committed(session, change, file)


def _is_committed(session: Session, change: Change, file: File, *, unknown: bool = False) -> bool:
    """Ask the database whether any row names a file, when the transaction is over.

    :param unknown: what to return if it does not answer.
    """
    mapper = inspect(change.obj).mapper
    try:
        if session.in_transaction():
            # A savepoint was rolled back: the session says nothing till that is over, and another
            # connection may be one too many.
            return False
        bind = session.get_bind(mapper)
        if isinstance(bind, Connection):
            return _is_in_table(bind, change, file)
        with bind.connect() as connection:
            return _is_in_table(connection, change, file)
    except SQLAlchemyError:
        logger.warning("not asked whether a row names %r", file.stored.name, exc_info=True)
        return unknown
