"""Where a stored file is, and how S3 keeps it."""

import os

from s3_saver import LocalStorage, ObjectOptions, S3Storage, StoredFile, guess_content_type
from untrusted_files import is_shown_inline


def location(stored: StoredFile) -> str:
    """Return what distinguishes a file from all others, whichever storages lead to it.

    The name may be any that a storage has: nothing is opened or deleted by it.
    """
    storage = stored.storages.storage_of(stored)
    if isinstance(storage, LocalStorage):
        return os.path.join(storage.root, stored.name)
    if isinstance(storage, S3Storage):
        return f"s3://{storage.bucket_name}/{storage.prefix}{stored.name}"
    return f"{id(storage)}:{stored.name}"


def object_options(name: str) -> ObjectOptions:
    """Return how S3 keeps a file of that name: what browsers are to save, and not to open, is an
    attachment.
    """
    if is_shown_inline(guess_content_type(name)):
        return {}
    return {"extra_args": {"ContentDisposition": "attachment"}}
