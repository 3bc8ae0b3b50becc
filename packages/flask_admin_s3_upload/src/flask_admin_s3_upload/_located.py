"""Where an object's files are: what a field makes of its options and of the object's fields."""

import logging
from collections.abc import Callable
from typing import Any

from s3_saver import S3Saver, Storage, UnsafeNameError

from ._places import BasePath, File, Place, Places, check_name

logger = logging.getLogger("flask_admin_s3_upload")


class LocatedFiles:
    """The part of a field that finds files."""

    #: Whether the attribute holds a list of names.
    many = False

    storage_type: str | None
    bucket_name: str | None
    storage_type_field: str | None
    bucket_name_field: str | None
    static_root_parent: str | None
    base_path: BasePath | None
    permission: int
    storage: Storage | S3Saver | None
    is_shared: Callable[[Any, str], bool] | None

    @property
    def places(self) -> Places:
        """Where files may be, by the options as they are now."""
        if isinstance(self.storage, S3Saver):
            return Places.of_saver(self.storage)
        s3_options = ("access_key_id", "access_key_secret", "acl", "endpoint_url", "region")
        return Places(
            storage=self.storage,
            storage_type=self.storage_type or "",
            bucket_name=self.bucket_name or "",
            base_path=self.base_path,
            static_root_parent=self.static_root_parent,
            permission=self.permission,
            s3_options={option: getattr(self, option) for option in s3_options},
        )

    def attributes(self, attribute: str) -> tuple[str, ...]:
        return (attribute, *self._place_fields)

    @property
    def _place_fields(self) -> tuple[str, ...]:
        return tuple(name for name in (self.storage_type_field, self.bucket_name_field) if name)

    def place_of(self, obj: Any) -> Place:
        """Give the place where an object's fields say that its files are."""
        return self._place(tuple(getattr(obj, name, None) for name in self._place_fields))

    def _place(self, values: tuple[Any, ...]) -> Place:
        places = self.places
        if not values:
            return places.current
        said = iter(values)
        storage_type = next(said) if self.storage_type_field else places.storage_type
        bucket_name = next(said) if self.bucket_name_field else places.bucket_name
        return places.find(storage_type or "", bucket_name or "")

    def files(self, values: tuple[Any, ...]) -> list[File]:
        names = self.names_in(values[0])
        if not names:
            return []
        storage = self._place(values[1:]).storage
        files = []
        for name in names:
            try:
                files += [
                    File(storage, check_name(each), part_of=name)
                    for each in self.names_of_file(name)
                ]
            except UnsafeNameError as error:
                logger.warning("left alone: %s", error)
        return files

    def names_in(self, value: Any) -> list[str]:
        """Give the file names in an attribute's value."""
        return [value] if isinstance(value, str) and value else []

    def names_of_file(self, name: str) -> list[str]:
        """Give the names of all that belongs to a file, its own first."""
        return [name]
