"""Files of several rows: who names one that others name already locks one of their rows.

Who deletes the last of these waits then, and sees the new one when it asks the table.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapper

from s3_saver import StoredFile

from ._fields import Field
from ._rows import BATCH, names_one_of
from ._type import FileType
from .exceptions import NotStoredError

# On SQLite, who writes has locked all of the database.
_DIALECTS = ("postgresql", "mysql", "mariadb")


def keep_shared(
    adopted: Iterable[tuple[Mapper[Any], Field, StoredFile]],
    find_connection: Callable[[Mapper[Any]], Connection],
) -> None:
    """Keep other transactions from deleting the last row that names each of some files.

    For each file one row is locked, against changes but not against others who do the same: the
    file that all rows have by default must not stop everybody.

    :param adopted: what rows are to name, which did not name it before.
    :raises NotStoredError: another transaction has taken away the last such row meanwhile.
    """
    by_field: dict[tuple[Mapper[Any], str], tuple[Field, set[str]]] = {}
    for mapper, field, file in adopted:
        base = mapper.base_mapper if field.key in mapper.base_mapper.column_attrs else mapper
        by_field.setdefault((base, field.key), (field, set()))[1].add(file.name)
    for (mapper, _), (field, names) in by_field.items():
        connection = find_connection(mapper)
        if connection.dialect.name not in _DIALECTS:
            continue
        for name in _find_named(connection, mapper, field, names):
            if not any(file.name == name for file in _lock(connection, mapper, field, name)):
                raise NotStoredError(
                    f"{mapper.class_.__name__}.{field.key} cannot name {name!r}: another "
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
    while batch := list(islice(waiting, BATCH)):
        query = select(*field.columns(mapper)).select_from(mapper.persist_selectable).distinct()
        rows = connection.execute(query.where(names_one_of(mapper, field, batch)))
        found |= {file.name for row in rows for file in field.files(list(row))}
    return sorted(found & names)  # one order for all, against deadlocks


def _lock(
    connection: Connection, mapper: Mapper[Any], field: Field, name: str
) -> Iterator[StoredFile]:
    """Lock a row that names a file, and yield what it names; where files are a list, several."""
    columns = field.columns(mapper)
    query = select(*columns).select_from(mapper.persist_selectable)
    query = query.where(names_one_of(mapper, field, [name])).with_for_update(read=True)
    is_list = isinstance(columns[0].type, FileType) and columns[0].type.multiple
    for row in connection.execute(query if is_list else query.limit(1)):
        yield from field.files(list(row))
