"""What an app wants to have in the bucket, and where in the bucket that is."""

from dataclasses import dataclass, replace

from flask import Flask

from ._collect import collect, static_folders
from ._config import Settings, check_urls
from ._hash import digest_files, hash_names
from ._manifest import Manifest
from ._plan import Item, make_items
from ._regions import region_of
from .exceptions import CollectError, ConfigError


@dataclass(frozen=True)
class Wanted:
    """All that is to be in the bucket.

    :param manifest: if names are hashed.
    :param problems: a sentence for each reference that leads nowhere.
    """

    items: list[Item]
    manifest: Manifest | None
    problems: list[str]


def wanted_of(
    app: Flask, settings: Settings, *, include_hidden: bool, filepath_filter: str | None
) -> Wanted:
    """Read all static files of an app.

    :raises CollectError: they cannot be pushed as they are.
    """
    if settings.hashed_names and filepath_filter is not None:
        raise CollectError(
            f"the filter {filepath_filter!r} leaves out files that others refer to, so "
            "FLASKS3_HASHED_NAMES can't be True: push all, what has not changed costs nothing"
        )
    try:
        assets = collect(app, include_hidden=include_hidden, filepath_filter=filepath_filter)
        files = list(digest_files(assets))
        if not settings.hashed_names:
            return Wanted(make_items(files, settings), None, [])
        hashed = hash_names(files)
    except OSError as error:
        raise CollectError(f"a static file or folder cannot be read: {error}") from error
    # Plain names as well: scripts put names together that nobody can see beforehand.
    items = make_items([*files, *hashed.files], settings)
    return Wanted(items, Manifest.of(hashed), hashed.problems)


def index_key(settings: Settings) -> str:
    return f"{settings.own_folder}/index.json.gz"


def public_folders(app: Flask, settings: Settings) -> list[str]:
    """Give the prefixes of all keys that a push of this app may have."""
    if settings.prefix:
        return [f"{settings.prefix}/"]
    roots = {f"{root}/" if root else "" for _, root in static_folders(app)}
    return [""] if "" in roots else sorted(roots)


def overridden(
    settings: Settings,
    *,
    user: str | None = None,
    password: str | None = None,
    bucket_name: str | None = None,
    location: str | None = None,
) -> Settings:
    """Give the settings with what :func:`create_all` was told over them.

    :raises ConfigError: there is no bucket's name, or one key without the other.
    """
    if bool(user) != bool(password):
        raise ConfigError("user", "pass user and password together, or neither")
    if user and password:
        settings = replace(settings, access_key_id=user, access_key_secret=password)
    if location is not None:
        settings = replace(settings, region=region_of(location))
    if bucket_name:
        settings = replace(settings, bucket_name=bucket_name)
    if not settings.bucket_name:
        raise ConfigError("FLASKS3_BUCKET_NAME", "is missing: set it, or pass bucket_name")
    check_urls(settings)
    return settings
