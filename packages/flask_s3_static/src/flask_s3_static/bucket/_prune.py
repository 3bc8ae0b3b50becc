"""Removing what no release needs any more, of our own objects and no others."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Flask

from s3_saver import AlreadyExistsError, NotFoundError

from .._settings import settings_of
from .._storage import make_storage
from ..exceptions import ConfigError, S3StaticError
from ._index import Index, prunable
from ._store import StoredIndex, forget_leaving, put_index, read_index


@dataclass(frozen=True)
class PruneReport:
    """What was removed, or by a dry run would be: sizes in bytes before compression, by key."""

    removed: dict[str, int]
    releases: int


def prune(app: Flask, *, keep: int, older_than: timedelta, dry_run: bool = False) -> PruneReport:
    """Delete the objects that are in none of the last *keep* releases and were replaced longer ago
    than *older_than*.

    Only keys that the index has are touched: what others put into the bucket stays.
    """
    if keep < 1:
        raise ValueError(f"keep={keep}: the current release must stay, so 1 or more")
    settings = settings_of(app)
    if not settings.bucket_name:
        raise ConfigError("FLASKS3_BUCKET_NAME", "is missing: there is nothing to prune")
    storage = make_storage(settings)
    base = read_index(storage, settings.index_key)
    index = base.index
    keys = prunable(index, keep=keep, older_than=older_than, now=datetime.now(UTC))
    removed = {**index.leaving, **{key: index.objects[key].size for key in keys}}
    report = PruneReport(dict(sorted(removed.items())), len(index.releases))
    if dry_run or not removed:
        return report
    rest = {key: entry for key, entry in index.objects.items() if key not in removed}
    marked = Index(rest, index.releases, removed)
    # The index first: a push that began before this sees at its end that its objects are going, and
    # one that begins now does not take them for being there. Cut off, the next prune goes on.
    try:
        etag = put_index(storage, settings.index_key, marked, base.etag)
    except (AlreadyExistsError, NotFoundError) as error:
        raise S3StaticError(
            "a push changed the index meanwhile, so nothing was removed: prune again"
        ) from error
    storage.delete(*removed)
    forget_leaving(storage, settings.index_key, StoredIndex(marked, etag))
    return report
