"""Which mapped classes have files in some storages."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Mapper

from s3_saver import ArgumentTypeError, ConfigError, Storages

from ._field import Field
from ._fields import fields_of, known_models


def find_models(storages: Storages) -> list[type]:
    """Return the mapped classes of this process whose rows name files in *storages*: by a column of
    :class:`FileType`, or since :func:`follow` was called with them.

    Of an app, that is all of its models with files, once their modules are imported.
    """
    return [model for model in known_models() if fields_in(storages, [model])]


def fields_in(storages: Storages, models: Iterable[type]) -> list[tuple[Mapper[Any], Field]]:
    """Return the fields of mapped classes whose files are in *storages*."""
    return [
        (mapper, field)
        for mapper in map(_mapper_of, models)
        for field in fields_of(mapper)
        if is_in(field, storages)
    ]


def is_in(field: Field, storages: Storages) -> bool:
    """Report whether the files of a field are in *storages*."""
    try:
        # A proxy of them is equal to them, and another object.
        return field.storages() == storages
    except ConfigError:  # the column is another app's, whose storages this one has not
        return False


def _mapper_of(model: type) -> Mapper[Any]:
    mapper: Any = inspect(model, raiseerr=False)
    if not isinstance(mapper, Mapper):
        raise ArgumentTypeError("models", model, "mapped classes")
    return mapper
