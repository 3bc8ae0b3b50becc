"""Thumbnails of any size on demand for Flask, on local disk or on Amazon S3."""

from ._extension import Thumbnail
from .background._celery import CeleryQueue
from .background._queue import Job, Queue, run_job
from .background._threads import ThreadQueue
from .exceptions import (
    BrokenImageError,
    ConfigError,
    MissingImageError,
    OptionError,
    PruneRefusedError,
    QueueFullError,
    SourceError,
    StorageFailedError,
    ThumbnailError,
    TooLargeError,
)
from .making._signals import thumbnail_failed, thumbnail_made
from .templates._template import ThumbnailUrl

__all__ = [
    "BrokenImageError",
    "CeleryQueue",
    "ConfigError",
    "Job",
    "MissingImageError",
    "OptionError",
    "PruneRefusedError",
    "Queue",
    "QueueFullError",
    "SourceError",
    "StorageFailedError",
    "ThreadQueue",
    "Thumbnail",
    "ThumbnailError",
    "ThumbnailUrl",
    "TooLargeError",
    "run_job",
    "thumbnail_failed",
    "thumbnail_made",
]
