"""The app's models with files, for the commands that go through their rows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Mapper, Session

from s3_saver import ReplacedError, Storages, StoredFile
from sqlalchemy_s3_files import files_of, find_models, find_orphans, move_files


def find_outermost(storages: Storages) -> list[type]:
    """Return the models whose rows name files in *storages*, without those whose rows are found by
    way of a class that they inherit from.
    """
    mappers = [_mapper_of(model) for model in find_models(storages)]
    return [one.class_ for one in mappers if not _is_found_by_another(one, {*mappers})]


def _mapper_of(model: type) -> Mapper[Any]:
    mapper: Mapper[Any] = inspect(model)
    return mapper


def _is_found_by_another(mapper: Mapper[Any], found: set[Mapper[Any]]) -> bool:
    above = mapper.inherits
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
    """The rows of one model, one after the other, each in a transaction of its own."""

    session: Session
    model: type
    keys: list[tuple[Any, ...]]

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[Any]:
        for key in self.keys:
            row: Any = self.session.get(self.model, key)
            if row is not None:  # else somebody has deleted it
                yield row
            self.session.rollback()


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
        keys = [getattr(self.model, one.key) for one in _key_attributes(self.model)]
        found = self.session.execute(select(*keys).order_by(*keys)).all()
        self.session.rollback()
        return Rows(self.session, self.model, [tuple(key) for key in found])

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


def _key_attributes(model: type) -> list[Any]:
    mapper = _mapper_of(model)
    return [mapper.get_property_by_column(column) for column in mapper.primary_key]
