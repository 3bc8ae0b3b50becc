"""What forms and lists show of files: names, sizes, links, previews, and uploads put aside."""

import logging
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

from flask import current_app, has_request_context
from werkzeug.datastructures import FileStorage
from werkzeug.routing import BuildError

from s3_saver import NotConfiguredError, S3SaverError, Storage, StoredFile, UnsafeNameError
from url_for_s3 import ArgumentError

from . import _pending
from ._files import check_row_name, is_pending
from ._located import LocatedFiles
from ._urls import Urls

logger = logging.getLogger("flask_admin_s3_upload")


class Shown(NamedTuple):
    """A file that the widget shows.

    :param url: of the file, if it has one.
    :param preview_url: of what to show of it, such as its thumbnail.
    :param size: in bytes, if it is known.
    :param token: claims a file that was put aside; empty for stored ones.
    """

    name: str
    url: str | None
    preview_url: str | None
    size: int | None = None
    token: str = ""


class ShownFiles(LocatedFiles):
    """The part of a field that shows files."""

    #: Whether the form shows sizes, which the storage is asked for.
    shows_sizes = True

    id: str
    name: str
    label: Any
    _should_delete: bool
    errors: Sequence[str]
    object_data: Any
    uploads: Any
    _form: Any
    _chosen_names: dict[FileStorage, str]

    @property
    def is_deleting(self) -> bool:
        """Whether the delete box was ticked."""
        return bool(self._should_delete)

    @property
    def stored_names(self) -> list[str]:
        """The names that the object had when the form was made."""
        return self.names_in(self.object_data)

    def preview_name(self, name: str) -> str:
        """Return the name of the file that stands for another on a page."""
        return name

    @cached_property
    def urls(self) -> Urls:
        return Urls.of(self.options, self._settings, self.sources.bucket_name)

    @cached_property
    def _reported(self) -> set[str]:
        """What the log says already, so that a page of fifty files says it once."""
        return set()

    def shown(self) -> list[Shown]:
        """The stored files, for the widget."""
        obj = getattr(self._form, "_obj", None)
        return self.shown_of(obj, self.stored_names, sizes=self.shows_sizes)

    def shown_of(self, obj: Any, names: list[str], *, sizes: bool) -> list[Shown]:
        """The files of an object, for widgets and lists.

        :param sizes: whether to ask the storage for them.
        """
        if not names:
            return []
        location = self.sources.location if obj is None else self.location_of(obj)
        try:
            storage = self.storages.find(*location)
        except NotConfiguredError as error:
            self._report(names[0], error)
            return [Shown(name, None, None) for name in names]
        return [self._show_row_s(storage, name, sizes=sizes) for name in names]

    def _show_row_s(self, storage: Storage, name: str, *, sizes: bool) -> Shown:
        try:
            check_row_name(name)
            if is_pending(storage, name):
                return Shown(name, None, None)
        except UnsafeNameError:
            return Shown(name, None, None)
        return self._show(storage, name, name, self.preview_name(name), sizes=sizes)

    def _show(
        self,
        storage: Storage,
        stored_name: str,
        name: str,
        preview_name: str,
        *,
        sizes: bool,
        token: str = "",
    ) -> Shown:
        url = preview_url = None
        try:
            url = preview_url = self.urls.find(storage, stored_name)
            if preview_name != stored_name:
                preview_url = self.urls.find(storage, preview_name)
        except ArgumentError as error:
            fix = "; set it by the field's option, or by S3_REGION for all"
            self._report(name, f"{error}{fix if error.argument == 'region' else ''}")
        except (S3SaverError, BuildError, ImportError) as error:
            self._report(name, error)
        size = self._size_of(storage, stored_name) if sizes else None
        return Shown(name, url, preview_url, size, token)

    def _report(self, name: str, problem: object) -> None:
        if str(problem) not in self._reported:
            self._reported.add(str(problem))
            logger.warning("%r is shown without a link: %s", name, problem)

    def _size_of(self, storage: Storage, name: str) -> int | None:
        try:
            return storage.stat(name).size
        except S3SaverError as error:
            logger.warning("no size to show: %s", error)
            return None

    def put_aside(self) -> list[Shown]:
        """Store the chosen files till the form passes, and return what claims them.

        Called when the form is shown again: another field was wrong, or the row not saved.
        """
        if self.errors or not has_request_context() or not current_app.secret_key:
            return []
        shown = []
        for upload in self.uploads:
            name = self._chosen_names.get(upload, upload.filename or "")
            try:
                file = _pending.put_aside(upload, name, self.storages)
            except S3SaverError:
                logger.exception("the form is shown without the chosen file %r", name)
            else:
                shown.append(self._show_pending(file, name))
        return shown

    def _show_pending(self, file: StoredFile, name: str) -> Shown:
        token = _pending.sign(file, name, self.name)
        storage = self.storages.current
        return self._show(storage, file.name, name, file.name, sizes=self.shows_sizes, token=token)
