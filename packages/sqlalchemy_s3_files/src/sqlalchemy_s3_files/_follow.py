"""Rows that keep a file in several columns, as S3Saver's do, are followed."""

from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy import event, inspect
from sqlalchemy.orm import Mapper

from s3_saver import ArgumentError, ArgumentTypeError, Storages, StoredFile, location_of

from ._field import Field, Moved, State, current_value
from ._fields import follow_field
from ._incoming import Accept
from ._new_file import NewFile
from ._rules import FileRules
from ._type import FileType

_KEY = "sqlalchemy_s3_files.waiting"


class FollowedColumns(Field):
    """What :func:`follow` returns: it knows the file of a row.

    :param key: the attribute with the name.
    """

    def __init__(self, kind: FileType, model: type, names: dict[str, str]) -> None:
        self.kind = kind
        self.folder = kind.folder
        self.attribute = f"{model.__name__}.{names['name']}"
        self._names = {part: key for part, key in names.items() if key}
        self.key = self._names["name"]
        where = ("name", "storage_type", "bucket_name")
        self.keys = tuple(self._names[part] for part in where if part in self._names)
        self._names_taken: WeakValueDictionary[str | None, NewFile] = WeakValueDictionary()

    def __repr__(self) -> str:
        return f"<follows {self.attribute}>"

    def get(self, obj: object) -> StoredFile | None:
        """Return the file that an object names, bound; None if it names none."""
        files = self.named(obj)
        return files[0] if files else None

    def storages(self) -> Storages:
        return self.kind.find_storages()

    def files(self, values: Sequence[Any]) -> list[StoredFile]:
        if not values[0]:
            return []
        parts = dict(zip(self.keys, values, strict=True))
        storage_type, bucket_name = (
            parts.get(self._names.get(part, "")) or "" for part in ("storage_type", "bucket_name")
        )
        file = StoredFile(
            values[0],
            storage_type=storage_type,
            bucket_name=bucket_name,
            store=self.storages().store,
        )
        return [self.kind.bind_file(file)]

    def waiting(self, state: State) -> list[NewFile]:
        waits = state.info.get(_KEY, {}).get(self.key)
        if waits is None or waits.is_stored or waits.name != state.dict.get(self.key):
            return []
        return [waits]

    def move(self, obj: object, moved: Moved) -> None:
        for file in self.named(obj):
            place = moved.get(file.location, file)
            for part in ("storage_type", "bucket_name"):
                if part in self._names:
                    setattr(obj, self._names[part], getattr(place, part))
                elif getattr(place, part) != getattr(file, part):
                    raise ArgumentError(
                        part,
                        "",
                        f"a column that {self.attribute} is followed with",
                        ": call follow with it, so that files can be on S3",
                    )

    def on_set(self, obj: Any, value: Any, *_: Any) -> Any:
        """Take an assigned value, SQLAlchemy's event: a name that somebody has typed, or a file."""
        if value is None or (isinstance(value, str) and value):
            # Session.merge assigns the name of a file that is still to be stored.
            if (waits := self._names_taken.get(value)) is not None:
                inspect(obj).info.setdefault(_KEY, {})[self.key] = waits
            return value
        taken = self.kind.take(value, self.attribute)
        if not isinstance(taken, StoredFile):
            return current_value(obj, self.key)
        new = taken if isinstance(taken, NewFile) else self.kind.copy_of(taken)
        self._names_taken[new.name] = new
        inspect(obj).info.setdefault(_KEY, {})[self.key] = new
        storage_type, bucket_name = location_of(self.storages().current)
        place = {"storage_type": storage_type, "bucket_name": bucket_name, "size": new.size}
        for part, part_value in place.items():
            if part in self._names:
                setattr(obj, self._names[part], part_value)
        return new.name


def follow(
    model: type,
    storages: Storages | Callable[[], Storages],
    to: str = "",
    *,
    name: str,
    storage_type: str = "",
    bucket_name: str = "",
    size: str = "",
    rules: FileRules | None = None,
    accept: Accept | None = None,
) -> FollowedColumns:
    """Let files follow rows that keep them in several columns, as S3Saver's do.

    .. code-block:: python

        pictures = follow(
            Thingy,
            storages,
            name="image",
            storage_type="image_storage_type",
            bucket_name="image_bucket_name",
        )
        thingy.image = upload  # or a name, as before

    An upload that is assigned to the attribute with the name is stored by the flush, and the other
    attributes say where. A name is taken as it is. Either way the file that the row named before is
    deleted after the commit, unless another row of the table names it; an index on the column with
    the names makes that fast. A rollback deletes what the flush has stored, and nothing else.

    :param model: a mapped class.
    :param name: the attribute with the file's name below the storages' root.
    :param storage_type: the attribute with ``'s3'``, or ``''`` for the disk; without it, all files
        are on disk.
    :param bucket_name: the attribute with the bucket's name.
    :param size: the attribute with the size in bytes.
    :return: what knows the file of a row. The other parameters are those of :class:`FileType`.
    :raises s3_saver.ArgumentError: *model* has no such attribute.
    """
    mapper: Any = inspect(model, raiseerr=False)
    if not isinstance(mapper, Mapper):
        raise ArgumentTypeError("model", model, "a mapped class")
    names = {"name": name, "storage_type": storage_type, "bucket_name": bucket_name, "size": size}
    for argument, key in names.items():
        if key and key not in mapper.column_attrs:
            columns = ", ".join(mapper.column_attrs.keys())
            raise ArgumentError(argument, key, f"a column of {model.__name__}, among {columns}")
    kind = FileType(storages, to, rules=rules, accept=accept)
    field = FollowedColumns(kind, model, names)
    follow_field(model, field)
    event.listen(getattr(model, name), "set", field.on_set, retval=True, propagate=True)
    return field
