"""What an upload field holds, and what it answers by these parts."""

import logging
from collections.abc import Iterator
from typing import Any

from s3_saver import PENDING_FOLDER, Storages, StoredFile

from .._markup import Shown
from .._upload_field import Place, UploadField
from .._views import find_fields
from ._form_checks import check_endpoint
from ._options import FileOptions, check_pairs, named
from ._previews import Previews
from ._row_files import RowFiles

logger = logging.getLogger("flask_admin_s3_upload")


class FieldParts(UploadField):
    """A field whose parts can be asked.

    :ivar files: finds the files that rows name.
    :ivar previews: shows them.
    """

    short_name: str
    options: FileOptions
    files: RowFiles
    previews: Previews

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

    def show(self, view: Any, obj: Any, name: str) -> list[Shown]:
        names = self.files.names_in(getattr(obj, name, None))
        return self.previews.of(view, obj, names, sizes=False)

    def places(self) -> Iterator[Place]:
        folder = self.options.relative_path
        for below in [folder, PENDING_FOLDER] if folder else [""]:
            yield from self.files.sources.places(below)

    def pending_places(self) -> Iterator[Place]:
        yield from self.files.sources.places(PENDING_FOLDER)

    def check_options(self, model: Any) -> None:
        with named(type(self), self.short_name):
            check_pairs(self.options)
            self.files.sources.check(self.options)
            check_endpoint(self.options.endpoint)
            self.files.check_model(model)

    def check_model(self, model: Any) -> None:
        with named(type(self), self.short_name):
            self.files.check_model(model)


def row_files_of(model: type) -> list[tuple[str, RowFiles, bool]]:
    """Return which attributes of *model* have a field, the last one of each name, what finds its
    files, and whether these go when a row does.

    A field whose files any view keeps (``delete_with_row=False``) keeps them. One whose options are
    wrong is left out: the start has said so.
    """
    fields: dict[str, FieldParts] = {}
    kept = set()
    for found in find_fields():
        if not issubclass(model, found.model):
            continue
        try:
            field = found.make()
        except (ValueError, RuntimeError) as error:
            logger.debug("files of %s.%s are not followed: %s", model, found.name, error)
            continue
        if isinstance(field, FieldParts):
            fields[found.name] = field
            if not field.deletes_with_row:
                kept.add(found.name)
    return [(name, field.files, name not in kept) for name, field in fields.items()]
