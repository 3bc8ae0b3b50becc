"""Upload fields for Flask-Admin, on local disk and on Amazon S3, that lose nothing."""

from .columns import FileModelView
from .fields._file_field import S3FileUploadField
from .fields._image_field import S3ImageUploadField
from .fields._multiple import S3MultipleFileUploadField, S3MultipleImageUploadField
from .fields.checking._names import namegen_filename
from .fields.showing._formatters import s3_link_formatter, s3_thumbnail_formatter
from .fields.showing._widgets import (
    S3FileUploadInput,
    S3ImageUploadInput,
    S3MultipleFileUploadInput,
    S3MultipleImageUploadInput,
)
from .fields.storing._transaction import delete_files

__all__ = [
    "FileModelView",
    "S3FileUploadField",
    "S3FileUploadInput",
    "S3ImageUploadField",
    "S3ImageUploadInput",
    "S3MultipleFileUploadField",
    "S3MultipleFileUploadInput",
    "S3MultipleImageUploadField",
    "S3MultipleImageUploadInput",
    "delete_files",
    "namegen_filename",
    "s3_link_formatter",
    "s3_thumbnail_formatter",
]
