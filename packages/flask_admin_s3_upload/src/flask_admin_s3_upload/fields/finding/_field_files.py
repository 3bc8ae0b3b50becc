"""What an upload field knows of the files that rows name, and which fields an app has."""

import logging
from collections.abc import Iterator
from typing import Any

from s3_saver import PENDING_FOLDER, Storages, StoredFile

from ..._upload_field import Place, UploadField
from ..._views import find_fields
from ._options import FileOptions, named
from ._row_files import RowFiles

logger = logging.getLogger("flask_admin_s3_upload")


class FieldFiles(UploadField):
    """A field over names of files.

    :ivar files: finds the files that rows name.
    """

    short_name: str
    options: FileOptions
    files: RowFiles

    @property
    def storages(self) -> Storages:
        return self.files.storages

    @property
    def deletes_with_row(self) -> bool:
        return self.options.delete_with_row

    def attributes(self, name: str) -> tuple[str, ...]:
        return self.files.attributes(name)

    def files_of(self, values: tuple[Any, ...]) -> list[StoredFile]:
        return [file.stored for file in self.files.files(values)]

    def bind(self, file: StoredFile) -> StoredFile:
        return file.bind(self.storages)

    def places(self) -> Iterator[Place]:
        folder = self.options.relative_path
        for below in [folder, PENDING_FOLDER] if folder else [""]:
            yield from self.files.sources.places(below)

    def pending_places(self) -> Iterator[Place]:
        yield from self.files.sources.places(PENDING_FOLDER)

    def check_model(self, model: Any) -> None:
        with named(type(self), self.short_name):
            self.files.check_model(model)


def row_files_of(model: type) -> list[tuple[str, RowFiles, bool]]:
    """Return which attributes of *model* have a field, the last one of each name, what finds its
    files, and whether these go when a row does.

    A field whose files any view keeps (``delete_with_row=False``) keeps them. One whose options are
    wrong is left out: the start has said so.
    """
    fields: dict[str, FieldFiles] = {}
    kept = set()
    for found in find_fields():
        if not issubclass(model, found.model):
            continue
        try:
            field = found.make()
        except (ValueError, RuntimeError) as error:
            logger.debug("files of %s.%s are not followed: %s", model, found.name, error)
            continue
        if isinstance(field, FieldFiles):
            fields[found.name] = field
            if not field.deletes_with_row:
                kept.add(found.name)
    return [(name, field.files, name not in kept) for name, field in fields.items()]
