"""What is done when an app is first used, and again when it has more views: options are checked,
routes added, and folders and prefixes announced to whoever makes files public.

Views are added to an app one by one, and this package is no extension of it.
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
from ._transaction import watch
from ._views import unmade_fields, views

logger = logging.getLogger("flask_admin_s3_upload")

_OWNER = "flask_admin_s3_upload"

# The app's own views may keep files of the same rows in the same folder.
_SHARES_WITH = ("flask_s3_upload",)


def listen() -> None:
    """Look after all apps whose admin has upload fields, from now on."""
    watch()  # rows may be deleted before the first form is made
    appcontext_pushed.connect(start)


def start(app: Flask, **_: object) -> None:
    """Look after an app that is used, if it has more views than before.

    What is wrong with options is logged here and not raised: the context would stay pushed. The
    form and the list of the view raise it.
    """
    register(app)
    count = len(list(views()))
    state = State.of(app)
    if state.views == count:
        return
    state.views = count
    for message in _problems():
        logger.error("%s", message)
    announce(app)


def _problems() -> list[str]:
    """Return what is wrong with the options of the admin's fields, each problem once."""
    found = []
    for model, make_field in unmade_fields():
        try:
            make_field().check_options(model)
        except ValueError as error:
            found.append(str(error))
        except RuntimeError as error:
            logger.debug("options are not checked yet: %s", error)
    return list(dict.fromkeys(found))


def announce(app: Flask) -> None:
    """Announce where the upload fields of an app's admin keep files, as far as that is known.

    What another package keeps in the same place is said once, in the log: the command ``flask
    admin-uploads prune`` would list its files.
    """
    registry = PrefixRegistry.of(app.extensions)
    for place in _places([PENDING_FOLDER]):
        registry.announce_pending(_OWNER, **place)
    # By all in which two differ: most fields come twice, in the form that creates and that edits.
    for place in {tuple(place.items()): place for place in _places()}.values():
        try:
            registry.announce(_OWNER, **place, shares_with=_SHARES_WITH)
        except ConfigError as error:
            logger.warning("%s", error)


def _places(folders: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """Yield the places of all fields, or of folders below them."""
    for _model, make_field in unmade_fields():
        try:
            field = make_field()
            relative_path = field.options.relative_path
            own = [relative_path, PENDING_FOLDER] if relative_path else [""]
            for below in folders or own:
                yield from list(places_of(field.files.sources, below))
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
