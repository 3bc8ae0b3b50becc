"""What forms and lists show of files: names, sizes, links, previews, and uploads put aside."""

import logging
from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import current_app, has_request_context
from werkzeug.datastructures import FileStorage

from s3_saver import S3SaverError, UnsafeNameError

from . import _pending
from ._located import LocatedFiles
from ._places import File
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

    #: Whether the form tells sizes, which the storage is asked for.
    shows_sizes = True

    endpoint: str | None
    url_relative_path: str | None
    cdn_domain: str | None
    url_style: str
    private: bool | None
    acl: str | None
    name: str
    errors: Sequence[str]
    object_data: Any
    uploads: Any
    _form: Any
    _chosen_names: dict[FileStorage, str]

    @property
    def stored_names(self) -> list[str]:
        """The names that the object had when the form was made."""
        return self.names_in(self.object_data)

    def preview_name(self, name: str) -> str:
        """Give the name of the file that stands for another on a page."""
        return name

    @property
    def urls(self) -> Urls:
        return Urls(
            endpoint=self.endpoint,
            url_relative_path=self.url_relative_path,
            cdn_domain=self.cdn_domain,
            url_style=self.url_style,
            private=self.private,
            acl=self.acl,
        )

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
        storage = (self.places.current if obj is None else self.place_of(obj)).storage
        return [self._show(File(storage, name), name, sizes=sizes) for name in names]

    def _show(self, file: File, name: str, *, sizes: bool, token: str = "") -> Shown:
        try:
            url = preview_url = self.urls.find(file.storage, file.name)
            preview = file.name if token else self.preview_name(file.name)
            if preview != file.name:
                preview_url = self.urls.find(file.storage, preview)
        except UnsafeNameError:
            return Shown(name, None, None, token=token)
        return Shown(name, url, preview_url, self._size_of(file) if sizes else None, token)

    def _size_of(self, file: File) -> int | None:
        try:
            return file.storage.stat(file.name).size
        except S3SaverError as error:
            logger.warning("no size to show: %s", error)
            return None

    def put_aside(self) -> list[Shown]:
        """Store the chosen files till the form passes, and give what claims them.

        Called when the form is shown again: another field was wrong, or the row not saved.
        """
        if self.errors or not has_request_context() or not current_app.secret_key:
            return []
        shown = []
        for upload in self.uploads:
            name = self._chosen_names.get(upload, upload.filename or "")
            try:
                file = _pending.put_aside(upload, name, self.places.current.storage)
            except S3SaverError:
                logger.exception("the form is shown without the chosen file %r", name)
            else:
                token = _pending.sign(file, name, self.name)
                shown.append(self._show(file, name, sizes=self.shows_sizes, token=token))
        return shown
