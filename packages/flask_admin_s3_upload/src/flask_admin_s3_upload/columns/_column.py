"""A column of sqlalchemy_s3_files, as a form sees it."""

import logging
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol, Unpack, cast

from flask import current_app
from werkzeug.datastructures import FileStorage
from wtforms.validators import StopValidation

from s3_saver import (
    ArgumentError,
    ArgumentTypeError,
    FileTransaction,
    ObjectOptions,
    S3SaverError,
    Storages,
    StoredFile,
    guess_content_type,
)
from sqlalchemy_s3_files import CheckedFile, FileRules, FileType, NewFile
from untrusted_files import is_shown_inline

from .._flask_admin import gettext
from .._kept import KeptUpload
from .._markup import Shown
from .._own_urls import url_of_file
from .._refusals import not_stored
from .._report import report

logger = logging.getLogger("flask_admin_s3_upload")


class DirectUploads(Protocol):
    """What sends a file from the browser to the storage by itself: ``column.info`` may have it as
    ``"direct_uploads"``.
    """

    def attributes(self) -> dict[str, str]:
        """Return the HTML attributes of the element that the ES module takes over."""
        ...

    def accept_attribute(self) -> str:
        """Return which files an input offers, as its attribute ``accept``."""
        ...

    def module_url(self) -> str:
        """Return the URL of the ES module."""
        ...

    def hold(self, file: FileStorage) -> str:
        """Keep a file that was posted with the form, and return its token."""
        ...

    def filename(self, token: str) -> str:
        """Return what the client calls a token's file.

        :raises ValueError: the token is forged, too old or somebody else's.
        """
        ...


@dataclass(frozen=True)
class KeptContent:
    """The bytes of a kept upload, which is deleted after the commit."""

    file: StoredFile

    def open(self) -> BinaryIO:
        return self.file.open()

    def check(self, rules: FileRules, filename: str, /) -> CheckedFile:
        with self.open() as stream:
            return rules.check(stream, filename)

    def store(
        self,
        files: FileTransaction,
        storages: Storages,
        file: StoredFile,
        /,
        **options: Unpack[ObjectOptions],
    ) -> StoredFile:
        with self.open() as stream:
            stored = files.save(
                file.name,
                stream,
                storages=storages,
                content_type=file.content_type or None,
                filename=file.filename,
                metadata=file.metadata,
                **options,
            )
        files.delete(self.file)
        return stored


@dataclass(frozen=True)
class FileColumn:
    """A column whose values are stored files.

    :param kind: its type, which checks and stores.
    :param attribute: the attribute's name with its class, such as ``'Picture.image'``.
    :param direct: takes direct uploads, if there are any.
    :param is_required: whether it must have a file.
    """

    kind: FileType
    attribute: str
    direct: DirectUploads | None
    is_required: bool

    @classmethod
    def of(cls, attribute: Any) -> "FileColumn":
        """Make one of a model's attribute, such as ``Picture.image``.

        :raises s3_saver.ArgumentError: its column is not of type FileType.
        """
        columns = getattr(getattr(attribute, "property", None), "columns", None)
        if not columns or not isinstance(columns[0].type, FileType):
            rule = "a model's attribute whose column is a FileType of sqlalchemy_s3_files"
            raise ArgumentTypeError("column", attribute, rule)
        (column, *_) = columns
        direct = cast("DirectUploads | None", column.info.get("direct_uploads"))
        name = f"{attribute.class_.__name__}.{attribute.key}"
        return cls(column.type, name, direct, not column.nullable)

    @property
    def multiple(self) -> bool:
        return self.kind.multiple

    @property
    def accept(self) -> str:
        """Which files an input offers; empty for all."""
        if self.direct is not None:
            return self.direct.accept_attribute()
        accept = getattr(self.kind.rules, "accept", None)
        return str(accept()) if callable(accept) else ""

    def take(self, upload: FileStorage | str) -> Any:
        """Return what can be assigned of an upload, checked; nothing is stored.

        :raises wtforms.validators.StopValidation: it is refused; the message says why.
        """
        try:
            return self.kind.take(_assignable(upload), self.attribute)
        except S3SaverError as error:
            logger.warning("%s: an upload cannot be taken: %s", self.attribute, error)
            raise StopValidation(not_stored()) from error
        except ArgumentError as error:
            logger.warning("%s: an upload is refused: %s", self.attribute, error)
            raise StopValidation(gettext("This is not a file: choose one.")) from error
        except ValueError as error:  # of rules and claims, whose words are for visitors
            raise StopValidation(str(error)) from error

    def show(self, view: Any, file: StoredFile, *, size: str, with_bytes: bool = False) -> Shown:
        """Return what a page shows of a file.

        :param view: whose people may open it.
        :param size: of the preview of a picture, such as ``'200x200'``.
        :param with_bytes: whether to show how large the file is.
        """
        name = file.filename or file.name.rpartition("/")[2]
        try:
            file.storages.storage_of(file)
        except (S3SaverError, ArgumentError) as error:
            report(f"{self.attribute}: {file.name!r} is shown without a link: {error}")
            return Shown(name)
        url = preview = self._url(view, file)
        if not is_picture(file):
            preview = None
        elif (thumbnail := current_app.jinja_env.filters.get("thumbnail")) is not None:
            try:
                preview = str(thumbnail(file, size)) or url
            except Exception as error:  # noqa: BLE001 - an app's own filter must not break a page
                report(f"{self.attribute}: no thumbnail of {file.name!r}: {error}")
        return Shown(name, url, preview, file.size if with_bytes else None)

    def _url(self, view: Any, file: StoredFile) -> str | None:
        try:
            return file.url
        except Exception as error:  # noqa: BLE001 - storages may make URLs by any function
            url = url_of_file(view, self.attribute, file)
            if url is None:
                report(f"{self.attribute}: {file.name!r} is shown without a link: {error}")
            return url


def _assignable(upload: FileStorage | str) -> Any:
    if not isinstance(upload, KeptUpload):
        return upload
    file = upload.file
    return NewFile.made(KeptContent(file), filename=file.filename, size=file.size)


def is_picture(file: StoredFile) -> bool:
    """Report whether browsers show a file as a picture."""
    kind = file.content_type or guess_content_type(file.name)
    return kind.startswith("image/") and is_shown_inline(kind)
