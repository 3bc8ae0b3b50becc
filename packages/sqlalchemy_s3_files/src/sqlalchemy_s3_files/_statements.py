"""ORM update() and delete(), which no flush sees: rows are read before and after them.

What a row named before and does not name afterwards goes after the commit, whatever has decided
which rows these are.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import (
    BindParameter,
    ClauseElement,
    ColumnClause,
    Delete,
    Insert,
    Null,
    Result,
    Update,
    event,
    select,
)
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapper, ORMExecuteState, Session

from s3_saver import StoredFile

from ._field import Field
from ._fields import fields_of
from ._rows import Identity, Location, lock_and_read, lock_database
from ._sessions import files_of_session
from ._type import FileType
from .exceptions import NotStoredError


@event.listens_for(Session, "do_orm_execute")
def _on_statement(execution: ORMExecuteState) -> Result[Any] | None:
    if isinstance(execution.statement, Insert):
        _refuse_copies(execution.bind_mapper, execution.statement)
    if not (execution.is_update or execution.is_delete):
        return None
    mapper = execution.bind_mapper
    statement = execution.statement
    if mapper is None or not isinstance(statement, Update | Delete):
        return None
    fields = _fields_written(mapper, statement, execution.parameters)
    if not fields:
        return None
    files = files_of_session(execution.session, mapper, execution.bind_arguments)
    connection = execution.session.connection(bind_arguments=dict(execution.bind_arguments))
    identities = list(_rows_of(execution, connection, mapper, statement))
    before = list(lock_and_read(connection, mapper, identities, fields))
    spared = list(_spared(execution.session, mapper, before))
    result = execution.invoke_statement()
    # Loader criteria, other listeners and a WHERE that is never the same twice may have kept rows.
    still = {
        (identity, field): {file.location for file in found}
        for identity, field, found in lock_and_read(
            connection, mapper, identities, fields, lock=False
        )
    }
    with_files = files.current
    for (identity, field, found), kept in zip(before, spared, strict=True):
        kept |= still.get((identity, field), set())
        gone = [file for file in found if file.location not in kept]
        files.delete(with_files, mapper, field, identity, gone, execution.session)
    return result


def _spared(
    session: Session,
    mapper: Mapper[Any],
    rows: list[tuple[Identity, Field, list[StoredFile]]],
) -> Iterator[set[Location]]:
    """Yield which files of rows must stay, as the fields know: they ask the objects."""
    for identity, field, files in rows:
        obj = session.get(mapper, identity) if files and field.spares_some else None
        yield set() if obj is None else {file.location for file in field.spared(obj, files)}


def _refuse_copies(mapper: Mapper[Any] | None, statement: Insert) -> None:
    """Refuse an INSERT by which the database would copy the value of another row.

    :raises NotStoredError: it does so with a field whose files are one row's.
    """
    names: list[Any] = list(getattr(statement, "_select_names", None) or ())
    names += [name for name, value in _inserted(statement) if _is_copied(name, value)]
    for name in names:
        key = _key_of(name)
        column: Any = statement.table.c.get(key)
        if mapper is not None and key in mapper.columns:
            column = mapper.columns[key]
        kind = getattr(column, "type", None)
        if isinstance(kind, FileType) and not kind.shared:
            raise NotStoredError(
                f"an INSERT copies {key} from other rows by a SQL expression: two rows would name "
                "one file, which goes with the first of them; assign the other row's value to an "
                "object of a session, which copies the file, or declare the column with shared=True"
            )


def _inserted(statement: Insert) -> Iterator[tuple[Any, Any]]:
    """Yield what an INSERT sets, of one row or of many, and in rows that it finds there."""
    yield from (getattr(statement, "_values", None) or {}).items()
    for rows in getattr(statement, "_multi_values", None) or ():
        for row in rows:
            # Rows without names are in the order of the table's columns.
            is_named = isinstance(row, Mapping)
            yield from row.items() if is_named else zip(statement.table.c, row, strict=False)
    upsert = getattr(statement, "_post_values_clause", None)
    set_by_upsert = getattr(upsert, "update_values_to_set", None) or getattr(upsert, "update", None)
    yield from dict(set_by_upsert or {}).items()


def _is_copied(name: Any, value: Any) -> bool:
    """Report whether a value is that of another row, as the database finds it."""
    if hasattr(value, "__clause_element__"):  # an attribute, which some statements keep as it is
        value = value.__clause_element__()
    if not isinstance(value, ClauseElement) or isinstance(value, BindParameter | Null):
        return False
    # The row's own column, or that of the row which was to be inserted.
    return not (isinstance(value, ColumnClause) and value.key == _key_of(name))


def _key_of(name: Any) -> str:
    return name if isinstance(name, str) else str(name.key)


def _fields_written(
    mapper: Mapper[Any], statement: Update | Delete, parameters: Any
) -> list[Field]:
    """Return the fields that a statement changes: a DELETE, all.

    :raises NotStoredError: it sets a field to another value than None, and that field's files are
        one row's: they could not be distinguished from those that rows name afterwards.
    """
    fields = list(fields_of(mapper))
    if isinstance(statement, Delete):
        # Of a class with a table of its own, the row in its parent's table stays.
        own = mapper.local_table
        gone = [field for field in fields if field.deletes_with_row]
        return [field for field in gone if field.columns(mapper)[0].table is own]
    if not fields:
        return fields
    values = list(_values(mapper, statement, parameters))
    written = {key for key, _ in values}
    for field in fields:
        if not field.has_names and any(key == field.key and not _is_none(v) for key, v in values):
            raise NotStoredError(
                f"an ORM update of {mapper.class_.__name__}.{field.key} takes None alone: what it "
                "writes reached the database without a flush, which stores files; assign files to "
                "objects of a session"
            )
    return [field for field in fields if field.key in written]


def _values(mapper: Mapper[Any], statement: Update, parameters: Any) -> Iterator[tuple[str, Any]]:
    """Yield what an UPDATE sets, by the names of attributes."""
    given: Any = getattr(statement, "_values", None) or {}
    ordered: Any = getattr(statement, "_ordered_values", None) or ()  # of SQLAlchemy 2.0
    attributes = {prop.columns[0]: prop.key for prop in mapper.column_attrs}
    names = {column.key: key for column, key in attributes.items()}
    for key, value in (*given.items(), *ordered):
        yield (key if isinstance(key, str) else names.get(key.key, key.key)), value
    for one in _as_list(parameters):
        yield from one.items()


def _is_none(value: Any) -> bool:
    is_bound_none = isinstance(value, BindParameter) and value.value is None
    return value is None or isinstance(value, Null) or is_bound_none


def _as_list(parameters: Any) -> list[Mapping[str, Any]]:
    if isinstance(parameters, Mapping):
        return [parameters]
    return list(parameters or ())


def _rows_of(
    execution: ORMExecuteState,
    connection: Connection,
    mapper: Mapper[Any],
    statement: Update | Delete,
) -> Iterator[Identity]:
    """Yield the primary keys of the rows that a statement is about.

    The connection is asked, and not the session: listeners that leave rows out of what is read, as
    those that are deleted softly, let statements write them all the same.
    """
    keys = [mapper.get_property_by_column(column).key for column in mapper.primary_key]
    if statement.whereclause is None and isinstance(execution.parameters, list):
        for values in execution.parameters:  # an update by primary keys
            yield tuple(values[key] for key in keys)
        return
    session = execution.session
    if session.autoflush and execution.execution_options.get("autoflush", True):
        session.flush()
    lock_database(connection, mapper)
    query = select(*(getattr(mapper.class_, key) for key in keys)).with_for_update()
    if statement.whereclause is not None:
        query = query.where(statement.whereclause)
    parameters = execution.parameters if isinstance(execution.parameters, Mapping) else {}
    for row in connection.execute(query, parameters):
        yield tuple(row)
