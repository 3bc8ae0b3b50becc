"""What a push refuses before it changes anything; a dry run refuses it, too."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from s3_saver import S3Storage, UnsafeNameError

from .._settings import Settings
from ..bucket._store import StoredIndex, checked_bytes
from ..exceptions import CollectError, ConfigError, S3StaticError
from ..serving._manifest import check_place
from ._plan import Item, Plan, changes_release, index_after
from ._release import Release


def check_keys(storage: S3Storage, items: Iterable[Item]) -> None:
    """Refuse names that no key can have.

    :raises CollectError: there is one.
    """
    for item in items:
        try:
            storage.key(item.key)
        except UnsafeNameError as error:
            raise CollectError(f"{item.file.source!r} can't be in a bucket: {error}") from error


def check_end(
    settings: Settings, base: StoredIndex, plan: Plan, release: Release, *, partial: bool
) -> None:
    """Refuse a push that would fail at its end, when all files are sent.

    :raises S3StaticError: a prune is under way, or the index would be too long.
    :raises ConfigError: the manifest cannot be written.
    """
    if leaving := base.index.leaving.keys() & plan.keys():
        raise S3StaticError(
            f"a prune is deleting {len(leaving)} of these files from the bucket, or was stopped "
            "while it did: run `flask s3-static prune` until it ends, then push again"
        )
    if changes_release(plan, base.index):
        planned = index_after(
            base.index,
            plan,
            done={item.key for item in plan.uploads},
            failed=(),
            is_complete=True,
            partial=partial,
            now=datetime.now(UTC),
        )
        checked_bytes(planned)
    if release.manifest:
        with manifest_errors():
            check_place(settings.manifest, release.manifest)


@contextmanager
def manifest_errors() -> Iterator[None]:
    """Name the setting that says where the manifest is."""
    try:
        yield
    except OSError as error:
        raise ConfigError(
            f"the manifest cannot be written: {error}; correct FLASKS3_MANIFEST",
            setting="FLASKS3_MANIFEST",
        ) from error
