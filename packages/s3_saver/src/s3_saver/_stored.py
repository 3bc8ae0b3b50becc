"""A stored file as a value: what it is, and where."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from dataclasses import replace as _replace
from typing import Any, BinaryIO, Protocol, Self
from urllib.parse import urlsplit, urlunsplit

from ._checks import check_type
from ._local import LocalStorage
from ._names import check_name
from ._s3 import S3Storage
from ._storage import Storage
from .exceptions import ArgumentError, ArgumentTypeError, UnboundError


class FileStorages(Protocol):
    """What a bound :class:`StoredFile` asks; :class:`Storages` has it."""

    def storage_of(self, file: "StoredFile", /) -> Storage: ...

    def delete(self, *files: "StoredFile") -> None: ...

    def url(self, file: "StoredFile", /) -> str: ...

    def permanent_url(self, file: "StoredFile", /) -> str: ...

    def download_url(self, file: "StoredFile", /, *, inline: bool = False) -> str: ...


class _ReadOnlyDict(dict[str, Any]):
    """A read-only dict that JSON takes."""

    def _refuse(self, *_: object, **__: object) -> Any:
        raise TypeError("a StoredFile is read-only: make another one with replace(metadata={...})")

    __setitem__ = __delitem__ = __ior__ = _refuse
    update = setdefault = pop = popitem = clear = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)


_EMPTY = _ReadOnlyDict()
_METADATA = "a dict such as {'width': 800}"


def _empty() -> _ReadOnlyDict:
    return _EMPTY


@dataclass(frozen=True)
class StoredFile:
    """A stored file: plain values that a model can keep as JSON.

    What opens, deletes and shows it is the :class:`Storages` that it is bound to, which is no part
    of the value: it is outside equality, ``repr``, JSON and pickle. :meth:`Storages.save` and
    loading a column bind; after :meth:`from_dict`, call :meth:`bind`.

    :param name: below the storage's root, a POSIX relative path such as ``'avatars/ann.png'``.
    :param size: in bytes; 0 where a row keeps no size.
    :param content_type: what the bytes are, such as ``'image/png'``; empty where a row keeps none.
    :param storage_type: ``'s3'``, or ``''`` for the disk.
    :param bucket_name: of the bucket, ``''`` for the disk.
    :param filename: what the client called the file, such as ``'me at the sea.png'``. It is not to
        be trusted: show it, but make no path of it.
    :param store: the name of the ``Uploads`` that keeps it, ``''`` for the only one.
    :param metadata: more about it, as JSON takes it, such as ``{'width': 800, 'height': 600}``.
        Read-only: :meth:`replace` makes another value.
    :param extra: keys of :meth:`from_dict` that are not among these, as a later version writes
        them; :meth:`to_dict` returns them as they were.
    """

    name: str
    size: int = 0
    content_type: str = ""
    storage_type: str = ""
    bucket_name: str = ""
    filename: str = ""
    store: str = ""
    metadata: Mapping[str, Any] = field(default_factory=_empty, hash=False)
    extra: Mapping[str, Any] = field(default_factory=_empty, hash=False, repr=False)

    def __post_init__(self) -> None:
        if type(self.metadata) is not _ReadOnlyDict:
            check_type("metadata", self.metadata, Mapping, _METADATA)
            vars(self)["metadata"] = _ReadOnlyDict(self.metadata)
        if type(self.extra) is not _ReadOnlyDict:
            check_type("extra", self.extra, Mapping, "a dict")
            if taken := _KINDS.keys() & self.extra.keys():  # to_dict() would return them as fields
                raise ArgumentError("extra", sorted(taken), "of other keys than a StoredFile has")
            vars(self)["extra"] = _ReadOnlyDict(self.extra)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Make one of what :meth:`to_dict` returned; it is not bound.

        :raises ArgumentError: it is something else.
        """
        if not isinstance(data, Mapping):
            raise ArgumentTypeError("data", data, "the dict that to_dict() returned")
        values: dict[str, Any] = {}
        unknown: dict[str, Any] = {}
        for key, value in data.items():
            kind = _KINDS.get(key)
            if kind is None:
                unknown[key] = value
            elif type(value) is kind or (kind is dict and isinstance(value, Mapping)):
                values[key] = value
            elif value is not None:
                raise ArgumentError(f"data[{key!r}]", value, f"of type {kind.__name__}")
        if not values.get("name"):
            raise ArgumentError("data", dict(data), "a stored file's, with a 'name'")
        if unknown:
            values["extra"] = {**values.get("extra", {}), **unknown}
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """Return the values as JSON takes them."""
        values = {key: getattr(self, key) for key in _KINDS if key != "extra"}
        return {**values, "metadata": dict(self.metadata), **self.extra}

    def bind(self, storages: FileStorages) -> Self:
        """Return the same value, bound to what opens, deletes and shows it."""
        # replace() would double the time that loading a row's file takes.
        bound = object.__new__(type(self))
        vars(bound).update(vars(self), _storages=storages)
        return bound

    def replace(self, **changes: Any) -> Self:
        """Return another value with these fields changed, bound to the same storages."""
        changed = _replace(self, **changes)
        return changed.bind(self._bound) if self._bound is not None else changed

    @property
    def storages(self) -> FileStorages:
        """The storages that it is bound to.

        :raises UnboundError: it is not bound.
        """
        if self._bound is None:
            raise UnboundError(
                f"the stored file {self.name!r} is not bound to storages, which open, delete and "
                "show it: call stored.bind(storages) on what from_dict() returned",
                name=self.name,
            )
        return self._bound

    @property
    def _bound(self) -> FileStorages | None:
        return self.__dict__.get("_storages")

    def is_same_file(self, other: "StoredFile") -> bool:
        """Report whether both are the same stored file, whatever their other fields are."""
        return self.location == other.location and self.store == other.store

    @property
    def location(self) -> tuple[str, str, str]:
        """Storage type, bucket name and name, which together identify the file in its store."""
        return self.storage_type, self.bucket_name, self.name

    @property
    def url(self) -> str:
        """The URL for a page that is shown now. If files are private it is signed, and expires."""
        return self.storages.url(self)

    @property
    def permanent_url(self) -> str:
        """A URL that does not expire, for mails, feeds and other databases."""
        return self.storages.permanent_url(self)

    def download_url(self, *, inline: bool = False) -> str:
        """Return a URL by which a browser saves the file under the client's name for it,
        :attr:`filename`. It expires as :attr:`url` does.

        :param inline: show the file in the browser where that is safe.
        """
        return self.storages.download_url(self, inline=inline)

    @property
    def relative_url(self) -> str:
        """:attr:`url` without scheme and host."""
        parts = urlsplit(self.url)
        return urlunsplit(("", "", parts.path, parts.query, ""))

    @property
    def relative_path(self) -> str:
        """The path below the folder, or the object's key."""
        storage = self.storages.storage_of(self)
        return storage.key(self.name) if isinstance(storage, S3Storage) else check_name(self.name)

    @property
    def absolute_path(self) -> str:
        """The path on this machine's disk.

        :raises UnboundError: the file is not on a disk, and has none.
        """
        storage = self.storages.storage_of(self)
        if not isinstance(storage, LocalStorage):
            raise UnboundError(
                f"{self.name!r} is in {storage!r} and has no path on disk: use open()",
                name=self.name,
            )
        return storage.path(self.name)

    def open(self) -> BinaryIO:
        """Open it for reading, as :meth:`Storage.open`."""
        return self.storages.storage_of(self).open(self.name)

    def exists(self) -> bool:
        """Ask the storage whether the file is there, as :meth:`Storage.exists`."""
        return self.storages.storage_of(self).exists(self.name)

    def delete(self) -> None:
        """Delete the file at once; one that is absent is no error.

        To delete it together with a row, see :class:`FileTransaction`.
        """
        self.storages.delete(self)

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "_storages"}

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        return self


def check_described(filename: str | None, metadata: Mapping[str, Any] | None) -> None:
    """Raise ArgumentTypeError, before a save, for what no stored file can be made of."""
    check_type("filename", filename or "", str, "a str such as 'me at the sea.png'")
    check_type("metadata", metadata or {}, Mapping, _METADATA)


# The fields in their order, and the type that JSON has for each.
_KINDS: dict[str, type] = {
    one.name: {"size": int, "metadata": dict, "extra": dict}.get(one.name, str)
    for one in fields(StoredFile)
}
