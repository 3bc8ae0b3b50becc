"""What a store says of its files, in place of settings: the bucket, who sees them, the domain."""

from collections.abc import Iterable, Mapping
from typing import Any

from s3_saver import NotConfiguredError, S3Storage, Storages, location_of

# What the storages know by themselves that originals= passes.
_KNOWN_BY_STORAGES = (
    "BUCKET_NAME",
    "REGION",
    "ENDPOINT_URL",
    "ACCESS_KEY_ID",
    "ACCESS_KEY_SECRET",
    "ACL",
    "STORAGE_CLASS",
    "SERVER_SIDE_ENCRYPTION",
    "KMS_KEY_ID",
    "TAGS",
    "RACES",
)
_SUPERFLUOUS = frozenset(
    [
        "USE_S3",
        "MEDIA_FOLDER",
        "MEDIA_URL",
        "MEDIA_THUMBNAIL_URL",
        "THUMBNAIL_S3_STORAGE_TYPE",
        "THUMBNAIL_S3_STATIC_ROOT_PARENT",
        *(f"{start}{name}" for name in _KNOWN_BY_STORAGES for start in ("S3_", "THUMBNAIL_S3_")),
    ]
) - {"S3_ACL"}

# How a store's URLs are made, by what it says itself: its thumbnails go the same way. No store's
# thumbnails are public because another's files are.
_OF_STORE = {
    "S3_PRIVATE": "PRIVATE",
    "S3_PUBLIC_ENDPOINT_URL": "S3_PUBLIC_ENDPOINT_URL",
    "S3_URL_STYLE": "S3_URL_STYLE",
    "S3_CDN_DOMAIN": "S3_CDN_DOMAIN",
    "S3_ACL": "S3_ACL",  # which no storage says by itself: setup asks whether it opens thumbnails
}


def location_of_new(storages: Storages) -> tuple[str, str]:
    """Return storage type and bucket of new files."""
    try:
        return location_of(storages.current)
    except NotConfiguredError:  # there is no folder for files on disk: these are only read
        return "", ""


def known_buckets(storages: Storages, names: Iterable[str]) -> list[str]:
    """Return those buckets that are among the storages, the one of new files first."""
    found = []
    for name in dict.fromkeys([location_of_new(storages)[1], *names]):
        try:
            if name and isinstance(storages.find("s3", name), S3Storage):
                found.append(name)
        except (NotConfiguredError, ValueError):
            continue
    return found


def config_without(config: Mapping[str, Any], storages: Storages) -> dict[str, Any]:
    """Return the settings of an app less what storages know by themselves."""
    named = [config.get(key) for key in ("THUMBNAIL_S3_BUCKET_NAME", "S3_BUCKET_NAME")]
    rest = {key: value for key, value in config.items() if key not in _SUPERFLUOUS}
    buckets = known_buckets(storages, [name for name in named if isinstance(name, str)])
    if buckets:  # the CDN stands in front of the first
        rest |= {"S3_BUCKET_NAME": buckets[0], "USE_S3": location_of_new(storages)[0] == "s3"}
    own = _own_keys(storages)
    of_store = {key: config.get(own + name) for key, name in _OF_STORE.items()}
    return rest | {key: value for key, value in of_store.items() if value is not None}


def domain_of(config: Mapping[str, Any], storages: Storages) -> str:
    """Return scheme and host of the URLs of a store's files, such as ``'https://example.com'``, if
    the app says so.
    """
    return str(config.get(f"{_own_keys(storages)}DOMAIN") or "").rstrip("/")


def _own_keys(storages: Storages) -> str:
    """Return what the keys of a store's settings begin with."""
    return f"{storages.store.upper()}_" if storages.store else "UPLOADS_"
