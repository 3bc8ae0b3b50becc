"""Fields over columns with names of files: the field stores, with the transaction."""

from ._file_field import S3FileUploadField
from ._formatters import s3_link_formatter, s3_thumbnail_formatter
from ._image_field import S3ImageUploadField
from ._multiple import S3MultipleFileUploadField, S3MultipleImageUploadField
from ._names import namegen_filename
from ._transaction import delete_files
from ._widgets import (
    S3FileUploadInput,
    S3ImageUploadInput,
    S3MultipleFileUploadInput,
    S3MultipleImageUploadInput,
)

__all__ = [
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
