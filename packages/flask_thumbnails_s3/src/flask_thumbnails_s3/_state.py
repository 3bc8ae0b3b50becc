"""What the extension keeps of one app, in ``app.extensions``."""

from flask import current_app

from ._queue import EXTENSION
from ._thumbnails import Thumbnails
from .exceptions import ConfigError


def current_thumbnails() -> Thumbnails:
    """Return those of the current app.

    :raises ConfigError: the app lacks the extension.
    """
    try:
        thumbnails: Thumbnails = current_app.extensions[EXTENSION]
    except KeyError:
        raise ConfigError(
            f"the app {current_app.name!r} has no Thumbnail: call thumbnail.init_app(app)"
        ) from None
    return thumbnails
