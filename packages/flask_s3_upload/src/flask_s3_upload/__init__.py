"""From a request's file to a stored file to its URL, and straight from the browser to S3."""

from s3_saver import StoredFile

from ._extension import Uploads
from ._open_event import upload
from ._signals import file_claimed, file_deleted, file_saved
from .background._celery import CeleryQueue
from .background._queue import Job, Queue, run_job
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
from .forms._fields import DirectUploadField, StoredFileField

__all__ = [
    "AlreadyClaimedError",
    "CeleryQueue",
    "ClaimError",
    "ConfigError",
    "DirectUpload",
    "DirectUploadField",
    "ExpiredTokenError",
    "InvalidTokenError",
    "Job",
    "NoFileError",
    "NotUploadedError",
    "Queue",
    "StoredFile",
    "StoredFileField",
    "Uploads",
    "UploadsError",
    "file_claimed",
    "file_deleted",
    "file_saved",
    "run_job",
    "upload",
]
