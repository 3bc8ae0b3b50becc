"""Where the index is kept: read once, written last, and only over what was read."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from io import BytesIO

from s3_saver import AlreadyExistsError, BucketNotFoundError, NotFoundError, S3Storage

from .._storage import check_credentials
from ..exceptions import S3StaticError
from ._index import DamagedIndexError, Index, merge

_ATTEMPTS = 5  # at writing, each after another push was a moment faster
_MOST_BYTES = 8 * 1024 * 1024  # more would go up in parts, which take no condition


@dataclass(frozen=True)
class StoredIndex:
    """The index as it was read.

    :param etag: of the object it was read from; ``None`` if there was none.
    :param has_bucket: whether there was a bucket.
    """

    index: Index
    etag: str | None = None
    has_bucket: bool = True


def read_index(storage: S3Storage, key: str) -> StoredIndex:
    """Read the index; one that is missing or damaged is empty.

    :raises ConfigError: there are no credentials to read it with.
    """
    check_credentials(storage)
    try:
        # The ETag first: if another push comes between, ours will see that its own is old.
        etag = storage.stat(key).etag
        with storage.open(key) as file:
            return StoredIndex(Index.from_bytes(file.read()), etag)
    except NotFoundError:
        return StoredIndex(Index())
    except BucketNotFoundError:
        return StoredIndex(Index(), has_bucket=False)
    except DamagedIndexError:
        return StoredIndex(Index(), etag)


def write_index(
    storage: S3Storage,
    key: str,
    base: StoredIndex,
    ours: Index,
    *,
    needed: Collection[str],
    failed: Collection[str],
) -> list[str]:
    """Write the index over the one that was read, or over both brought together.

    :param needed: keys that must be in the bucket as ours says.
    :param failed: keys of which nobody knows what the bucket has.
    :return: those of the needed that another push, or a prune, has changed meanwhile.
    """
    disputed: list[str] = []
    current, index = base, ours
    for _ in range(_ATTEMPTS):
        try:
            put_index(storage, key, index, current.etag)
        except (AlreadyExistsError, NotFoundError):
            current = read_index(storage, key)
            index, disputed = merge(base.index, ours, current.index, needed=needed, failed=failed)
        else:
            return disputed
    raise _too_busy(storage, key)


def forget_leaving(storage: S3Storage, key: str, stored: StoredIndex) -> None:
    """Take from the index what *stored* says is leaving, as it is gone now."""
    gone = stored.index.leaving.keys()
    for _ in range(_ATTEMPTS):
        rest = {name: size for name, size in stored.index.leaving.items() if name not in gone}
        if rest == stored.index.leaving:
            return
        try:
            put_index(storage, key, replace(stored.index, leaving=rest), stored.etag)
        except (AlreadyExistsError, NotFoundError):
            stored = read_index(storage, key)
        else:
            return
    raise _too_busy(storage, key)


def _too_busy(storage: S3Storage, key: str) -> S3StaticError:
    return S3StaticError(
        f"the index s3://{storage.bucket_name}/{key} changed {_ATTEMPTS} times while it was "
        "written: let other pushes end, then try again"
    )


def checked_bytes(index: Index) -> bytes:
    """Return what is stored of an index.

    :raises S3StaticError: that is too long to be stored under a condition.
    """
    data = index.to_bytes()
    if len(data) > _MOST_BYTES:
        raise S3StaticError(
            f"the index of {len(index.objects):,} objects takes {len(data):,} bytes, of "
            f"{_MOST_BYTES:,} that can be: delete those of old releases by `flask s3-static "
            "prune`, leave files out by FLASKS3_EXCLUDE, or turn FLASKS3_HASHED_NAMES off, which "
            "stores each file twice"
        )
    return data


def put_index(storage: S3Storage, key: str, index: Index, etag: str | None) -> str:
    """Write the index over the one that has this ETag; return its new one.

    :param etag: ``None`` if there must be none.
    :raises AlreadyExistsError: it has another by now.
    :raises NotFoundError: it is gone.
    """
    data = checked_bytes(index)
    # Without the quotes of RFC 9110, section 13.1.1: Amazon takes both, Ceph up to 16 only these.
    condition = {"IfMatch": etag} if etag else {}
    return storage.save(
        key,
        BytesIO(data),
        overwrite=etag is not None,
        content_type="application/gzip",
        extra_args=condition,
    ).etag
