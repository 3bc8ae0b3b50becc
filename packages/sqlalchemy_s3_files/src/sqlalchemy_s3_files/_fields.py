"""Which attributes of a mapped class name files."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import Column, event, inspect
from sqlalchemy.orm import Mapper, configure_mappers

from s3_saver import Storages, StoredFile

from ._field import Field, Moved, State, current_value
from ._incoming import Unchanged
from ._list import StoredFiles
from ._new_file import NewFile
from ._type import FileType, is_bound

#: Returns the fields of a mapped class that name files.
FindFields = Callable[[type], Iterable[Field]]


class ColumnField(Field):
    """An attribute whose column is of :class:`FileType`."""

    def __init__(self, key: str, kind: FileType, model: type) -> None:
        self.key = key
        self.keys: tuple[str, ...] = (key,)
        self.kind = kind
        self.multiple = kind.multiple
        self.shared = kind.shared
        self.has_names = kind.shared
        self.folder = kind.folder
        self.attribute = f"{model.__name__}.{key}"

    def storages(self) -> Storages:
        return self.kind.find_storages()

    def files(self, values: Sequence[Any]) -> list[StoredFile]:
        return _as_list(values[0])

    def waiting(self, state: State) -> list[NewFile]:
        if self.kind.multiple and state.key is None and self.key not in state.dict:
            setattr(state.obj(), self.key, [])
        return [
            file
            for file in _as_list(state.dict.get(self.key))
            if isinstance(file, NewFile) and not file.is_stored
        ]

    def settle(self, state: State, row: Iterable[StoredFile]) -> list[NewFile]:
        own = {file.location for file in row}
        value = state.dict.get(self.key)
        copies: list[NewFile] = []
        for index, file in enumerate(_as_list(value)):
            if isinstance(file, NewFile):
                file.catch_up()
            if self._is_new_to(state, file, own):
                settled = self.kind.copy_of(file)
                copies.append(settled)
            elif isinstance(file, NewFile):
                continue
            else:
                settled = _kept(self.kind, file)
                settled.keep(state)
            if isinstance(value, StoredFiles):
                value.put(index, settled)
            else:
                state.dict[self.key] = settled
        return copies

    def _is_new_to(self, state: State, file: StoredFile, own: set[tuple[str, str, str]]) -> bool:
        """Whether a stored file is another row's, so that this one needs a copy."""
        if file.location in own:
            return False
        if self.shared and file.store == self.storages().store:
            return False
        if not isinstance(file, NewFile) or file.progress.row is not state:
            return True
        # An object that make_transient has made new is another row than before.
        return state.key is None and not file.progress.is_being_written

    def now(self, state: State) -> list[StoredFile]:
        return _as_list(state.dict.get(self.key))

    def named(self, obj: object) -> list[StoredFile]:
        return _as_list(getattr(obj, self.key))

    def move(self, obj: object, moved: Moved) -> None:
        files = [
            NewFile.moved(self.kind.bind_file(moved[file.location]), self.kind)
            if file.location in moved
            else file
            for file in self.named(obj)
        ]
        if any(isinstance(file, NewFile) and not file.is_stored for file in files):
            setattr(obj, self.key, files if self.kind.multiple else files[0])

    def on_set(self, obj: Any, value: Any, *_: Any) -> Any:
        """Take an assigned value: SQLAlchemy's event."""
        take = self.kind.take_all if self.kind.multiple else self.kind.take
        taken = take(value, self.attribute)
        if isinstance(taken, Unchanged):
            return current_value(obj, self.key)
        return taken

    def on_first_use(self, obj: Any, _: Any, values: dict[str, Any]) -> Any:
        """Let a new object have an empty list, to which files can be added."""
        files = values[self.key] = self.kind.list_of(attribute=self.attribute)
        files._parents[inspect(obj)] = self.key  # noqa: SLF001
        return files

    def bind(self, state: State) -> None:
        value = state.dict.get(self.key)
        if isinstance(value, StoredFiles):
            value.become(self.kind.list_of(map(self._bound, value), self.attribute))
        elif isinstance(value, StoredFile):
            state.dict[self.key] = self._bound(value)

    def _bound(self, file: StoredFile) -> StoredFile:
        return file if is_bound(file) else self.kind.bind_file(file)


def _kept(kind: FileType, file: StoredFile) -> NewFile:
    values = {key: value for key, value in vars(file).items() if not key.startswith("_")}
    kept = NewFile.made(None, **values)
    kept.progress.taken_by = kind
    bound = kind.bind_file(kept)
    assert isinstance(bound, NewFile)  # noqa: S101
    return bound


def _as_list(value: Any) -> list[StoredFile]:
    if value is None:
        return []
    return list(value) if isinstance(value, StoredFiles) else [value]


_models: WeakSet[type] = WeakSet()
_followed: WeakKeyDictionary[type, list[Field]] = WeakKeyDictionary()
_fields: WeakKeyDictionary[Mapper[Any], tuple[Field, ...]] = WeakKeyDictionary()
_finders: list[FindFields] = []


def fields_of(mapper: Mapper[Any]) -> tuple[Field, ...]:
    """Return the attributes of a class, and of those that it inherits from, that name files."""
    found = _fields.get(mapper)
    if found is None:
        followed = [field for one in mapper.class_.__mro__ for field in _followed.get(one, ())]
        found = _fields[mapper] = (*_columns(mapper), *followed)
    for find in _finders:
        found = (*found, *find(mapper.class_))
    return found


def follow_fields(find: FindFields) -> None:
    """Follow the attributes that a function finds, in all sessions of this process.

    For a library whose users say later, or in each app, which attributes of their models name
    files. Models of which that is known are passed to :func:`follow`.

    :param find: called with a mapped class whenever its rows are written, returns the fields that
        it has by then, those that it inherits too. It is called often: let it remember.
    """
    if find not in _finders:
        _finders.append(find)


def follow_field(model: type, field: Field) -> None:
    """Register a field of a class that no column type declares."""
    _followed.setdefault(model, []).append(field)
    _models.add(model)
    _fields.clear()


def known_models() -> list[type]:
    """Return all mapped classes of this process that name files."""
    configure_mappers()  # which is when a class is noticed
    return sorted(_models, key=lambda model: (model.__module__, model.__qualname__))


def _columns(mapper: Mapper[Any]) -> list[ColumnField]:
    found = []
    for prop in mapper.column_attrs:
        column = prop.columns[0]
        if isinstance(column, Column) and isinstance(column.type, FileType):
            found.append(ColumnField(prop.key, column.type, prop.parent.class_))
    return found


@event.listens_for(Mapper, "mapper_configured")
def _listen_to_attributes(mapper: Mapper[Any], model: type) -> None:
    for field in _columns(mapper):
        _models.add(model)
        # A class hears of what it inherits by way of its parent.
        if mapper.column_attrs[field.key].parent is not mapper:
            continue
        attribute = getattr(model, field.key)
        event.listen(attribute, "set", field.on_set, retval=True, propagate=True)
        if field.kind.multiple:
            event.listen(attribute, "init_scalar", field.on_first_use, retval=True, propagate=True)
            StoredFiles.associate_with_attribute(attribute)
