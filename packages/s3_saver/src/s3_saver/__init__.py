"""Save, open, find and delete files by the same code on local disk and on Amazon S3."""

from ._ages import parse_age
from ._copy import CopyReport, copy_files
from ._copy_file import copy_file
from ._etags import content_etag
from ._local import LocalStorage
from ._locations import location_of
from ._names import check_name, folder_in
from ._prefixes import AnnouncedPrefix, PrefixRegistry
from ._s3 import S3Storage
from ._s3_file import S3File
from ._s3_options import ObjectOptions
from ._saved import PENDING_FOLDER
from ._saver import S3Saver
from ._sizes import format_size
from ._storage import FileInfo, Storage, ensure_storage
from ._storages import Storages
from ._stored import StoredFile
from ._transactions import FileTransaction
from ._types import guess_content_type
from .exceptions import (
    AccessDeniedError,
    AlreadyExistsError,
    ArgumentError,
    ArgumentTypeError,
    BucketNotFoundError,
    ConfigError,
    NotConfiguredError,
    NotFoundError,
    ReplacedError,
    S3SaverError,
    StorageUnavailableError,
    UnboundError,
    UnsafeNameError,
)

__all__ = [
    "PENDING_FOLDER",
    "AccessDeniedError",
    "AlreadyExistsError",
    "AnnouncedPrefix",
    "ArgumentError",
    "ArgumentTypeError",
    "BucketNotFoundError",
    "ConfigError",
    "CopyReport",
    "FileInfo",
    "FileTransaction",
    "LocalStorage",
    "NotConfiguredError",
    "NotFoundError",
    "ObjectOptions",
    "PrefixRegistry",
    "ReplacedError",
    "S3File",
    "S3Saver",
    "S3SaverError",
    "S3Storage",
    "Storage",
    "StorageUnavailableError",
    "Storages",
    "StoredFile",
    "UnboundError",
    "UnsafeNameError",
    "check_name",
    "content_etag",
    "copy_file",
    "copy_files",
    "ensure_storage",
    "folder_in",
    "format_size",
    "guess_content_type",
    "location_of",
    "parse_age",
]
