"""From a request's file to a stored file to its URL, and straight from the browser to S3."""

from s3_saver import StoredFile

from ._extension import Uploads
from ._field import DirectUploadField, StoredFileField
from ._open_event import upload
from .direct._upload import DirectUpload
from .exceptions import (
    AlreadyClaimedError,
    ClaimError,
    ConfigError,
    ExpiredTokenError,
    InvalidTokenError,
    NoFileError,
    NotUploadedError,
    UploadsError,
)

__all__ = [
    "AlreadyClaimedError",
    "ClaimError",
    "ConfigError",
    "DirectUpload",
    "DirectUploadField",
    "ExpiredTokenError",
    "InvalidTokenError",
    "NoFileError",
    "NotUploadedError",
    "StoredFile",
    "StoredFileField",
    "Uploads",
    "UploadsError",
    "upload",
]
