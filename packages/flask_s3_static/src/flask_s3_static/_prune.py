"""Removing what no release needs any more, of our own objects and no others."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Flask

from s3_saver import AlreadyExistsError, NotFoundError

from ._bucket import make_storage
from ._extension import state_of
from ._index import Index, prunable
from ._store import put_index, read_index
from ._wanted import index_key
from .exceptions import ConfigError, S3StaticError


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
    settings = state_of(app).settings
    if not settings.bucket_name:
        raise ConfigError("FLASKS3_BUCKET_NAME", "is missing")
    storage = make_storage(settings)
    base = read_index(storage, index_key(settings))
    index = base.index
    keys = prunable(index, keep=keep, older_than=older_than, now=datetime.now(UTC))
    report = PruneReport({key: index.objects[key].size for key in keys}, len(index.releases))
    if dry_run or not keys:
        return report
    removed = set(keys)
    rest = {key: entry for key, entry in index.objects.items() if key not in removed}
    # The index first: a push that began before this sees then that its objects are going.
    try:
        put_index(storage, index_key(settings), Index(rest, index.releases), base.etag)
    except (AlreadyExistsError, NotFoundError) as error:
        raise S3StaticError(
            "a push changed the index meanwhile, so nothing was removed: prune again"
        ) from error
    storage.delete(*keys)
    return report
