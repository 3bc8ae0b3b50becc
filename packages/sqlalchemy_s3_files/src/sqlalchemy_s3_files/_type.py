"""The column type: a stored file, or an ordered list of them, as JSON."""

from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import JSON, ColumnElement, and_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from s3_saver import (
    ArgumentError,
    ArgumentTypeError,
    Storages,
    StoredFile,
    UnboundError,
    check_name,
)

from ._incoming import UNCHANGED, Accept, FindOptions, Unchanged, incoming, take
from ._lazy_storages import Finder, FindStorages, LazyStorages
from ._list import StoredFiles
from ._new_file import NewFile
from ._rules import FileRules
from .exceptions import NotStoredError

_BLANK = StoredFile("-")
_KEYS = _BLANK.to_dict().keys()


class FileType(TypeDecorator[Any]):
    """A stored file that follows its row.

    .. code-block:: python

        class Thing(Base):
            id: Mapped[int] = mapped_column(primary_key=True)
            image: Mapped[StoredFile | None] = mapped_column(FileType(storages, "things/"))
            pages: Mapped[list[StoredFile]] = mapped_column(FileType(storages, multiple=True))

    Assign :func:`new_file`, or what :class:`StoredFile`, frameworks and the standard library have
    of a file: binary streams, and objects with ``stream`` (or ``file``) and ``filename``. An empty
    upload leaves the value as it is; None deletes the file. Another row's file is copied.

    In the database it is JSON, on PostgreSQL JSONB.

    :param storages: where files are kept; or a function, or a proxy such as Werkzeug's, that finds
        it when it is needed. Without it, as in a migration, files can only be read as values.
    :param to: the folder of new files in the storages, such as ``'things/'``.
    :param rules: which files are accepted: any object with the call of :class:`FileRules`, such as
        ``untrusted_files.Rules``. They are asked when a value is assigned.
    :param accept: called with what was assigned and the attribute's name: returns a stream, an
        object with ``stream`` and ``filename``, a :class:`StoredFile`, or None for an empty upload.
    :param multiple: whether the value is a list of files.
    :param shared: whether several rows may name one file. A :class:`StoredFile` that is assigned is
        then kept as it is, and before a file is deleted the table is asked who else names it.
    :param options: called with the content type of a new file, returns how it is kept on S3: the
        options of :meth:`s3_saver.S3Storage.save`.
    """

    __module__ = "sqlalchemy_s3_files"  # where migrations import it from

    impl = JSON
    cache_ok = True

    class Comparator(JSON.Comparator[Any]):
        """Compares a column of one file with a :class:`StoredFile` by its place."""

        def __eq__(self, other: object) -> ColumnElement[bool]:  # type: ignore[override]
            if not isinstance(other, StoredFile):
                return cast("ColumnElement[bool]", super().__eq__(other))
            return and_(
                self["name"].as_string() == other.name,
                self["storage_type"].as_string() == other.storage_type,
                self["bucket_name"].as_string() == other.bucket_name,
            )

        def __ne__(self, other: object) -> ColumnElement[bool]:  # type: ignore[override]
            if not isinstance(other, StoredFile):
                return cast("ColumnElement[bool]", super().__ne__(other))
            return ~(self == other)

        __hash__ = None  # type: ignore[assignment]

    comparator_factory = Comparator

    def __init__(
        self,
        storages: Storages | FindStorages | None = None,
        to: str = "",
        *,
        rules: FileRules | None = None,
        accept: Accept | None = None,
        multiple: bool = False,
        shared: bool = False,
        options: FindOptions | None = None,
    ) -> None:
        super().__init__(none_as_null=True)
        # By its own type: a proxy has no app yet that it could ask for its class.
        is_found_later = storages is not None and not issubclass(type(storages), Storages)
        if is_found_later and not callable(storages):
            raise ArgumentTypeError(
                "storages", storages, "a Storages, or a function that returns it"
            )
        if rules is not None and not callable(getattr(rules, "check", None)):
            raise ArgumentTypeError("rules", rules, "an object with check(stream, filename)")
        if accept is not None and not callable(accept):
            raise ArgumentTypeError("accept", accept, "a function of a value and a name")
        if options is not None and not callable(options):
            raise ArgumentTypeError("options", options, "a function of a content type")
        # SQLAlchemy's cache of statements distinguishes types by the parameters of __init__.
        self.storages = Finder(storages) if is_found_later else storages
        self.multiple = multiple
        self.shared = shared
        self.folder = clean_folder(to)
        self._rules = rules
        self._accept = accept
        self._find_options = options
        self._bound = LazyStorages(self.storages) if callable(self.storages) else self.storages
        self._blank = self.bind_file(_BLANK)

    def __repr__(self) -> str:
        return f"FileType({'multiple=True' if self.multiple else ''})"

    # Properties, since SQLAlchemy's cache would need to hash them.

    @property
    def rules(self) -> FileRules | None:
        """Which files are accepted."""
        return self._rules

    @property
    def accept(self) -> Accept | None:
        """What knows what a framework hands over."""
        return self._accept

    def find_storages(self) -> Storages:
        """Return where files are kept.

        :raises s3_saver.ArgumentError: it was not passed.
        """
        if self.storages is None:
            raise ArgumentError(
                "storages", None, "passed to FileType", ": without it, files are only values"
            )
        return self.storages() if callable(self.storages) else self.storages

    def bind_file(self, file: StoredFile) -> StoredFile:
        """Return a file of this column, bound."""
        return file if self._bound is None else file.bind(self._bound)

    def take(self, value: Any, attribute: str) -> StoredFile | Unchanged | None:
        """Check what is to be assigned, and return what to assign in its place.

        Assigning calls it. A form calls it to check a value before, and assigns the result: what
        was taken once is not taken again, so that rules are asked once. Nothing is stored.

        :param attribute: for errors, such as ``'Thing.image'``.
        :return: a stored file, or one that the flush is to store, with its name; :data:`UNCHANGED`
            for an empty upload; None for None.
        :raises s3_saver.ArgumentError: it is no file. What *rules* and *accept* raise is raised.
        """
        if value is None:
            return None
        self.find_storages()
        file = incoming(value, attribute, self._accept)
        if isinstance(file, Unchanged):
            return file
        if not isinstance(file, NewFile):
            # One that is bound may be another store's, from which it is copied.
            return file if is_bound(file) else self.bind_file(file)
        taken = take(file, self, self.folder, self._rules, self._find_options)
        return taken if taken is file else self.bind_file(taken)

    def take_all(self, values: Any, attribute: str) -> StoredFiles | Unchanged:
        """Check a list that is to be assigned, as :meth:`take` does one value.

        :return: of uploads that are all empty, :data:`UNCHANGED`; of None, an empty list.
        """
        if isinstance(values, Unchanged):
            return values
        if values is None:
            return self.list_of(attribute=attribute)
        if isinstance(values, str | bytes | StoredFile) or not isinstance(values, Iterable):
            raise ArgumentTypeError(attribute, values, "a list of files, or None")
        found = list(values)
        taken = [self.take(value, attribute) for value in found]
        files = [file for file in taken if isinstance(file, StoredFile)]
        return UNCHANGED if found and not files else self.list_of(files, attribute)

    def list_of(self, files: Iterable[StoredFile] = (), attribute: str = "file") -> StoredFiles:
        """Return a list that takes what is put into it as this column does."""
        return StoredFiles(files, lambda value: self.take(value, attribute))

    def copy_of(self, file: StoredFile) -> NewFile:
        """Return a new file of this column with the bytes of another row's."""
        return cast(
            "NewFile",
            self.bind_file(take(NewFile.of(file), self, self.folder, None, self._find_options)),
        )

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind = JSONB if dialect.name == "postgresql" else JSON
        return dialect.type_descriptor(kind(none_as_null=True))

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        return self.impl_instance.coerce_compared_value(op, value)

    def compare_values(self, x: Any, y: Any) -> bool:
        return bool(x == y)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        if value is None:
            return None
        if not self.multiple:
            return _as_json(value)
        return [_as_json(one) for one in value]

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        if self.multiple:
            return self.list_of(load(one, self._blank) for one in value or ())
        return None if value is None else load(value, self._blank)


