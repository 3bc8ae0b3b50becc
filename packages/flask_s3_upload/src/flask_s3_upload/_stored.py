"""A stored file: what it is, and where."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO, Self
from urllib.parse import urlsplit, urlunsplit

from ._state import current_state


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is stored, or is on its way there: five plain values that a model can keep.

    ``to_dict()`` gives what JSON takes and ``from_dict()`` takes it back; ``flask.jsonify`` takes
    it as it is. What is not one of the values is looked up in the app, and needs its context.

    :param name: below the storage's root, a POSIX relative path such as ``'avatars/ann.png'``.
    :param size: in bytes.
    :param content_type: what the bytes are, such as ``'image/png'``.
    :param storage_type: ``'s3'``, or ``''`` for the disk, as in :class:`s3_saver.S3Saver`.
    :param bucket_name: of the bucket, ``''`` for the disk.
    """

    name: str
    size: int
    content_type: str
    storage_type: str = ""
    bucket_name: str = ""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Make one of what :meth:`to_dict` gave.

        :raises ValueError: it is something else.
        """
        if not isinstance(data, Mapping):
            raise TypeError(f"data must be the dict that to_dict() gave, got {data!r}")
        try:
            stored = cls(**data)
        except TypeError as error:
            raise ValueError(f"{dict(data)!r} is not of a StoredFile: {error}") from error
        for name, value in asdict(stored).items():
            if type(value) is not (int if name == "size" else str):
                raise ValueError(f"{name!r} of a StoredFile cannot be {value!r}")
        return stored

    def to_dict(self) -> dict[str, Any]:
        """Give the values as JSON takes them."""
        return asdict(self)

    @property
    def relative_path(self) -> str:
        """The path below the local folder, or the object's key."""
        return current_state().places.relative_path(self)

    @property
    def absolute_path(self) -> str:
        """The path on this machine's disk.

        :raises ValueError: the file is on S3, and has none.
        """
        return current_state().places.absolute_path(self)

    @property
    def url(self) -> str:
        """The absolute URL; if ``UPLOADS_PRIVATE`` is set, it is signed and ends."""
        return current_state().places.url(self)

    @property
    def relative_url(self) -> str:
        """The same without scheme and host."""
        parts = urlsplit(self.url)
        return urlunsplit(("", "", parts.path, parts.query, ""))

    def open(self) -> BinaryIO:
        """Open it for reading, as :meth:`s3_saver.Storage.open`."""
        return current_state().places.storage_of(self).open(self.name)

    def delete(self) -> None:
        """Delete the file; if it is gone already, that is no error."""
        current_state().places.storage_of(self).delete(self.name)

    def ready(self) -> bool:
        """Tell whether the file is in its storage: after ``save(…, background=True)`` it comes
        there by and by. On S3 this asks S3.
        """
        return current_state().places.storage_of(self).exists(self.name)
