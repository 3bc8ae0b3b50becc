"""ORM update() and delete(), which no flush sees: the rows' files are read before."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Delete, Update, event, select
from sqlalchemy.orm import Mapper, ORMExecuteState, Session

from ._fields import Field, fields_of
from ._flush import files_of_session
from ._rows import Identity, lock_and_read, lock_database


@event.listens_for(Session, "do_orm_execute")
def _before_statement(execution: ORMExecuteState) -> None:
    if not (execution.is_update or execution.is_delete):
        return
    mapper = execution.bind_mapper
    statement = execution.statement
    if mapper is None or not isinstance(statement, Update | Delete):
        return
    fields = _fields_written(mapper, statement, execution.parameters)
    if not fields:
        return
    keys = {field.key for field in fields}
    files = files_of_session(execution.session, mapper)
    connection = execution.session.connection(bind_arguments={"mapper": mapper})
    identities = list(_rows_of(execution, mapper, statement))
    with_files = files.current
    for identity, field, found in lock_and_read(connection, mapper, identities):
        if field.key in keys:
            files.delete(with_files, mapper, field, identity, found)


def _fields_written(
    mapper: Mapper[Any], statement: Update | Delete, parameters: Any
) -> list[Field]:
    """Return the fields that a statement changes: a DELETE, all."""
    fields = list(fields_of(mapper))
    if isinstance(statement, Delete) or not fields:
        return fields
    written = {_key_of(mapper, key) for key in (statement._values or {})}  # noqa: SLF001
    written |= {_key_of(mapper, key) for key, _ in (statement._ordered_values or ())}  # noqa: SLF001
    for values in _as_list(parameters):
        written |= set(values)
    return [field for field in fields if field.key in written]


def _key_of(mapper: Mapper[Any], key: Any) -> str:
    if isinstance(key, str):
        return key
    prop = mapper.get_property_by_column(key) if key in mapper.c.values() else None
    return prop.key if prop is not None else str(getattr(key, "key", key))


def _as_list(parameters: Any) -> list[Mapping[str, Any]]:
    if isinstance(parameters, Mapping):
        return [parameters]
    return list(parameters or ())


def _rows_of(
    execution: ORMExecuteState, mapper: Mapper[Any], statement: Update | Delete
) -> Iterator[Identity]:
    """Yield the primary keys of the rows that a statement is about."""
    keys = [mapper.get_property_by_column(column).key for column in mapper.primary_key]
    if statement.whereclause is None and isinstance(execution.parameters, list):
        for values in execution.parameters:  # an update by primary keys
            yield tuple(values[key] for key in keys)
        return
    connection = execution.session.connection(bind_arguments={"mapper": mapper})
    lock_database(connection, mapper)
    query = select(*(getattr(mapper.class_, key) for key in keys)).with_for_update()
    if statement.whereclause is not None:
        query = query.where(statement.whereclause)
    parameters = execution.parameters if isinstance(execution.parameters, Mapping) else {}
    bind = {"mapper": mapper}
    for row in execution.session.execute(query, parameters, bind_arguments=bind):
        yield tuple(row)


