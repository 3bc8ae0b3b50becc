"""The options of a field, each checked for itself when they are made."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import FileStorage

from s3_saver import (
    ArgumentError,
    S3Saver,
    S3Storage,
    Storage,
    UnsafeNameError,
    check_name,
    ensure_storage,
)
from url_for_s3 import ArgumentError as UrlArgumentError
from url_for_s3 import S3Bucket

Folder = str | os.PathLike[str]
BasePath = Folder | Callable[[], Folder]

_TEXTS = [
    "bucket_name",
    "acl",
    "storage_type_field",
    "bucket_name_field",
    "filesize_field",
    "endpoint",
    "url_relative_path",
    "endpoint_url",
    "region",
    "cdn_domain",
    "relative_path",
]
_FUNCTIONS = ("namegen", "is_shared")
_ANY_BUCKET = "any-bucket"


@dataclass(frozen=True, kw_only=True)
class FileOptions:
    """What all fields take; :class:`S3FileUploadField` describes it.

    :raises s3_saver.ArgumentError: an option is wrong by itself.
    """

    storage_type: str | None  # None leaves it to the app's settings
    bucket_name: str | None = None
    access_key_id: str | None = None
    access_key_secret: str | None = field(default=None, repr=False)
    acl: str | None = None
    storage_type_field: str | None = None
    bucket_name_field: str | None = None
    filesize_field: str | None = None
    static_root_parent: Folder | None = None
    base_path: BasePath | None = None
    relative_path: str | None = None
    namegen: Callable[[Any, FileStorage], str] | None = None
    allowed_extensions: Sequence[str] | None = None
    permission: int = 0o666
    allow_overwrite: bool | None = None
    endpoint: str | None = None
    url_relative_path: str | None = None
    storage: Storage | S3Saver | None = None
    endpoint_url: str | None = None
    region: str | None = None
    cdn_domain: str | None = None
    url_style: str | None = None
    private: bool | None = None
    max_bytes: int | None = None
    delete_with_row: bool = True
    is_shared: Callable[[Any, str], bool] | None = None

    def __post_init__(self) -> None:
        for option in _TEXTS:
            self._require(option, lambda value: isinstance(value, str), "a str, or None")
        for option in _FUNCTIONS:
            self._require(option, callable, "a function, or None")
        for option in ("allow_overwrite", "private"):
            self._require(option, _is_bool, "True, False or None")
        self._require("storage_type", lambda value: value in ("", "s3"), "'s3', or '' for the disk")
        self._require("url_style", lambda value: value in ("host", "path"), "'host' or 'path'")
        self._require("base_path", _is_base_path, "a folder, or a function that returns it")
        self._require("static_root_parent", _is_folder, "a folder, or None")
        self._require("max_bytes", _is_positive, "a whole number from 1 up")
        if not _is_bool(self.delete_with_row):
            raise ArgumentError("delete_with_row", self.delete_with_row, "True or False")
        if type(self.permission) is not int:
            raise ArgumentError("permission", self.permission, "mode bits such as 0o640")
        self._check_extensions()
        self._check_storage()
        for option in ("access_key_id", "access_key_secret"):  # values are secret
            value = getattr(self, option)
            if value is not None and not isinstance(value, str):
                raise ArgumentError(option, type(value), "a str, or None")
        if self.private and self.cdn_domain:
            raise ArgumentError(
                "private",
                self.private,
                f"left out with cdn_domain={self.cdn_domain!r}",
                ": a CDN does not know S3's signatures",
            )
        self._check_folders()
        self._check_bucket()

    def _require(self, option: str, is_right: Callable[[Any], bool], rule: str) -> None:
        value = getattr(self, option)
        if value is not None and not is_right(value):
            raise ArgumentError(option, value, rule)

    def _check_extensions(self) -> None:
        value: Any = self.allowed_extensions
        if value is None:
            return
        is_list = isinstance(value, Iterable) and not isinstance(value, str | bytes)
        extensions = list(value) if is_list else []
        if not is_list or not all(isinstance(each, str) for each in extensions):
            raise ArgumentError(
                "allowed_extensions", value, "a list such as ['pdf', 'txt'], or None"
            )
        bare = [each.removeprefix(".") for each in extensions]
        object.__setattr__(self, "allowed_extensions", bare)

    def _check_storage(self) -> None:
        if self.storage is None or isinstance(self.storage, S3Saver):
            return
        try:
            ensure_storage(self.storage)
        except ArgumentError as error:
            rule = "a Storage or an S3Saver of s3-saver, or None"
            raise ArgumentError("storage", type(self.storage), rule) from error

    def _check_folders(self) -> None:
        """Make folders end in a slash, as Flask-Admin's ``urljoin`` needs it."""
        for option in ("relative_path", "url_relative_path"):
            value = getattr(self, option)
            if value and not value.endswith("/"):
                object.__setattr__(self, option, f"{value}/")
        if self.relative_path:
            try:
                check_name(self.relative_path.removesuffix("/"))
            except UnsafeNameError as error:
                rule = "a folder in base_path such as 'cats/'"
                raise ArgumentError("relative_path", self.relative_path, rule) from error

    def _check_bucket(self) -> None:
        ready = self.storage
        bucket_name, region, endpoint_url = self.bucket_name, self.region, self.endpoint_url
        if isinstance(ready, S3Storage):
            bucket_name = ready.bucket_name
        elif isinstance(ready, S3Saver):
            bucket_name = ready.bucket_name
            region = ready.s3_options.get("region")
            endpoint_url = ready.s3_options.get("endpoint_url")
        if not (bucket_name or region or endpoint_url or self.cdn_domain):
            return
        # What cannot be shown by a URL is refused now, and not when a page is made.
        S3Bucket(
            bucket_name or _ANY_BUCKET,
            region=region,
            endpoint_url=endpoint_url,
            cdn_domain=self.cdn_domain,
            url_style=self.url_style or "host",
        )


def check_pairs(options: FileOptions) -> None:
    """Make sure that what belongs together is there. A view's ``scaffold_form`` may add to options,
    so this is known when the form is made.

    :raises s3_saver.ArgumentError: half of the credentials is missing.
    """
    halves = ("access_key_id", "access_key_secret")
    given = [option for option in halves if getattr(options, option)]
    for option in halves:
        if given and option not in given:
            rule = "passed where the other half of the credentials is"
            raise ArgumentError(option, getattr(options, option), rule)


@contextmanager
def named(field_class: type, name: str) -> Iterator[None]:
    """Add the field's class and name to the error of a wrong option.

    :raises ValueError: instead of the ArgumentErrors of s3_saver and url_for_s3.
    """
    try:
        yield
    except (ArgumentError, UrlArgumentError) as error:
        whose = f"{field_class.__name__} {name!r}" if name else field_class.__name__
        raise ValueError(f"{whose}: {error}") from error


def _is_bool(value: object) -> bool:
    return value is True or value is False


def _is_positive(value: object) -> bool:
    return type(value) is int and value > 0


def _is_folder(value: object) -> bool:
    return isinstance(value, str | os.PathLike)


def _is_base_path(value: object) -> bool:
    return _is_folder(value) or callable(value)
