"""Which storages hold originals and thumbnails: those of ``Uploads``, or any that code passes."""

import posixpath
from collections.abc import Sequence
from typing import Protocol, cast

from flask import Flask
from werkzeug.local import LocalProxy

from s3_saver import (
    LocalStorage,
    S3SaverError,
    S3Storage,
    Storage,
    Storages,
    StoredFile,
    UnboundError,
)

from .._folders import THUMBNAILS, path_below
from .._store_settings import location_of_new
from ..exceptions import ConfigError
from ._folder_storage import FolderStorage

#: In a storage whose originals have no prefix; the dot keeps it apart from what users name.
HIDDEN_FOLDER = ".thumbnails/"

_UPLOADS = "uploads"


class Originals(Protocol):
    """What keeps originals: an ``Uploads``, or anything else that has storages."""

    @property
    def storages(self) -> Storages: ...


def find_storages(app: Flask, originals: object) -> list[Storages]:
    """Return the storages of an app, the first of which is that of images that have only a name.

    :param originals: one object that has ``.storages``, or a list of them.
    :raises ConfigError: one has none, or none for this app, or two have the same store.
    """
    keepers: Sequence[object] = originals if isinstance(originals, list | tuple) else [originals]
    found = [_storages_of(app, keeper) for keeper in keepers]
    if not found:
        raise ConfigError("originals=[]: must be an Uploads, or a list with one or more")
    names = [one.store for one in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigError(
            f"originals: two of them have the store {twice[0]!r}, by which a file's row says which "
            "one keeps it: name them, as in Uploads(store='invoices')"
        )
    return found


def _storages_of(app: Flask, keeper: object) -> Storages:
    with app.app_context():
        try:
            found = getattr(keeper, "storages", None)
            if type(found) is LocalProxy:
                found = found._get_current_object()  # noqa: SLF001 - werkzeug's public name for it
        except (RuntimeError, ValueError) as error:
            raise ConfigError(
                f"originals={keeper!r} has no storages for the app {app.name!r} yet: call its "
                f"init_app(app) before that of Thumbnail ({error})"
            ) from error
    if not isinstance(found, Storages):
        raise ConfigError(
            f"originals={keeper!r}: must be an object whose .storages is a Storages, such as "
            "Uploads(), or a list of such objects"
        )
    return found


class StoreLayout:
    """Originals in the storages of one store; thumbnails next to them.

    In a bucket they have a prefix of their own: ``thumbnails`` next to originals in ``uploads``,
    ``thumbnails-invoices`` next to ``uploads-invoices``, and ``avatars-thumbnails`` next to
    ``avatars``. On disk they have *folder*. In any other storage, and in a bucket whose originals
    have no prefix, they are in ``.thumbnails/``.

    :param folder: of thumbnails on disk.
    """

    def __init__(self, storages: Storages, *, folder: str) -> None:
        self.store = storages.store
        self.folder = folder
        self.storages = storages
        self._thumbnails: dict[str, Storage] = {}

    @property
    def storage_type(self) -> str:
        return location_of_new(self.storages)[0]

    @property
    def bucket_name(self) -> str:
        return location_of_new(self.storages)[1]

    def home(self, bucket_name: str) -> str:
        return bucket_name

    def originals(self, bucket_name: str) -> Storage:
        return self.storages.find("s3" if bucket_name else "", bucket_name)

    def thumbnails(self, bucket_name: str) -> Storage:
        known = self._thumbnails.get(bucket_name)
        return known or self._thumbnails.setdefault(
            bucket_name, self._place_thumbnails(bucket_name)
        )

    def originals_prefix(self, bucket_name: str) -> str:
        return cast("S3Storage", self.originals(bucket_name)).prefix.rstrip("/")

    def thumbnails_prefix(self, bucket_name: str) -> str:
        return cast("S3Storage", self.thumbnails(bucket_name)).prefix.rstrip("/")

    announced = originals

    def original_url(self, bucket_name: str, image: str) -> str:
        file = StoredFile(
            image,
            storage_type="s3" if bucket_name else "",
            bucket_name=bucket_name,
            store=self.store,
        )
        try:
            return file.bind(self.storages).url
        except UnboundError:
            return ""

    def site(self, bucket_name: str) -> str:
        storage = self.thumbnails(bucket_name)
        if isinstance(storage, S3Storage):
            try:
                endpoint_url = storage.endpoint_url or ""
            except S3SaverError:
                endpoint_url = ""
            return repr((storage.prefix.rstrip("/"), bucket_name, endpoint_url))
        is_disk = isinstance(storage, LocalStorage)
        return self.folder if is_disk else repr((storage, self.store, self.folder))

    def _place_thumbnails(self, bucket_name: str) -> Storage:
        storage = self.originals(bucket_name)
        if isinstance(storage, S3Storage):
            return storage.derive(prefix=_prefix_next_to(storage.prefix))
        if isinstance(storage, LocalStorage):
            for folder, other in ((storage.root, self.folder), (self.folder, storage.root)):
                if path_below(folder, other) is not None:
                    raise ConfigError(
                        f"MEDIA_THUMBNAIL_FOLDER must be a folder of its own, but originals are in "
                        f"{storage.root!r} and thumbnails in {self.folder!r}: an upload that is "
                        "named like a thumbnail would be taken for one",
                        setting="MEDIA_THUMBNAIL_FOLDER",
                    )
            return LocalStorage(self.folder)
        return FolderStorage(storage, HIDDEN_FOLDER)


def _prefix_next_to(prefix: str) -> str:
    prefix = prefix.strip("/")
    if not prefix:
        return HIDDEN_FOLDER
    folder, name = posixpath.split(prefix)
    if name == _UPLOADS or name.startswith(f"{_UPLOADS}-"):
        return posixpath.join(folder, THUMBNAILS + name.removeprefix(_UPLOADS))
    return posixpath.join(folder, f"{name}-{THUMBNAILS}")
