"""Removing direct uploads that nobody has claimed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from s3_saver import FileInfo, S3SaverError, S3Storage, Storage

from ._names import CLAIMED, PENDING

_BATCH = 1000


def prune(
    storage: Storage, older_than: timedelta, *, keep_marks: timedelta, dry_run: bool
) -> Iterator[str]:
    """Delete what has been pending for longer, and give the names.

    :param keep_marks: how long the mark of a claimed upload stays at least, so that no token that
        still holds can be used again.
    """
    now = datetime.now(UTC)
    batch: list[str] = []
    for info in storage.find(PENDING):
        if now - info.modified > _age(info, older_than, keep_marks):
            batch.append(info.name)
            yield info.name
        if len(batch) == _BATCH:
            _delete(storage, batch, dry_run)
    _delete(storage, batch, dry_run)
    if isinstance(storage, S3Storage):
        yield from _prune_parts(storage, now - older_than, dry_run)


def _age(info: FileInfo, older_than: timedelta, keep_marks: timedelta) -> timedelta:
    return max(older_than, keep_marks) if info.name.endswith(CLAIMED) else older_than


def _delete(storage: Storage, batch: list[str], dry_run: bool) -> None:
    if batch and not dry_run:
        storage.delete(*batch)
    batch.clear()


def _prune_parts(storage: S3Storage, before: datetime, dry_run: bool) -> Iterator[str]:
    # Unfinished uploads are no objects: a listing does not show them, the bill does.
    pages = storage.client.get_paginator("list_multipart_uploads").paginate(
        Bucket=storage.bucket_name, Prefix=storage.prefix + PENDING
    )
    with storage.translate_errors():
        for page in pages:
            for upload in page.get("Uploads", ()):
                if upload["Initiated"] >= before:
                    continue
                name = upload["Key"].removeprefix(storage.prefix)
                if not dry_run:
                    _abort(storage, name, upload["UploadId"])
                yield f"{name} (parts)"


def _abort(storage: S3Storage, name: str, upload_id: str) -> None:
    try:
        with storage.translate_errors(name):
            storage.client.abort_multipart_upload(
                Bucket=storage.bucket_name, Key=storage.key(name), UploadId=upload_id
            )
    except S3SaverError as error:
        if error.code not in ("NoSuchUpload", "NoSuchKey"):  # ended since it was listed
            raise
