"""Where an object's files are: what a field makes of its options and of the object's fields."""

import logging
from collections.abc import Callable
from functools import cached_property
from typing import Any

from s3_saver import NotConfiguredError, S3Saver, Storages, StoredFile, UnsafeNameError, location_of
from s3_saver.settings import S3Settings

from ._files import File, check_row_name, is_pending
from ._options import FileOptions, check_model
from ._settings import Settings
from ._storages import Location, Sources

logger = logging.getLogger("flask_admin_s3_upload")


class LocatedFiles:
    """The part of a field that finds files."""

    #: Whether the attribute holds a list of names.
    many = False

    options: FileOptions

    @cached_property
    def _settings(self) -> S3Settings:
        # A field lives as long as its form; so the settings are those of now.
        return Settings.current()

    @cached_property
    def sources(self) -> Sources:
        return Sources.of(self.options, self._settings)

    @cached_property
    def storages(self) -> Storages:
        """Where files may be. No other bucket is reached, whatever a row says."""
        return self.sources.storages()

    @property
    def is_shared(self) -> Callable[[Any, str], bool] | None:
        return self.options.is_shared

    @property
    def delete_with_row(self) -> bool:
        return self.options.delete_with_row

    @property
    def storage_type_field(self) -> str | None:
        return self.options.storage_type_field or self._of_saver("storage_type_field")

    @property
    def bucket_name_field(self) -> str | None:
        return self.options.bucket_name_field or self._of_saver("bucket_name_field")

    @property
    def filesize_field(self) -> str | None:
        return self._of_saver("filesize_field")

    def check_model(self, model: Any) -> None:
        """Make sure that a model of SQLAlchemy has the attributes that say where files are.

        :raises s3_saver.ArgumentError: it lacks one: the row would not know where its file is.
        """
        check_model(model, self.storage_type_field, self.bucket_name_field)

    def _of_saver(self, attribute: str) -> str | None:
        saver = self.options.storage
        return getattr(saver, attribute) if isinstance(saver, S3Saver) else None

    @property
    def location_fields(self) -> tuple[str, ...]:
        """The object's attributes that say in which storage its files are."""
        return tuple(name for name in (self.storage_type_field, self.bucket_name_field) if name)

    def attributes(self, attribute: str) -> tuple[str, ...]:
        return (attribute, *self.location_fields)

    def storages_of(self, obj: Any) -> Storages:
        """Return the storages whose new files go where the object's are.

        :raises s3_saver.NotConfiguredError: that is none of ours.
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

    def files(self, values: tuple[Any, ...]) -> list[File]:
        """Return the files that an object with these values of its attributes has.

        :raises s3_saver.ArgumentError: they name an unknown storage type.
        """
        names = self.names_in(values[0])
        if not names:
            return []
        location = self._location(values[1:])
        try:
            storage = self.storages.find(*location)
        except NotConfiguredError as error:
            logger.warning("%r is left alone: %s", names[0], error)
            return []
        files = []
        for name in names:
            try:
                if is_pending(storage, name):
                    logger.warning("%r is left alone: nobody has claimed that upload", name)
                    continue
                files += [
                    File(self.stored(check_row_name(each), *location), part_of=name)
                    for each in self.names_of_file(name)
                ]
            except UnsafeNameError as error:
                logger.warning("left alone: %s", error)
        return files

    def names_in(self, value: Any) -> list[str]:
        """Return the file names in an attribute's value."""
        return [value] if isinstance(value, str) and value else []

    def names_of_file(self, name: str) -> list[str]:
        """Return the names of all that belongs to a file, its own first."""
        return [name]
