"""Where columns of stored files keep them, for the registry of what no push takes."""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from sqlalchemy import Column

from s3_saver import PENDING_FOLDER, LocalStorage, NotConfiguredError, S3Storage
from sqlalchemy_s3_files import FileType

from .._upload_field import Place


def places_of(columns: Iterable[Column[Any]]) -> Iterator[Place]:
    """Yield where those columns keep files whose storages nobody else looks after: whoever takes
    direct uploads announces its own.
    """
    for column in columns:
        if isinstance(column.type, FileType) and "direct_uploads" not in column.info:
            yield from _places_of_type(column.type)


def _places_of_type(kind: FileType) -> Iterator[Place]:
    """Yield where new files go, where uploads wait for their form, and both on disk, where files
    are from before a switch to S3. The root of a bucket is left out: all that is in it would be.
    """
    storages = kind.find_storages()
    found = [storages.current]
    with suppress(NotConfiguredError):
        found.append(storages.find(""))
    for folder in [kind.folder, PENDING_FOLDER] if kind.folder else [""]:
        for storage in found:
            if isinstance(storage, LocalStorage):
                yield {"folder": os.path.join(storage.root, folder)}
            elif isinstance(storage, S3Storage) and (prefix := storage.prefix + folder):
                bucket_name = storage.bucket_name
                yield {"storage_type": "s3", "bucket_name": bucket_name, "prefix": prefix}
