"""Which attributes may name the same files: a file that another one names is not to go.

Two attributes of one row may share a file, and so may rows of two tables.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from sqlalchemy import update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import UnboundExecutionError
from sqlalchemy.orm import Mapper, Session

from s3_saver import (
    ArgumentError,
    ConfigError,
    LocalStorage,
    S3Storage,
    Storages,
    StoredFile,
    location_of,
)

from ._field import Field
from ._fields import fields_of


class Namer(NamedTuple):
    """An attribute whose rows may name files of several rows.

    :param engine: the database that has its rows.
    :param storages: where its files are.
    """

    mapper: Mapper[Any]
    field: Field
    engine: Engine
    storages: Storages

    def can_name(self, file: StoredFile, own: "Namer") -> bool:
        """Report whether a file of another attribute is where this one's files are."""
        place = file.storage_type, file.bucket_name
        try:
            return _place(self.storages, *place) == _place(own.storages, *place)
        except (ConfigError, ArgumentError):  # it is in a bucket that one of them does not know
            return False


def find_namers(
    session: Session, mapper: Mapper[Any], field: Field, engine: Engine
) -> tuple[Namer, ...]:
    """Return the attributes of the classes declared with a mapped class that may name the files of
    one of its attributes, that one first.

    :param engine: of the database that has the rows of *mapper*.
    """
    own = where_named(mapper, field)
    found = {key_of(own, field): Namer(own, field, engine, field.storages())}
    for table, each in declared_with(mapper):
        if each.has_names and key_of(table, each) not in found:
            with suppress(ConfigError, UnboundExecutionError):  # another app's, or session's
                bind = session.get_bind(**bind_arguments(table))
                found[key_of(table, each)] = Namer(table, each, bind.engine, each.storages())
    return tuple(found.values())


def declared_with(mapper: Mapper[Any]) -> Iterator[tuple[Mapper[Any], Field]]:
    """Yield the attributes with files of all classes that are declared with a mapped class."""
    for other in sorted(mapper.registry.mappers, key=lambda one: one.class_.__qualname__):
        for field in fields_of(other):
            if all(key in other.column_attrs for key in field.keys):
                yield where_named(other, field), field


def are_in(storages: Storages, field: Field) -> bool:
    """Report whether the files of an attribute are where new files of *storages* go."""
    place = location_of(storages.current)
    try:
        return _place(storages, *place) == _place(field.storages(), *place)
    except (ConfigError, ArgumentError):  # they are in none of these
        return False


def by_table(
    named: Iterable[tuple[StoredFile, Sequence[Namer]]],
) -> Iterator[tuple[Namer, set[str]]]:
    """Yield what to ask each table: by what names its rows would call some files."""
    found: dict[tuple[Any, ...], tuple[Namer, set[str]]] = {}
    for file, namers in named:
        others = (one for one in namers[1:] if one.can_name(file, namers[0]))
        for namer in (*namers[:1], *others):
            _, names = found.setdefault((namer.mapper, namer.field), (namer, set()))
            names.add(namer.field.name_in_row(file))
    yield from found.values()


def where_named(mapper: Mapper[Any], field: Field) -> Mapper[Any]:
    """Return the class whose rows may name the same files: the base, if it has the attribute."""
    base = mapper.base_mapper
    return base if all(key in base.column_attrs for key in field.keys) else mapper


def key_of(mapper: Mapper[Any], field: Field) -> tuple[Any, ...]:
    """Return what distinguishes an attribute from others, whichever class of its table has it."""
    return mapper.persist_selectable, field.key, type(field)


def bind_arguments(mapper: Mapper[Any]) -> dict[str, Any]:
    """Return what leads a session to the database to which it writes a class: where it reads from
    another one, it goes by the statement.
    """
    return {"mapper": mapper, "clause": update(mapper.primary_key[0].table)}


def _place(storages: Storages, storage_type: str, bucket_name: str) -> object:
    storage = storages.find(storage_type, bucket_name)
    if isinstance(storage, LocalStorage):
        return storage.root
    if isinstance(storage, S3Storage):
        return storage.bucket_name, storage.prefix
    return id(storage)
