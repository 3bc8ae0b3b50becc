"""Fields of many files: a column with a list of names, such as one of type JSON."""

import os
from itertools import count
from typing import Any

from werkzeug.datastructures import FileStorage

from s3_saver import Storages

from ._fields import S3FileUploadField
from ._image_fields import S3ImageUploadField
from ._transaction import record
from ._widgets import S3MultipleFileUploadInput, S3MultipleImageUploadInput


class S3MultipleFileUploadField(S3FileUploadField):
    """Keeps a list of files: many are added at once, each can be removed and moved.

    The attribute holds a list of names. New files join those that the object has, in the storage
    where those are; a name that is taken gets a number, so that no file is ever overwritten.

    Options are those of :class:`S3FileUploadField`.
    """

    widget = S3MultipleFileUploadInput()
    many = True

    def names_in(self, value: Any) -> list[str]:
        names = value if isinstance(value, list | tuple) else ()
        return [name for name in names if isinstance(name, str) and name]

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        self._order: list[str] = []
        self._removed: set[str] = set()
        if formdata:
            self._order = _by_position(
                formdata.getlist(f"_{self.name}-item"), formdata.getlist(f"_{self.name}-position")
            )
            self._removed = set(formdata.getlist(f"_{self.name}-remove"))
        super().process(formdata, *args, **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = [*self._kept(self.stored_names), *self._posted(valuelist)]

    def _kept(self, names: list[str]) -> list[str]:
        """Return those of *names* that stay, as they were ordered. Names posted but not among them
        count for nothing; those that were not posted stay, at the end.
        """
        order = {name: at for at, name in reversed(list(enumerate(self._order)))}
        kept = [name for name in names if name not in self._removed]
        return sorted(kept, key=lambda name: order.get(name, len(order)))

    def populate_obj(self, obj: Any, name: str) -> None:
        before = self.names_in(getattr(obj, name, None))
        kept = self._kept(before)
        if kept == before and not self.uploads:
            return
        storages = self.storages_of(obj) if before else self.storages
        change = self._begin(obj, name)
        with change.undone_on_error():
            added = [self._store(change, upload, storages) for upload in self.uploads]
            self._assign(change, kept + added, storages)
            record(change)

    def new_name(self, obj: Any, upload: FileStorage, storages: Storages) -> str:
        stem, extension = os.path.splitext(self.generate_name(obj, upload))
        for number in count():
            name = f"{stem}_{number}{extension}" if number else f"{stem}{extension}"
            outputs = self.outputs(upload, name)
            if not any(storages.current.exists(output.name) for output in outputs):
                return name
        raise AssertionError("unreachable")

    def _is_taken(self, name: str) -> bool:  # noqa: ARG002
        return False  # by then it has another name


class S3MultipleImageUploadField(S3MultipleFileUploadField, S3ImageUploadField):
    """Keeps a list of pictures, each as :class:`S3ImageUploadField` keeps one.

    Options are those of :class:`S3ImageUploadField`.
    """

    widget = S3MultipleImageUploadInput()


def _by_position(items: list[str], positions: list[str]) -> list[str]:
    """Order items by their numbers; what is no number leaves its item where it is."""
    numbered = []
    for at, item in enumerate(items):
        position = positions[at] if at < len(positions) else ""
        number = int(position) if position.isdecimal() else at + 1
        numbered.append((number, item))
    return [item for _, item in sorted(numbered, key=lambda pair: pair[0])]
