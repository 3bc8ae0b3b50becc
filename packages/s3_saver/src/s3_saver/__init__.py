"""Save, open, find and delete files by the same code on local disk and on Amazon S3."""

from s3_saver._copy import copy_files
from s3_saver._local import LocalStorage
from s3_saver._s3 import S3Storage
from s3_saver._saver import S3Saver
from s3_saver._storage import FileInfo, Storage
from s3_saver.exceptions import (
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
]
