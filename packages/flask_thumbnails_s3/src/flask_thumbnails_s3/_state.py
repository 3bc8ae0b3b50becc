"""What the extension keeps of one app, in ``app.extensions``: the thumbnails of its stores."""

from collections.abc import Sequence
from typing import Any

from flask import current_app

from ._thumbnails import Thumbnails
from .background._queue import EXTENSION, Job
from .exceptions import ConfigError, StorageFailedError
from .making._wanted import Wanted
from .memory._memory import Memory
from .naming._source import Source


class State:
    """The thumbnails of an app's stores.

    :param stores: the first has the images that have only a name.
    """

    def __init__(self, stores: Sequence[Thumbnails]) -> None:
        self.stores = {one.store: one for one in stores}
        self.first = stores[0]

    @property
    def memory(self) -> Memory:
        """What all stores share."""
        return self.first.memory

    def of(self, source: Source) -> Thumbnails:
        """Return the thumbnails of the store that keeps an image, or else of the first."""
        return self.first if source.store is None else self.stores.get(source.store, self.first)

    def want(self, source: Source, size: str, /, **options: Any) -> Wanted:
        """Check what a template asks for, and name the thumbnail; raises as :meth:`Wants.want`."""
        if source.store is None:
            return self.first.wants.want(source, size, **options)
        wants = self.of(source).wants
        if error := self._why_unknown(source):
            return wants.refuse(source, size, error, **options)
        return wants.want(source, size, **options)

    def require(self, source: Source) -> Thumbnails:
        """Return the thumbnails of the store that keeps an image.

        :raises StorageFailedError: this app has no such store.
        """
        if error := self._why_unknown(source):
            raise error
        return self.of(source)

    def run(self, job: Job) -> None:
        """Make what a job asks for; a store that is gone meanwhile needs nothing."""
        if thumbnails := self.stores.get(job.store):
            thumbnails.run(job)

    def _why_unknown(self, source: Source) -> StorageFailedError | None:
        if source.store is None or source.store in self.stores:
            return None
        known = ", ".join(map(repr, self.stores))
        return StorageFailedError(
            f"this app has thumbnails of the stores {known}, and not of {source.store!r}: pass its "
            "Uploads in Thumbnail(originals=[...])"
        )


def current_state() -> State:
    """Return that of the current app.

    :raises ConfigError: the app lacks the extension.
    """
    try:
        state: State = current_app.extensions[EXTENSION]
    except KeyError:
        raise ConfigError(
            f"the app {current_app.name!r} has no Thumbnail: call thumbnail.init_app(app)"
        ) from None
    return state
