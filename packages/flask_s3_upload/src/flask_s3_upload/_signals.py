"""Signals of blinker, as Flask has its own: others hear of files without being asked for.

Each is sent with the Flask app as its sender, and ``stored``, a StoredFile that is bound. Receivers
run in the thread and the app context in which it happened, before the call returns; what they raise
goes to whoever made that call.
"""

from blinker import Namespace
from flask import Flask, current_app

from s3_saver import Storages, StoredFile

_signals = Namespace()

#: :meth:`Uploads.save` has stored a file; one of the background, when it is in its bucket.
file_saved = _signals.signal("file-saved")

#: A direct upload has its final name.
file_claimed = _signals.signal("file-claimed")

#: A file was deleted through ``uploads.storages``: by ``stored.delete()``, with its row, or as what
#: a rollback leaves. Of *stored* only the name, the storage and the store are known. What a
#: receiver raises is logged.
file_deleted = _signals.signal("file-deleted")


def report_saved(stored: StoredFile) -> None:
    file_saved.send(_current_app(), stored=stored)


def report_claimed(stored: StoredFile) -> None:
    file_claimed.send(_current_app(), stored=stored)


def report_deletions(app: Flask, storages: Storages) -> None:
    """Send :data:`file_deleted` whenever these storages have deleted a file."""

    @storages.on_deleted
    def report(name: str, storage_type: str, bucket_name: str) -> None:
        stored = StoredFile(
            name, storage_type=storage_type, bucket_name=bucket_name, store=storages.store
        )
        file_deleted.send(app, stored=stored.bind(storages))


def _current_app() -> Flask:
    # Not the proxy: receivers that connect to one sender compare it.
    return current_app._get_current_object()  # type: ignore[attr-defined, no-any-return] # noqa: SLF001
