"""What rows call a storage: a storage type and a bucket name."""

from typing import IO

from ._s3 import S3Storage
from ._s3_options import ObjectOptions, S3Options, object_arguments
from ._storage import FileInfo, Storage
from .exceptions import ArgumentError


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