def load(data: Any, blank: StoredFile) -> StoredFile:
    """Return the file of a row, bound as *blank* is.

    Loading many rows is where time counts: what has all keys and no metadata, as most have, is made
    in a quarter of the time of ``from_dict``.
    """
    is_plain = type(data) is dict and data.keys() == _KEYS and None not in data.values()
    if is_plain and data["name"] and not data["metadata"]:
        file = object.__new__(StoredFile)
        vars(file).update(vars(blank))
        vars(file).update(data, metadata=blank.metadata)
        return file
    file = StoredFile.from_dict(data)
    return file.bind(blank.storages) if is_bound(blank) else file


def is_bound(file: StoredFile) -> bool:
    """Report whether a file knows its storages."""
    try:
        return file.storages is not None
    except UnboundError:
        return False


def clean_folder(to: str) -> str:
    """Return the folder of new files as a prefix: empty, or ending in a slash."""
    if not isinstance(to, str):
        raise ArgumentTypeError("to", to, "a folder such as 'things/'")
    return f"{check_name(to.removesuffix('/'))}/" if to else ""


def _as_json(value: object) -> dict[str, Any]:
    if isinstance(value, NewFile) and value.is_stored and value.progress.is_being_written:
        return value.to_dict()
    name = value.filename or value.name if isinstance(value, StoredFile) else ""
    raise NotStoredError(
        f"{name or value!r} reached the database without a flush, which stores files: assign it to "
        "an object and add that to a session. Bulk saves, core inserts, ORM updates and listeners "
        "of before_flush that run later cannot take files. A migration writes "
        "stored.to_dict() to a column of type JSON",
        name=name,
    )
