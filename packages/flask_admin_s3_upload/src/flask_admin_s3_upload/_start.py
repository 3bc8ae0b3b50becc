"""What is done when an app is first used, and again when it has more views: options are checked,
routes added, and folders and prefixes announced to whoever makes files public.

Views are added to an app one by one, and this package is no extension of it.
"""

import logging
from collections.abc import Callable, Iterator

from flask import Flask, appcontext_pushed

from s3_saver import PrefixRegistry
from s3_saver.settings import ConfigError

from ._routes import register
from ._state import State
from ._upload_field import Place, UploadField
from ._views import find_fields, views

logger = logging.getLogger("flask_admin_s3_upload")

_OWNER = "flask_admin_s3_upload"

# The app's own views may keep files of the same rows in the same folder.
_SHARES_WITH = ("flask_s3_upload",)


def listen() -> None:
    """Look after all apps whose admin has upload fields, from now on."""
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
    for one in find_fields():
        try:
            one.make().check_options(one.model)
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
    for place in _places(lambda field: field.pending_places()):
        registry.announce_pending(_OWNER, **place)
    # Most fields come twice, in the form that creates and that edits.
    places = {tuple(place.items()): place for place in _places(lambda field: field.places())}
    for place in places.values():
        try:
            registry.announce(_OWNER, **place, shares_with=_SHARES_WITH)
        except ConfigError as error:
            logger.warning("%s", error)


def _places(places_of: Callable[[UploadField], Iterator[Place]]) -> Iterator[Place]:
    for found in find_fields():
        try:
            yield from list(places_of(found.make()))
        except Exception as error:  # noqa: BLE001 - the app goes on; the form says the same
            logger.debug("where a field keeps files is not known: %s", error)
