"""What rows call a storage: a storage type and a bucket name."""

from collections.abc import Mapping
from typing import IO

from ._s3 import S3Storage
from ._s3_options import ObjectOptions, S3Options, object_arguments
from ._storage import FileInfo, Storage
from .exceptions import ArgumentError, NotConfiguredError, UnboundError


class S3LoginOptions(S3Options, total=False):
    """The options of :class:`S3Storage` that :class:`Storages` passes on."""

    access_key_id: str | None
    access_key_secret: str | None
    acl: str | None


def location_of(storage: Storage) -> tuple[str, str]:
    """Return what rows call a storage: ``('s3', 'my-bucket')``, or ``('', '')`` if not on S3."""
    return ("s3", storage.bucket_name) if isinstance(storage, S3Storage) else ("", "")


def check_storage_type(storage_type: str | None) -> None:
    """Raise ArgumentError unless *storage_type* is ``'s3'``, ``''`` or ``None``."""
    if storage_type and storage_type != "s3":
        raise ArgumentError("storage_type", storage_type, "'s3', or '' for the disk")


def no_bucket(bucket_name: str | None) -> ArgumentError:
    return ArgumentError(
        "bucket_name", bucket_name, "the name of a bucket where storage_type is 's3'"
    )


def not_configured(
    bucket_name: str, named: Mapping[str, str], *, has_buckets: bool
) -> NotConfiguredError:
    """Return the error for a bucket that no row may name.

    :param named: by argument of :class:`Storages`, the key by which an app sets it.
    """
    allowing = named["allowed_buckets"]
    fix = f"add it to {allowing} if it is yours"
    if not has_buckets:
        fix = f"no bucket is configured; set {named['bucket_name']} or {allowing}"
    return NotConfiguredError(
        f"s3://{bucket_name} is not one of the buckets that may be reached: {fix}",
        storage_type="s3",
        bucket_name=bucket_name,
        argument=allowing,
    )


def no_urls(argument: str, name: str) -> UnboundError:
    """Return the error for storages that were made without a function of URLs."""
    return UnboundError(
        f"these storages know no URLs: pass {argument}= to Storages, a function of a StoredFile",
        name=name,
    )


def check_store(name: str, kept_by: str, store: str) -> None:
    """Raise NotConfiguredError unless a file is of a store.

    :param kept_by: the store that keeps the file.
    """
    if kept_by != store:
        theirs, ours = (
            f"store {one!r}" if one else "store without a name" for one in (kept_by, store)
        )
        raise NotConfiguredError(
            f"{name!r} is in the {theirs}, and these are the storages of the {ours}: bind it to"
            " those of its own",
            argument="store",
        )


def save_in(
    storage: Storage,
    name: str,
    file: IO[bytes],
    *,
    overwrite: bool,
    content_type: str | None,
    options: ObjectOptions,
) -> FileInfo:
    """Save a file as :meth:`Storage.save`, on S3 with *options*; others have no use for them."""
    object_arguments(options)  # wrong ones are refused on a disk, too
    if isinstance(storage, S3Storage):
        return storage.save(name, file, overwrite=overwrite, content_type=content_type, **options)
    return storage.save(name, file, overwrite=overwrite, content_type=content_type)
