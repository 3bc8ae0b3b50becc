"""Which files rows name, and where: what a field's options and the app's settings make of a row's
attributes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from s3_saver import (
    ArgumentError,
    NotConfiguredError,
    S3Saver,
    Storages,
    StoredFile,
    location_of,
)
from s3_saver.settings import S3Settings

from ..._report import report
from ..._settings import Settings
from ._files import File, check_row_name, is_pending
from ._models import check_model
from ._options import FileOptions
from ._sources import Location, Sources


@dataclass(frozen=True, eq=False)
class RowFiles:
    """Finds the files that rows name, for as long as a form lives.

    :param thumbgen: returns the name of a picture's thumbnail; without it there are none.
    :param many: whether the attribute holds a list of names.
    """

    options: FileOptions
    thumbgen: Callable[[str], str] | None = None
    many: bool = False

    @cached_property
    def settings(self) -> S3Settings:
        return Settings.current()

    @cached_property
    def sources(self) -> Sources:
        return Sources.of(self.options, self.settings)

    @cached_property
    def storages(self) -> Storages:
        """Where files may be. No other bucket is reached, whatever a row says."""
        return self.sources.storages()

    @property
    def is_shared(self) -> Callable[[Any, str], bool] | None:
        return self.options.is_shared

    def is_used_elsewhere(self, obj: Any, name: str) -> bool:
        """Ask the field's own hook, if there is one, whether other rows use a file."""
        return self.is_shared is not None and bool(self.is_shared(obj, name))

    @property
    def storage_type_field(self) -> str | None:
        return self._attribute("storage_type_field")

    @property
    def bucket_name_field(self) -> str | None:
        return self._attribute("bucket_name_field")

    @property
    def filesize_field(self) -> str | None:
        return self._attribute("filesize_field")

    def _attribute(self, option: str) -> str | None:
        saver = self.options.storage
        of_saver = getattr(saver, option) if isinstance(saver, S3Saver) else None
        return getattr(self.options, option) or of_saver

    @property
    def location_fields(self) -> tuple[str, ...]:
        """The object's attributes that say in which storage its files are."""
        return tuple(name for name in (self.storage_type_field, self.bucket_name_field) if name)

    @property
    def own_fields(self) -> tuple[str, ...]:
        """All attributes that only the field sets."""
        return (*self.location_fields, *([self.filesize_field] if self.filesize_field else []))

    def check_model(self, model: Any) -> None:
        """Make sure that files can follow a model of SQLAlchemy, which has the attributes that the
        field sets.

        :raises s3_saver.ArgumentError: it lacks one: the row would not know where its file is. Or
            what follows rows is not installed.
        """
        options = ("storage_type_field", "bucket_name_field", "filesize_field")
        check_model(model, {option: self._attribute(option) for option in options})

    def attributes(self, attribute: str) -> tuple[str, ...]:
        """Return the object's attributes that say where its files are, the names' first."""
        return (attribute, *self.location_fields)

    def storages_of(self, obj: Any) -> Storages:
        """Return the storages whose new files go where the object's are.

        :raises s3_saver.NotConfiguredError: it is not one of the field's storages.
        """
        location = self.location_of(obj)
        if location == self.sources.location:
            return self.storages
        self.storages.find(*location)
        return self.sources.storages_in(*location)

    def location_of(self, obj: Any) -> Location:
        return self._location(tuple(getattr(obj, name, None) for name in self.location_fields))

    def _location(self, values: tuple[Any, ...]) -> Location:
        """Return where files are by the values of :attr:`location_fields`."""
        fields = dict(zip(self.location_fields, values, strict=True))
        storage_type, bucket_name = self.sources.location
        if self.storage_type_field:
            storage_type = fields[self.storage_type_field] or ""
        if self.bucket_name_field:
            bucket_name = fields[self.bucket_name_field] or ""
        elif storage_type:
            bucket_name = self.sources.bucket_name
        return storage_type, bucket_name if storage_type else ""

    def stored(self, name: str, storage_type: str, bucket_name: str) -> StoredFile:
        """Return the file of that name, bound."""
        file = StoredFile(name, storage_type=storage_type, bucket_name=bucket_name)
        return file.bind(self.storages)

    def file_in(self, storages: Storages, name: str) -> File:
        """Return the file of that name where new files of *storages* go."""
        return File(self.stored(name, *location_of(storages.current)))

    def files(self, values: tuple[Any, ...], *, is_quiet: bool = False) -> list[File]:
        """Return the files that an object with these values of its attributes has, thumbnails too;
        none where they lead to a storage that is not known.

        :param is_quiet: whether the log says nothing of those that are left alone.
        """
        names = self.names_in(values[0])
        if not names:
            return []
        files: list[File] = []
        where = self._location(values[1:])
        for name in names:
            try:
                files += self._files_of(name, where)
            except (NotConfiguredError, ArgumentError) as error:
                if not is_quiet:
                    report(f"{name!r} is left alone: {error}")
        return files

    def _files_of(self, name: str, where: Location) -> list[File]:
        if is_pending(self.storages.find(*where), name):
            raise ArgumentError("name", name, "that of an upload which somebody has claimed")
        return [
            File(self.stored(check_row_name(each), *where), part_of=name)
            for each in self.names_of_file(name)
        ]

    def names_in(self, value: Any) -> list[str]:
        """Return the file names in an attribute's value."""
        if not self.many:
            return [value] if isinstance(value, str) and value else []
        names = value if isinstance(value, list | tuple) else ()
        return [name for name in names if isinstance(name, str) and name]

    def names_of_file(self, name: str) -> list[str]:
        """Return the names of all that belongs to a file, its own first."""
        return [name] if self.thumbgen is None else [name, self.thumbgen(name)]
