"""Files that no row names: what crashes and lost answers leave over."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from s3_saver import (
    PENDING_FOLDER,
    ArgumentError,
    Storages,
    StoredFile,
    location_of,
)

from ._models import fields_in
from ._namers import are_in, declared_with, key_of

#: Direct uploads that nobody has claimed, and the marks of those that were; and thumbnails, where
#: these are in the same storage.
_IGNORED = ("pending/", PENDING_FOLDER, ".thumbnails/")


def find_orphans(
    storages: Storages,
    session: Session,
    models: Iterable[type],
    *,
    prefix: str | None = None,
    older_than: timedelta = timedelta(days=1),
    ignore: Iterable[str] = _IGNORED,
) -> Iterator[StoredFile]:
    """Yield the files that no row names, bound: ``for file in find_orphans(...): file.delete()``.

    Only the storage of new files is searched.

    :param models: all classes whose rows name files in *storages*; :func:`find_models` finds them.
        Attributes by :func:`follow_fields` of classes that are declared with these are asked, too.
    :param prefix: where to look: by default, in the folders that the models' columns have for new
        files. ``''`` looks everywhere.
    :param older_than: how old a file must be. Transactions that are not committed yet, and forms
        that wait to be sent again, have files that no row names: no less than these take.
    :param ignore: prefixes of what is never listed. By default, direct uploads that wait, and
        flask_thumbnails_s3's folder.
    :raises s3_saver.ArgumentError: a model has no files in *storages*.
    """
    models = list(models)
    fields = fields_in(storages, models)
    if not fields:
        raise ArgumentError("models", models, "classes whose files are in these storages")
    prefixes = {field.folder for _, field in fields} if prefix is None else {prefix}
    youngest = datetime.now(UTC) - older_than
    place = location_of(storages.current)
    skipped = tuple(ignore)
    # Listed before the rows are read: what is named meanwhile is found there.
    found = {
        info.name: info
        for start in _outermost(prefixes)
        for info in storages.current.find(start)
        if info.modified <= youngest and not info.name.startswith(skipped)
    }
    # Other libraries may keep files of the same classes, or of others, in the same folder.
    also = [one for mapper in {mapper for mapper, _ in fields} for one in declared_with(mapper)]
    asked = {key_of(mapper, field) for mapper, field in fields}
    for mapper, field in also:
        if key_of(mapper, field) not in asked and are_in(storages, field):
            asked.add(key_of(mapper, field))
            fields.append((mapper, field))
    for mapper, field in fields:
        columns = field.columns(mapper)
        query = select(*columns).select_from(mapper.persist_selectable)
        bind: Any = {"mapper": mapper}
        rows = session.execute(query.execution_options(yield_per=1000), bind_arguments=bind)
        for row in rows:
            for file in field.files(tuple(row)):
                if (file.storage_type, file.bucket_name) == place:
                    found.pop(file.name, None)
    yield from (storages.stored(info) for info in found.values())


def _outermost(prefixes: set[str]) -> list[str]:
    """Leave out what is below another: no file is to be listed twice."""
    return [
        one
        for one in sorted(prefixes)
        if not any(one.startswith(other) for other in prefixes - {one})
    ]
