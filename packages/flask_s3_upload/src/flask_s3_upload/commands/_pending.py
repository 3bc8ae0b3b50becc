"""Removing direct uploads that nobody has claimed, and what killed processes left on the disk."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from s3_saver import FileInfo, LocalStorage, S3SaverError, S3Storage, Storage

from .._names import CLAIMED, PENDING

_BATCH = 1000
_DAY = timedelta(days=1)  # what is hidden and younger may belong to a save that is under way


@dataclass(frozen=True)
class Pruning:
    """What is to be deleted.

    :param names: of files below ``pending/``.
    :param parts: names and upload ids of uploads in parts that were never completed.
    :param leftovers: paths of hidden files, which no listing shows.
    """

    names: list[FileInfo] = field(default_factory=list)
    parts: list[tuple[str, str]] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        return [
            *(info.name for info in self.names),
            *(f"{name} (parts)" for name, _ in self.parts),
            *(f"{name} (left by a process that was killed)" for name in self.leftovers),
        ]


def find_pending(storage: Storage, older_than: timedelta, *, keep_marks: timedelta) -> Pruning:
    """Return what has been pending for longer.

    :param keep_marks: how long the mark of a claimed upload stays at least, so that no token that
        still holds can be used again.
    """
    now = datetime.now(UTC)
    found = Pruning()
    for info in storage.find(PENDING):
        if now - info.modified > _age(info, older_than, keep_marks):
            found.names.append(info)
    if isinstance(storage, S3Storage):
        found.parts.extend(_find_parts(storage, now - older_than))
    if isinstance(storage, LocalStorage):
        found.leftovers.extend(storage.prune(older_than=max(older_than, _DAY), dry_run=True))
    return found


def delete_pending(storage: Storage, found: Pruning, older_than: timedelta) -> Iterator[str]:
    """Delete what was found, and yield what is gone."""
    for start in range(0, len(found.names), _BATCH):
        batch = found.names[start : start + _BATCH]
        storage.delete(*batch)
        yield from (info.name for info in batch)
    if isinstance(storage, S3Storage):
        for name, upload_id in found.parts:
            _abort(storage, name, upload_id)
            yield f"{name} (parts)"
    if isinstance(storage, LocalStorage):
        yield from storage.prune(older_than=max(older_than, _DAY))


def _age(info: FileInfo, older_than: timedelta, keep_marks: timedelta) -> timedelta:
    return max(older_than, keep_marks) if info.name.endswith(CLAIMED) else older_than


def _find_parts(storage: S3Storage, before: datetime) -> Iterator[tuple[str, str]]:
    # Unfinished uploads are no objects: a listing does not show them, the bill does.
    pages = storage.client.get_paginator("list_multipart_uploads").paginate(
        Bucket=storage.bucket_name, Prefix=storage.prefix + PENDING
    )
    with storage.translate_errors():
        for page in pages:
            for upload in page.get("Uploads", ()):
                if upload["Initiated"] < before:
                    yield upload["Key"].removeprefix(storage.prefix), upload["UploadId"]


def _abort(storage: S3Storage, name: str, upload_id: str) -> None:
    try:
        with storage.translate_errors(name):
            storage.client.abort_multipart_upload(
                Bucket=storage.bucket_name, Key=storage.key(name), UploadId=upload_id
            )
    except S3SaverError as error:
        if error.code not in ("NoSuchUpload", "NoSuchKey"):  # ended since it was listed
            raise
