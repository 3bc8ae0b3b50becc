"""What rows name, asked of the database: many rows by one statement.

Rows are read again right before their UPDATE or DELETE, under their locks: of two requests that
replace a row's file, the second one finds the first one's, and deletes it.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Text, cast, false, or_, select, tuple_, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapper

from s3_saver import StoredFile

from ._field import Field
from ._fields import fields_of
from ._namers import Namer, by_table
from ._type import FileType

BATCH = 500  # values of one IN, below what any database takes

Identity = tuple[Any, ...]
Location = tuple[str, str, str]


class NamedFile(NamedTuple):
    """A file that a row names, or is to name.

    :param identity: the primary key; None of a row that is not inserted yet.
    :param namers: the attributes that may name it, too; none if it is one row's.
    """

    mapper: Mapper[Any]
    field: Field
    file: StoredFile
    identity: Identity | None
    is_new_row: bool = False
    namers: tuple[Namer, ...] = ()


def lock_and_read(
    connection: Connection,
    mapper: Mapper[Any],
    identities: Iterable[Identity],
    fields: Sequence[Field] | None = None,
    *,
    lock: bool = True,
) -> Iterator[tuple[Identity, Field, list[StoredFile]]]:
    """Lock rows, and yield what files each of their fields names, by default of all fields."""
    fields = fields_of(mapper) if fields is None else fields
    waiting = iter(sorted(set(identities), key=repr))  # one order for all, against deadlocks
    is_locked = False
    while batch := list(islice(waiting, BATCH)):
        if lock and not is_locked:
            lock_database(connection, mapper)
            is_locked = True
        yield from read_rows(connection, mapper, fields, _among(mapper, batch), lock=lock)


def lock_database(connection: Connection, mapper: Mapper[Any]) -> None:
    """Lock all of a SQLite database, which has no FOR UPDATE: any UPDATE does, of no row too."""
    if connection.dialect.name == "sqlite":
        key = mapper.primary_key[0]
        connection.execute(update(key.table).where(false()).values({key: key}))


def read_rows(
    connection: Connection,
    mapper: Mapper[Any],
    fields: Sequence[Field],
    condition: ColumnElement[bool],
    *,
    lock: bool = True,
) -> Iterator[tuple[Identity, Field, list[StoredFile]]]:
    """Yield what files rows name, by their primary key and field."""
    keys = list(mapper.primary_key)
    columns = [column for field in fields for column in field.columns(mapper)]
    query = select(*keys, *columns).select_from(mapper.persist_selectable).where(condition)
    for row in connection.execute(query.with_for_update() if lock else query):
        values = iter(row)
        identity = tuple(islice(values, len(keys)))
        for field in fields:
            yield identity, field, field.files(list(islice(values, len(field.columns(mapper)))))


def _among(mapper: Mapper[Any], identities: list[Identity]) -> ColumnElement[bool]:
    keys = mapper.primary_key
    if len(keys) == 1:
        return keys[0].in_([identity[0] for identity in identities])
    return tuple_(*keys).in_(identities)


def find_by_key(
    connection: Connection, named: Iterable[NamedFile]
) -> tuple[set[Location], set[Location]]:
    """Ask rows, by their primary keys, what they name now.

    :return: what they name; and the files of new rows that are not there.
    """
    waited_for = list(named)
    by_fields: dict[Mapper[Any], dict[Field, set[Identity]]] = {}
    for one in waited_for:
        if one.identity is not None:
            of_mapper = by_fields.setdefault(one.mapper, {})
            of_mapper.setdefault(one.field, set()).add(one.identity)
    found: set[Location] = set()
    there: set[tuple[Mapper[Any], Identity]] = set()
    for mapper, by_field in by_fields.items():
        for field, identities in by_field.items():
            rows = lock_and_read(connection, mapper, identities, [field], lock=False)
            for identity, _, files in rows:
                there.add((mapper, identity))
                found |= {file.location for file in files}
    absent = {
        one.file.location
        for one in waited_for
        if one.is_new_row and (one.identity is None or (one.mapper, one.identity) not in there)
    }
    return found, absent


def find_shared(connection: Connection, named: Iterable[NamedFile]) -> set[Location]:
    """Ask the tables of a database which of some files any row names."""
    found: set[Location] = set()
    for namer, names in by_table((one.file, one.namers) for one in named):
        waiting = iter(names if namer.engine is connection.engine else ())
        while batch := list(islice(waiting, BATCH)):
            condition = names_one_of(namer.mapper, namer.field, batch)
            rows = read_rows(connection, namer.mapper, [namer.field], condition, lock=False)
            found |= {file.location for _, _, others in rows for file in others}
    return found


def names_one_of(mapper: Mapper[Any], field: Field, names: list[str]) -> ColumnElement[bool]:
    """Return the condition that a row names one of some files; of lists, it finds too much."""
    column: Any = field.columns(mapper)[0]
    if not field.multiple:
        named = column["name"].as_string() if isinstance(column.type, FileType) else column
        return named.in_(names)  # type: ignore[no-any-return]
    # No two databases search lists alike.
    text = cast(column, Text)
    return or_(*(text.contains(_ascii_part(name), autoescape=True) for name in names))


def _ascii_part(name: str) -> str:
    """Return the end of a name that JSON writes as it is."""
    kept = len(name)
    while kept and name[kept - 1].isascii() and name[kept - 1] not in '"\\':
        kept -= 1
    return name[kept:]
