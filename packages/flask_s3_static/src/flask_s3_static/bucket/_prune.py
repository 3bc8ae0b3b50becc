"""Deleting what no release needs any more, of our own objects and no others."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from flask import Flask

from s3_saver import AlreadyExistsError, NotFoundError

from .._settings import Settings
from .._storage import make_storage
from ..exceptions import S3StaticError
from ..serving._left_out import LeftOut
from ._index import prunable
from ._store import StoredIndex, forget_leaving, put_index, read_index


@dataclass(frozen=True)
class PruneReport:
    """What was deleted, or by a dry run would be: sizes in bytes before compression, by key."""

    deleted: dict[str, int]
    releases: int


def prune(app: Flask, *, keep: int, older_than: timedelta, dry_run: bool = False) -> PruneReport:
    """Delete the objects that are in none of the last *keep* releases nor in the active one, and
    were replaced longer ago than *older_than*.

    Only keys that the index has are touched: what others put into the bucket stays. An object that
    is in a place for users' files by now is only forgotten.
    """
    if keep < 1:
        raise ValueError(f"keep must be 1 or more, got {keep}: the current release must stay")
    settings = Settings.from_app(app)
    storage = make_storage(settings)
    left_out = LeftOut.of(app, settings)
    base = read_index(storage, settings.index_key)
    index = base.index
    keys = prunable(index, keep=keep, older_than=older_than, now=datetime.now(UTC))
    forgotten = {**index.leaving, **{key: index.objects[key].size for key in keys}}
    # Another extension keeps files of users there now, so that one of them may be in its place.
    deleted = {key: size for key, size in forgotten.items() if not left_out.owner_of(key)}
    report = PruneReport(dict(sorted(deleted.items())), len(index.releases))
    if dry_run or not forgotten:
        return report
    rest = {key: entry for key, entry in index.objects.items() if key not in forgotten}
    marked = replace(index, objects=rest, leaving=deleted)
    # The index first: a push that began before this sees at its end that its objects are going, and
    # one that begins now does not take them for being there. Cut off, the next prune goes on.
    try:
        etag = put_index(storage, settings.index_key, marked, base.etag)
    except (AlreadyExistsError, NotFoundError) as error:
        raise S3StaticError(
            "a push changed the index meanwhile, so nothing was deleted: prune again"
        ) from error
    # A release that lacks files cannot be activated any more.
    last = max((index.objects[key].release for key in keys), default=0)
    manifests = [settings.release_key(number) for number in index.releases if number <= last]
    storage.delete(*deleted, *manifests)
    forget_leaving(storage, settings.index_key, StoredIndex(marked, etag))
    return report
