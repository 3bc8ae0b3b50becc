"""What pages show of a row's files, and of uploads that are kept."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from werkzeug.routing import BuildError

from s3_saver import (
    ArgumentError,
    NotConfiguredError,
    S3SaverError,
    Storage,
    StoredFile,
    UnsafeNameError,
)
from url_for_s3 import ArgumentError as UrlArgumentError

from ..._markup import Shown
from ..._own_urls import url_of_file
from ..._report import report
from ..finding._files import check_row_name, is_pending
from ..finding._row_files import RowFiles
from ._urls import Urls


@dataclass(frozen=True, eq=False)
class Previews:
    """Shows the files that rows name.

    :param attribute: by which the view knows the field; empty if it does not.
    :param has_thumbnails: whether the thumbnail stands for the file.
    """

    files: RowFiles
    attribute: str
    has_thumbnails: bool = False

    @cached_property
    def urls(self) -> Urls:
        return Urls.of(self.files.options, self.files.settings, self.files.sources.bucket_name)

    def of(self, view: Any, obj: Any, names: list[str], *, sizes: bool) -> list[Shown]:
        """Return what a page shows of an object's files.

        :param view: whose people may open them.
        :param obj: None for files where new ones go.
        :param sizes: whether to ask the storage how large they are.
        """
        if not names:
            return []
        files = self.files
        location = files.sources.location if obj is None else files.location_of(obj)
        try:
            storage = files.storages.find(*location)
        except (NotConfiguredError, ArgumentError) as error:
            _report(names[0], error)
            return [Shown(name) for name in names]
        shown = []
        for name in names:
            try:
                hidden = is_pending(storage, check_row_name(name))
            except UnsafeNameError:
                hidden = True
            file = files.stored(name, *location)
            shown.append(Shown(name) if hidden else self._show(view, storage, file, name, sizes))
        return shown

    def of_kept(self, view: Any, file: StoredFile, token: str, *, sizes: bool) -> Shown:
        """Return what the form shows of an upload that it has kept."""
        storage = self.files.storages.storage_of(file)
        return self._show(view, storage, file, file.filename, sizes, token=token)

    def _show(
        self,
        view: Any,
        storage: Storage,
        file: StoredFile,
        name: str,
        sizes: bool,
        *,
        token: str = "",
    ) -> Shown:
        url = preview_url = None
        try:
            url = preview_url = self._url(view, storage, file)
            if self.has_thumbnails and self.files.thumbgen and not token:
                thumbnail = file.replace(name=self.files.thumbgen(file.name))
                preview_url = self._url(view, storage, thumbnail)
        except UrlArgumentError as error:
            fix = "; set it by the field's option, or by S3_REGION for all"
            _report(name, f"{error}{fix if error.argument == 'region' else ''}")
        except (S3SaverError, BuildError, ImportError) as error:
            _report(name, error)
        return Shown(name, url, preview_url, _size(storage, file.name) if sizes else None, token)

    def _url(self, view: Any, storage: Storage, file: StoredFile) -> str | None:
        url = self.urls.find(storage, file.name)
        return url or (url_of_file(view, self.attribute, file) if self.attribute else None)


def _report(name: str, problem: object) -> None:
    report(f"{name!r} is shown without a link: {problem}")


def _size(storage: Storage, name: str) -> int | None:
    try:
        return storage.stat(name).size
    except S3SaverError as error:
        report(f"no size to show: {error}")
        return None
