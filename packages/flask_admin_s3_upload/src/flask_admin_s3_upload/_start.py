"""What is done when an app is first used, and again when it has more views: options are checked,
routes added, and folders and prefixes announced to whoever makes files public.

Views are added to an app one by one, and this package is no extension of it.
"""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from flask import Flask, appcontext_pushed

from s3_saver import PrefixRegistry
from s3_saver.settings import ConfigError

from ._routes import register
from ._state import State
from ._upload_field import Place
from ._views import find_fields, views

logger = logging.getLogger("flask_admin_s3_upload")

T = TypeVar("T")

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
    """Announce where an app's admin keeps files, as far as that is known.

    What another package keeps in the place of a field is said once, in the log: the command ``flask
    admin-uploads prune`` would list its files. A place of columns is most often that of whoever
    made their storages.
    """
    registry = PrefixRegistry.of(app.extensions)
    for place in _known(find_fields(), lambda found: found.make().pending_places()):
        registry.announce_pending(_OWNER, **place)
    for place in _known(find_fields(), lambda found: found.make().places()):
        try:
            registry.announce(_OWNER, **place, shares_with=_SHARES_WITH)
        except ConfigError as error:
            logger.warning("%s", error)
    for place in _known(views(), lambda view: getattr(view, "file_places", list)()):
        if all(one.owner == _OWNER for one in registry.overlaps(**place)):
            registry.announce(_OWNER, **place, shares_with=_SHARES_WITH)


def _known(keepers: Iterable[T], places_of: Callable[[T], Iterable[Place]]) -> list[Place]:
    """Return the places that can be found now, each once: most fields come twice, in the form that
    creates and in the one that edits.
    """
    found: list[Place] = []
    for keeper in keepers:
        try:
            found += list(places_of(keeper))
        except Exception as error:  # noqa: BLE001 - the app goes on; the form says the same
            logger.debug("where files are kept is not known: %s", error)
    return list({tuple(place.items()): place for place in found}.values())
