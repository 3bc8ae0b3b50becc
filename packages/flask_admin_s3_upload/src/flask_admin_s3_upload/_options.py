"""The options of a field, checked when its form is made, and not when somebody posts a file."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from s3_saver import S3Saver, S3Storage

if TYPE_CHECKING:
    from ._fields import S3FileUploadField
    from ._image_fields import S3ImageUploadField

_TEXTS = (
    *("bucket_name", "acl", "storage_type_field", "bucket_name_field", "endpoint"),
    *("url_relative_path", "endpoint_url", "region", "cdn_domain"),
)
_KEPT = {"AVIF", "GIF", "JPEG", "PNG", "WEBP"}
_STORAGE = ("save", "open", "stat", "exists", "delete", "find", "copy")


class _Options:
    """The options of one field."""

    def __init__(self, field: "S3FileUploadField") -> None:
        self._field = f"{type(field).__name__} {field.short_name!r}"

    def require(self, is_right: object, option: str, value: object, rule: str) -> None:
        """:raises ValueError: names the option, what it is, and what it must be."""
        if not is_right:
            raise ValueError(f"{self._field}: {option}={value!r} must be {rule}")

    def positive(self, option: str, value: object) -> None:
        self.require(type(value) is int and value > 0, option, value, "a whole number from 1 up")

    def function(self, option: str, value: object) -> None:
        self.require(value is None or callable(value), option, value, "a function, or None")

    def size(self, option: str, value: Any) -> None:
        is_right = isinstance(value, tuple | list) and len(value) == 3
        if is_right:
            *sides, force = value
            is_right = all(type(side) is int and side > 0 for side in sides)
            is_right = is_right and force in (True, False)
        rule = "(width, height, force), such as (200, 200, True), or None"
        self.require(not value or is_right, option, value, rule)


def check_file_options(field: "S3FileUploadField", *, allow_overwrite: object) -> None:
    """Check the options of all fields. A *base_path* may be missing until a file is stored.

    :raises ValueError: one is wrong.
    """
    options = _Options(field)
    for name in _TEXTS:
        value = getattr(field, name)
        options.require(value is None or isinstance(value, str), name, value, "a str, or None")
    for name, flag in (
        ("allow_overwrite", allow_overwrite),
        ("delete_with_row", field.delete_with_row),
    ):
        options.require(flag in (True, False), name, flag, "True or False")
    options.require(
        field.private in (None, True, False), "private", field.private, "True, False or None"
    )
    options.require(
        field.url_style in ("host", "path"), "url_style", field.url_style, "'host' or 'path'"
    )
    options.require(
        type(field.permission) is int, "permission", field.permission, "mode bits such as 0o640"
    )
    if field.max_bytes is not None:
        options.positive("max_bytes", field.max_bytes)
    options.function("namegen", field.namegen)
    options.function("is_shared", field.is_shared)
    extensions = field.allowed_extensions
    is_list = isinstance(extensions, Iterable) and not isinstance(extensions, str)
    rule = "a list such as ['pdf', 'txt'], or None"
    options.require(extensions is None or is_list, "allowed_extensions", extensions, rule)
    _check_place(options, field)


def _check_place(options: _Options, field: "S3FileUploadField") -> None:
    storage: Any = field.storage
    if isinstance(storage, S3Saver):
        return  # its options stand for the field's
    is_storage = not isinstance(storage, type) and all(
        callable(getattr(storage, method, None)) for method in _STORAGE
    )
    rule = "a Storage or an S3Saver of s3-saver, or None"
    options.require(storage is None or is_storage, "storage", type(storage), rule)
    base_path = field.base_path
    is_path = isinstance(base_path, str | os.PathLike) or callable(base_path)
    rule = "a folder, or a function that gives it"
    options.require(base_path is None or is_path, "base_path", base_path, rule)
    storage_type, bucket_name = field.storage_type, field.bucket_name
    rule = "'s3', or None for the disk"
    options.require(not storage_type or storage_type == "s3", "storage_type", storage_type, rule)
    needs_bucket = storage_type and not isinstance(storage, S3Storage)
    rule = "the bucket's name: storage_type='s3' needs it"
    options.require(bucket_name or not needs_bucket, "bucket_name", bucket_name, rule)
    _check_credentials(options, field)


def _check_credentials(options: _Options, field: "S3FileUploadField") -> None:
    keys = {name: getattr(field, name) for name in ("access_key_id", "access_key_secret")}
    for name, key in keys.items():  # the errors tell types, for the values are secret
        options.require(key is None or isinstance(key, str), name, type(key), "a str, or None")
        rule = "given where the other half of the credentials is"
        options.require(key or not any(keys.values()), name, key, rule)


def check_picture_options(field: "S3ImageUploadField", *, thumbgen: object) -> None:
    """Check the options that only picture fields have.

    :raises ValueError: one is wrong.
    """
    options = _Options(field)
    options.size("max_size", field.max_size)
    options.size("thumbnail_size", field.thumbnail_size)
    options.positive("max_pixels", field.max_pixels)
    options.function("thumbgen", thumbgen)
    kept = field.keep_image_formats
    rule = f"some of {', '.join(sorted(_KEPT))}: others cannot be made smaller"
    options.require(set(kept) <= _KEPT, "keep_image_formats", kept, rule)
