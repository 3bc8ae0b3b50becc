"""Upload fields for Flask-Admin, on local disk and on Amazon S3, that lose nothing."""

from .columns import FileModelView
from .fields import (
    S3FileUploadField,
    S3FileUploadInput,
    S3ImageUploadField,
    S3ImageUploadInput,
    S3MultipleFileUploadField,
    S3MultipleFileUploadInput,
    S3MultipleImageUploadField,
    S3MultipleImageUploadInput,
    delete_files,
    namegen_filename,
    s3_link_formatter,
    s3_thumbnail_formatter,
)

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
