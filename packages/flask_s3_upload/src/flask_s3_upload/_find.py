"""A stored file by its name alone."""

from collections.abc import Iterator

from s3_saver import NotConfiguredError, NotFoundError, StoredFile, check_name, location_of

from ._names import OWN_URLS, PENDING
from ._state import State


def get(state: State, name: str) -> StoredFile:
    """Return a stored file; see :meth:`Uploads.get`."""
    check_name(name)
    if not name.startswith((PENDING, OWN_URLS)):
        for place in dict.fromkeys(_places(state)):
            try:
                info = state.storages.find(*place).stat(name)
            except (NotFoundError, NotConfiguredError):
                continue
            file = StoredFile(
                info.name, info.size, info.content_type, *place, store=state.storages.store
            )
            return file.bind(state.storages)
    raise NotFoundError(f"no file {name!r} is stored", name=name)


def _places(state: State) -> Iterator[tuple[str, str]]:
    """Yield where files may be: first where new ones go, then where they were before a switch."""
    yield location_of(state.storages.current)
    if bucket_name := state.settings.s3.bucket_name:
        yield "s3", bucket_name
    yield "", ""
