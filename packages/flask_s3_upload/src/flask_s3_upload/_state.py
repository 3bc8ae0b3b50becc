"""What the extension keeps of one app, in ``app.extensions``: the parts of each store."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, current_app, request

from s3_saver import Storages, StoredFile

from ._arguments import check_type
from ._registered import Registered
from ._settings import Settings
from ._signing import Signer
from ._store import Store
from ._user import CurrentUser
from .background._background import Background
from .background._queue import EXTENSION
from .direct._direct import Direct
from .exceptions import ConfigError


@dataclass(frozen=True)
class State:
    """The parts of the extension that belong to one app and one store."""

    settings: Settings
    signer: Signer
    storages: Storages
    direct: Direct
    background: Background
    user: CurrentUser
    registered: Registered
    authorize_read: Callable[[StoredFile], bool] | None

    @property
    def store(self) -> Store:
        return self.settings.store

    def attach(self, app: Flask) -> None:
        app.extensions.setdefault(EXTENSION, {})[self.store.name] = self


def check_app(app: Flask, store: Store) -> None:
    """Raise unless the extension can be set up on an app."""
    check_type("app", app, Flask, "a Flask app")
    if store.name in states_of(app):
        others = "" if store.name else "; for another store pass Uploads(store=…)"
        which = f"its uploads of the store {store.name!r}" if store.name else "its uploads"
        raise ConfigError(
            f"this app has {which} already: call Uploads(app), or Uploads() and then"
            f" uploads.init_app(app), once{others}"
        )
    if store.blueprint in app.blueprints:
        raise ConfigError(
            f"this app has a blueprint {store.blueprint!r} of its own, which is the name of the"
            " extension's: name yours differently"
        )


def check_routes(app: Flask, settings: Settings) -> None:
    """Raise unless the routes of a store are apart from those of the app's others, and from the
    app's static files.
    """
    key = "UPLOADS_URL_PREFIX"
    static = app.static_url_path if app.has_static_folder else None
    if static and _overlap(settings.url_prefix, static):
        raise ConfigError(
            f"{settings.store.key(key)} must be outside of the URLs of the app's static files,"
            f" got {settings.url_prefix!r} and static_url_path={static!r}: a URL must lead to one"
            " file",
            setting=settings.store.key(key),
        )
    for other in (state.settings for state in states_of(app).values()):
        if _overlap(settings.url_prefix, other.url_prefix):
            raise ConfigError(
                f"{settings.store.key(key)} must be outside of {other.store.key(key)},"
                f" got {settings.url_prefix!r} and {other.url_prefix!r}: a URL must lead to one"
                " store",
                setting=settings.store.key(key),
            )


def _overlap(one: str, other: str) -> bool:
    ours, theirs = (f"{prefix.rstrip('/')}/" for prefix in (one, other))
    return ours.startswith(theirs) or theirs.startswith(ours)


def states_of(app: Flask) -> dict[str, State]:
    """Return the parts of an app's stores, by the stores' names."""
    states: dict[str, State] = app.extensions.get(EXTENSION, {})
    return states


def current_state(store: str = "") -> State:
    """Return the parts of a store of the current app.

    :raises ConfigError: the app lacks the extension, or the store.
    """
    states = states_of(current_app)
    if found := states.get(store):
        return found
    new = f"Uploads(store={store!r})" if store else "Uploads()"
    call = f"call {new}.init_app(app) in its factory"
    if not states:
        raise ConfigError(f"this app has no uploads: {call}")
    which = f"no store {store!r}" if store else "no uploads without a store"
    raise ConfigError(
        f"this app has {which}: {call}, or name one of {', '.join(map(repr, states))}"
    )


def chosen_states(store: str | None) -> list[State]:
    """Return the parts of all stores of the current app, or of one.

    :raises ConfigError: as :func:`current_state`.
    """
    if store is None and (states := states_of(current_app)):
        return list(states.values())
    return [current_state(store or "")]


def request_state() -> State:
    """Return the parts of the store whose route answers the current request."""
    blueprint = request.blueprints[-1]
    return next(one for one in states_of(current_app).values() if one.store.blueprint == blueprint)
