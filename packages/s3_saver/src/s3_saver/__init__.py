"""Save, open, find and delete files by the same code on local disk and on Amazon S3."""

from ._copy import copy_files
from ._local import LocalStorage
from ._s3 import S3Storage
from ._saver import S3Saver
from ._storage import FileInfo, Storage
from ._types import guess_content_type
from .exceptions import (
    AccessDeniedError,
    AlreadyExistsError,
    BucketNotFoundError,
    NotFoundError,
    S3SaverError,
    StorageUnavailableError,
    UnsafeNameError,
)

__all__ = [
    "AccessDeniedError",
    "AlreadyExistsError",
    "BucketNotFoundError",
    "FileInfo",
    "LocalStorage",
    "NotFoundError",
    "S3Saver",
    "S3SaverError",
    "S3Storage",
    "Storage",
    "StorageUnavailableError",
    "UnsafeNameError",
    "copy_files",
    "guess_content_type",
]
