"""Files of several rows: who names one that others name already locks one of their rows.

Who deletes the last of these waits then, and sees the new one when it asks the table.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapper

from s3_saver import StoredFile

from ._field import Field
from ._namers import Namer, by_table
from ._rows import BATCH, names_one_of
from ._type import FileType
from .exceptions import NotStoredError

# On SQLite, who writes has locked all of the database.
_DIALECTS = ("postgresql", "mysql", "mariadb")


def keep_shared(
    adopted: Iterable[tuple[StoredFile, Sequence[Namer]]],
    find_connection: Callable[[Mapper[Any]], Connection],
) -> None:
    """Keep other transactions from deleting the last row that names each of some files.

    For each file one row is locked, against changes but not against others who do the same: the
    file that all rows have by default must not stop everybody.

    :param adopted: what rows are to name, which did not name it before, with the attributes that
        may name it.
    :raises NotStoredError: another transaction has taken away the last such row meanwhile.
    """
    held: set[str] = set()
    lost: dict[str, Namer] = {}
    for namer, names in by_table(adopted):
        connection = find_connection(namer.mapper)
        if connection.dialect.name not in _DIALECTS:
            continue
        for name in _find_named(connection, namer.mapper, namer.field, names):
            if name in _lock(connection, namer.mapper, namer.field, name):
                held.add(name)
            else:
                lost[name] = namer
    for name, namer in lost.items():
        if name not in held:
            raise NotStoredError(
                f"{namer.mapper.class_.__name__}.{namer.field.key} cannot name {name!r}: another "
                "transaction has deleted the last row that named it, and the file goes with "
                "that row; assign another file",
                name=name,
            )


def _find_named(
    connection: Connection, mapper: Mapper[Any], field: Field, names: set[str]
) -> list[str]:
    """Return which names rows have: others were typed, and nothing is known of their files."""
    found: set[str] = set()
    waiting = iter(names)
    columns = field.columns(mapper)
    query = select(*columns).select_from(mapper.persist_selectable)
    if not field.multiple or isinstance(columns[0].type, FileType):
        query = query.distinct()  # PostgreSQL cannot compare JSON, other than FileType's JSONB
    while batch := list(islice(waiting, BATCH)):
        rows = connection.execute(query.where(names_one_of(mapper, field, batch)))
        found |= _names(field, rows)
    return sorted(found & names)  # one order for all, against deadlocks


def _lock(connection: Connection, mapper: Mapper[Any], field: Field, name: str) -> set[str]:
    """Lock a row that names a file, and return what it names; where files are a list, several."""
    query = select(*field.columns(mapper)).select_from(mapper.persist_selectable)
    query = query.where(names_one_of(mapper, field, [name])).with_for_update(read=True)
    return _names(field, connection.execute(query if field.multiple else query.limit(1)))


def _names(field: Field, rows: Iterable[Any]) -> set[str]:
    return {field.name_in_row(file) for row in rows for file in field.files(list(row))}
