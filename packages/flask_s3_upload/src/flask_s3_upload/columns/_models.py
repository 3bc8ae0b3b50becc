"""The app's models with files, for the commands that go through their rows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Table, inspect, select
from sqlalchemy.orm import Mapper, Session

from s3_saver import ReplacedError, Storages, StoredFile
from sqlalchemy_s3_files import files_of, find_models, find_orphans, move_files


def find_outermost(storages: Storages) -> list[type]:
    """Return the models whose rows name files in *storages*, without those whose rows are found by
    way of a class that they inherit from.
    """
    mappers = [_mapper_of(model) for model in find_models(storages)]
    return [
        one.class_
        for one in mappers
        if _has_own_rows(one) and not _is_found_by_another(one, {*mappers})
    ]


def _mapper_of(model: type) -> Mapper[Any]:
    mapper: Mapper[Any] = inspect(model)
    return mapper


def _has_own_rows(mapper: Mapper[Any]) -> bool:
    """Report whether a class has rows which are not those of concrete classes below it."""
    is_concrete = any(one.concrete for one in mapper.self_and_descendants if one is not mapper)
    return isinstance(mapper.local_table, Table) or not is_concrete


def _is_found_by_another(mapper: Mapper[Any], found: set[Mapper[Any]]) -> bool:
    above = None if mapper.concrete else mapper.inherits
    while above is not None:
        if above in found and above.polymorphic_on is not None:
            return True
        above = above.inherits
    return False


def find_unnamed(storages: Storages, session: Session, older_than: timedelta) -> list[StoredFile]:
    """Return the files in the folders of columns that no row names."""
    try:
        models = find_models(storages)
        return sorted(
            find_orphans(storages, session, models, older_than=older_than),
            key=lambda file: file.name,
        )
    finally:
        session.rollback()


@dataclass(frozen=True)
class Rows:
    """The rows of one model, one after the other, each in a transaction of its own.

    Those that the app hides, as those that it has deleted softly, are among them: its listeners
    change no statement that reads tables.
    """

    session: Session
    mapper: Mapper[Any]
    keys: list[tuple[Any, ...]]

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[Any]:
        for key in self.keys:
            row = self._read(key)
            if row is not None:  # else somebody has deleted it
                yield row
            self.session.rollback()

    def _read(self, key: tuple[Any, ...]) -> Any:
        base = self.mapper.base_mapper
        # A class without a table of its own has rows of its siblings in that of its parent.
        finds_class = base.polymorphic_on is not None and not self.mapper.concrete
        mapper = base if finds_class else self.mapper
        query = select(mapper.persist_selectable)
        for column, value in zip(mapper.primary_key, key, strict=True):
            query = query.where(column == value)
        bind: dict[str, Any] = {"mapper": mapper}
        found: Any = select(mapper.class_).from_statement(query)
        return self.session.scalars(found, bind_arguments=bind).first()


@dataclass(frozen=True)
class ColumnModel:
    """A model whose columns name files: the ``Movable`` that a migration moves."""

    session: Session
    model: type
    storages: Storages

    @property
    def deletes_originals(self) -> bool:
        return True

    def objects(self) -> Rows:
        mapper = _mapper_of(self.model)
        keys = mapper.primary_key
        query = select(*keys).select_from(mapper.persist_selectable).order_by(*keys)
        bind: dict[str, Any] = {"mapper": mapper}
        found = self.session.execute(query, bind_arguments=bind).all()
        self.session.rollback()
        return Rows(self.session, mapper, [tuple(key) for key in found])

    def files(self, obj: object) -> list[StoredFile]:
        return files_of(obj, self.storages)

    def set_files(self, obj: object, moved: Iterable[tuple[StoredFile, StoredFile]]) -> None:
        pairs = list(moved)
        try:
            is_done = move_files(obj, pairs)
            self.session.commit()
        except BaseException:
            self.session.rollback()
            raise
        if not is_done:
            name = pairs[0][0].name
            raise ReplacedError(
                f"{name!r} was replaced while it was moved: run this again", name=name
            )
