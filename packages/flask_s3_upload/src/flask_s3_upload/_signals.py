"""Signals of blinker, as Flask has its own: others hear of files without being asked for.

Each is sent with the Flask app as its sender, and ``stored``, a StoredFile that is bound. Receivers
run in the same thread, before the call returns. What they raise is logged.
"""

import logging

from blinker import Namespace
from flask import Flask

from s3_saver import Storages, StoredFile

_signals = Namespace()

logger = logging.getLogger(__name__)

#: A file was stored through ``uploads.storages``: by :meth:`Uploads.save`, by the background when
#: it is in its bucket, or by the flush of a row, before its commit.
file_saved = _signals.signal("file-saved")

#: A direct upload has its final name; where the flush of a row claims it, before its commit.
file_claimed = _signals.signal("file-claimed")

#: A file was deleted through ``uploads.storages``: by ``stored.delete()``, with its row, or by the
#: rollback of a row's transaction. Of *stored* only the name, the storage and the store are known.
file_deleted = _signals.signal("file-deleted")


def report_files(app: Flask, storages: Storages) -> None:
    """Send :data:`file_saved` and :data:`file_deleted` for what these storages do."""

    @storages.on_saved
    def report_saved(stored: StoredFile) -> None:
        file_saved.send(app, stored=stored)

    @storages.on_deleted
    def report_deleted(name: str, storage_type: str, bucket_name: str) -> None:
        stored = StoredFile(
            name, storage_type=storage_type, bucket_name=bucket_name, store=storages.store
        )
        file_deleted.send(app, stored=stored.bind(storages))


def report_claimed(app: Flask, stored: StoredFile) -> None:
    """Send :data:`file_claimed`."""
    try:
        file_claimed.send(app, stored=stored)
    except Exception:
        logger.exception("%r was claimed, but a receiver failed", stored)
