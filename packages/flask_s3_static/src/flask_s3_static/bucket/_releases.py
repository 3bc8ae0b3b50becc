"""The releases in the bucket, and which of them apps load that take their manifest from there.

Each release has a manifest of its own, next to the one that apps load. To activate a release is to
copy its manifest there: the files of older releases stay until they are pruned.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO

from flask import Flask

from s3_saver import AlreadyExistsError, NotFoundError, S3Storage

from .._settings import Settings
from .._storage import make_storage
from ..exceptions import ConfigError, S3StaticError
from ..serving._manifest import Manifest
from ._index import Index
from ._store import put_index, read_index


@dataclass(frozen=True)
class Release:
    """A release.

    :param time: when it was pushed, in UTC.
    :param is_active: whether apps that start now load it.
    :param can_be_activated: whether its manifest is still in the bucket.
    """

    number: int
    time: datetime
    is_active: bool
    can_be_activated: bool


def releases(app: Flask) -> list[Release]:
    """Return the releases that the bucket has files of, the latest first."""
    settings = _settings_of(app)
    storage = make_storage(settings)
    index = read_index(storage, settings.index_key).index
    manifests = {info.name for info in storage.find(f"{settings.own_folder}/releases/")}
    return [
        Release(
            number,
            time,
            number == (index.active or index.latest),
            settings.release_key(number) in manifests,
        )
        for number, time in sorted(index.releases.items(), reverse=True)
    ]


def activate(app: Flask, number: int) -> None:
    """Let apps load a release when they start from now on, until the next push.

    :raises S3StaticError: there is no such release, or not all of its files are there any more.
    """
    settings = _settings_of(app)
    storage = make_storage(settings)
    stored = read_index(storage, settings.index_key)
    index = stored.index
    if number not in index.releases:
        raise S3StaticError(
            f"there is no release {number} in the bucket: `flask s3-static releases` lists them"
        )
    manifest = _read_manifest(storage, settings, index, number)
    # The index first: if this is cut off here, the next push writes the manifest again.
    active = 0 if number == index.latest else number
    try:
        put_index(storage, settings.index_key, replace(index, active=active), stored.etag)
    except (AlreadyExistsError, NotFoundError) as error:
        raise S3StaticError(
            "a push changed the index meanwhile, so nothing was activated: run it again"
        ) from error
    storage.save(
        settings.manifest_key,
        BytesIO(manifest.to_bytes()),
        extra_args={"CacheControl": "no-cache"},
    )


def _settings_of(app: Flask) -> Settings:
    settings = Settings.from_app(app)
    if not settings.hashed_names:
        raise ConfigError(
            "FLASKS3_HASHED_NAMES is off: without hashed names the bucket has one release, and a "
            "push of the older code is the way back",
            setting="FLASKS3_HASHED_NAMES",
        )
    return settings


def _read_manifest(storage: S3Storage, settings: Settings, index: Index, number: int) -> Manifest:
    key = settings.release_key(number)
    try:
        with storage.open(key) as file:
            manifest = Manifest.from_bytes(file.read(), f"s3://{storage.bucket_name}/{key}")
    except NotFoundError as error:
        raise S3StaticError(
            f"release {number} has no manifest in the bucket: its files were pruned, or it was "
            "pushed without hashed names. Push the older code instead"
        ) from error
    missing = [
        entry.path
        for entry in manifest.files.values()
        if settings.key(entry.path) not in index.objects
    ]
    if missing:
        raise S3StaticError(
            f"release {number} lacks {len(missing):,} of its files, such as {missing[0]}: they "
            "were pruned. Push the older code instead"
        )
    return manifest
