"""Which folders and prefixes hold the files of upload fields, for whoever makes files public.

Views are added to an app one by one, and this package is no extension of it: so what they have is
announced when the app is first used, and again when there are more of them.
"""

import logging
import os
import posixpath
from collections.abc import Iterator, Sequence
from typing import Any

from flask import Flask, appcontext_pushed

from s3_saver import PENDING_FOLDER, LocalStorage, PrefixRegistry, S3Storage
from s3_saver.settings import ConfigError

from ._routes import register
from ._state import State
from ._storages import Sources
from ._views import unmade_fields

logger = logging.getLogger("flask_admin_s3_upload")

_OWNER = "flask_admin_s3_upload"

# The app's own views may keep files of the same rows in the same folder.
_SHARES_WITH = ("flask_s3_upload",)


def listen() -> None:
    """Let all apps announce what their admin has, when they are used."""
    appcontext_pushed.connect(announce)


def announce(app: Flask, **_: object) -> None:
    """Announce where the upload fields of an app's admin keep files, as far as that is known.

    What another package keeps in the same place is said once, in the log: the command ``flask
    admin-uploads prune`` would list its files.
    """
    register(app)
    count = sum(len(admin._views) for admin in app.extensions.get("admin", ()))  # noqa: SLF001
    state = State.of(app)
    if state.views == count:
        return
    state.views = count
    registry = PrefixRegistry.of(app.extensions)
    for place in _places([PENDING_FOLDER]):
        registry.announce_pending(_OWNER, **place)
    # By all that tells two apart: most fields come twice, in the form that creates and that edits.
    for place in {tuple(place.items()): place for place in _places()}.values():
        try:
            registry.announce(_OWNER, **place, shares_with=_SHARES_WITH)
        except ConfigError as error:
            logger.warning("%s", error)


def _places(folders: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """Yield the places of all fields, or of folders below them."""
    for make_field in unmade_fields():
        try:
            field = make_field()
            relative_path = field.options.relative_path
            own = [relative_path, PENDING_FOLDER] if relative_path else [""]
            for below in folders or own:
                yield from list(places_of(field.sources, below))
        except Exception as error:  # noqa: BLE001 - the app goes on; the form says the same
            logger.debug("where a field keeps files is not known: %s", error)


def places_of(sources: Sources, below: str) -> Iterator[dict[str, Any]]:
    """Yield what :meth:`s3_saver.PrefixRegistry.announce` takes of a folder of a field.

    A *base_path* that is a function is not called: it may need a request. The root of a bucket is
    not announced: all that is in it would be.

    :param below: the folder's name; empty for all that the field has.
    """
    ready = sources.ready
    is_known = not callable(sources.base_path)
    if isinstance(ready, LocalStorage):
        yield {"folder": os.path.join(ready.root, below)}
    elif sources.base_path and is_known:
        yield {"folder": os.path.join(sources.folder(), below)}
    if isinstance(ready, S3Storage) or is_known or not sources.static_root_parent:
        prefix = posixpath.join(sources.prefix(), below)
        for bucket_name in (sources.bucket_name, *sources.allowed_buckets):
            if bucket_name and prefix:
                yield {"storage_type": "s3", "bucket_name": bucket_name, "prefix": prefix}
