"""What the extension makes of an app's settings and of what code has passed."""

from cachelib import BaseCache
from flask import Flask

from s3_saver import PrefixRegistry, Storages, StoredFile

from ._deletes import delete_all_thumbnails
from ._log import log
from ._settings import Settings
from ._state import State
from ._store_settings import known_buckets
from ._thumbnails import Thumbnails
from .background._queue import EXTENSION, Queue
from .exceptions import ConfigError, OptionError
from .memory._memory import Memory, open_cache
from .pictures._hooks import Hooks
from .storing._announce import announce, announce_store
from .storing._image_files import ImageFiles
from .storing._layout import SettingsLayout, StorageFor
from .storing._stores import StoreLayout, find_storages


def check_app(app: Flask) -> None:
    """Raise ConfigError unless this is an app that has no thumbnails yet."""
    if not isinstance(app, Flask):
        raise ConfigError(
            f"app must be a Flask app, as in Thumbnail(app) or thumbnail.init_app(app), got {app!r}"
        )
    if EXTENSION in app.extensions:
        raise ConfigError(
            f"the app {app.name!r} has a Thumbnail already: call init_app once for each app, "
            "and not at all if you have passed the app to Thumbnail(app)"
        )


def make_state(
    app: Flask,
    *,
    cache: BaseCache | None,
    queue: Queue,
    storage_for: StorageFor | None,
    originals: object,
    hooks: Hooks,
) -> State:
    """Read an app's settings, and make the thumbnails of its stores.

    :raises ConfigError: one is missing or wrong.
    """
    registry = PrefixRegistry.of(app.extensions)
    if originals is None:
        settings = Settings.from_app(app)
        files = ImageFiles(settings, SettingsLayout(settings, storage_for), registry)
        files.require_region()
        announce(app, settings)
        if settings.is_public_on_disk:
            log.warning(
                "thumbnails on disk are public: %s is below the static folder. Without "
                "MEDIA_THUMBNAIL_FOLDER and MEDIA_THUMBNAIL_URL the app's own route sends them",
                settings.folders.thumbnails,
            )
        static_path = app.static_url_path or ""
        memory = _memory(settings, cache)
        _check_aliases(settings, hooks)
        return State([Thumbnails(settings, files, memory, queue, hooks, static_path)])
    found = find_storages(app, originals)
    with app.app_context():
        memory = _memory(Settings.from_app(app, found[0]), cache)
        return State([_of_store(app, storages, memory, queue, hooks) for storages in found])


def _of_store(
    app: Flask, storages: Storages, memory: Memory, queue: Queue, hooks: Hooks
) -> Thumbnails:
    settings = Settings.from_app(app, storages)
    _check_aliases(settings, hooks)
    layout = StoreLayout(storages, folder=settings.folders.thumbnails)
    s3 = settings.s3
    announce_store(app, layout, known_buckets(storages, [s3.bucket_name, *s3.allowed_buckets]))
    files = ImageFiles(settings, layout, PrefixRegistry.of(app.extensions))
    thumbnails = Thumbnails(settings, files, memory, queue, hooks, app.static_url_path or "")

    @storages.on_all_deleted
    def delete(names: list[str], storage_type: str, bucket_name: str) -> None:
        delete_all_thumbnails(thumbnails, names, bucket_name if storage_type else "")

    @storages.on_replaced
    def delete_old(file: StoredFile) -> None:
        bucket_name = file.bucket_name if file.storage_type else ""
        delete_all_thumbnails(thumbnails, [file.name], bucket_name)

    return thumbnails


def _check_aliases(settings: Settings, hooks: Hooks) -> None:
    key = "THUMBNAIL_ALIASES"
    for alias, spec in settings.aliases.items():
        try:
            hooks.check_processors(spec.processors)
        except OptionError as error:
            raise ConfigError(f"{key}: {alias!r}: {error}", setting=key) from error


def _memory(settings: Settings, cache: BaseCache | None) -> Memory:
    return Memory(
        cache if cache is not None else open_cache(settings.cache),
        timeout=settings.cache_timeout,
        error_timeout=settings.error_timeout,
        lease=settings.lease,
    )
