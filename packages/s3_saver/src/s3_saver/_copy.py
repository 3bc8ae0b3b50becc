"""Copies all files of one storage to another: in parallel, resumable, verified."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Literal, cast

from ._checks import check_type, fit_for_header
from ._compare import same_content
from ._copy_file import verify
from ._names import check_name
from ._storage import FileInfo, Storage, ensure_storage
from .exceptions import (
    AccessDeniedError,
    AlreadyExistsError,
    ArgumentError,
    BucketNotFoundError,
    NotFoundError,
    S3SaverError,
    StorageUnavailableError,
)

Outcome = Literal["copied", "skipped", "failed"]

# These concern the storage and not one file: continuing would repeat them for every other file.
_FATAL = (AccessDeniedError, BucketNotFoundError, StorageUnavailableError)


@dataclass
class CopyReport:
    """What :func:`copy_files` has done so far, or, with *dry_run*, would do.

    :param total: how many files there are. With *progress* they are counted first; without, these
        are the ones that were looked at.
    :param total_bytes: their size.
    :param copied: files that were stored in the target, and verified.
    :param copied_bytes: their size.
    :param skipped: files that the target had already, byte for byte.
    :param skipped_bytes: their size.
    :param failed: by name, why a file could not be copied.
    """

    total: int = 0
    total_bytes: int = 0
    copied: int = 0
    copied_bytes: int = 0
    skipped: int = 0
    skipped_bytes: int = 0
    failed: dict[str, S3SaverError] = field(default_factory=dict)


def copy_files(
    source: Storage,
    target: Storage,
    prefix: str = "",
    *,
    workers: int = 8,
    overwrite: bool = False,
    dry_run: bool = False,
    progress: Callable[[FileInfo, Outcome, CopyReport], None] | None = None,
) -> CopyReport:
    """Copy every file whose name begins with *prefix*; nothing is ever deleted.

    Files that the target already holds with the same bytes are skipped, so a copy that was
    interrupted continues where it stopped. Each file is compared with its source after it was
    stored. Ctrl-C leaves no half file on either side.

    :param workers: how many files are copied at once.
    :param overwrite: whether to replace files of the target that differ. If not, they fail.
    :param dry_run: compare, but store nothing.
    :param progress: called after each file with its info, the outcome and the report so far.
        With it, the files are counted first, which takes one more listing.
    :return: the report; look at its ``failed``.
    :raises StorageUnavailableError: a storage does not answer; likewise its siblings
        :exc:`AccessDeniedError` and :exc:`BucketNotFoundError`, and any :exc:`S3SaverError` that
        concerns no single file: its ``name`` is None. Call it again to continue.
    :raises ValueError: *workers* is less than 1.
    """
    ensure_storage(source, "source")
    ensure_storage(target, "target")
    check_type("workers", workers, int, "an int such as 8")
    if workers < 1:
        raise ArgumentError("workers", workers, "1 or more")
    report = CopyReport()
    if progress:
        for info in source.find(prefix):
            report.total += 1
            report.total_bytes += info.size
    stopped = threading.Event()

    def copy(info: FileInfo) -> tuple[FileInfo, Outcome, S3SaverError | None]:
        try:
            return info, _copy_one(source, target, info, overwrite, dry_run, stopped), None
        except S3SaverError as error:
            if not _concerns_one_file(error):
                raise
            return info, "failed", error

    from ._in_threads import in_threads  # which an app that copies nothing need not load

    with in_threads(copy, source.find(prefix), workers=workers, stop=stopped.set) as results:
        for info, outcome, error in results:
            if not progress:
                report.total += 1
                report.total_bytes += info.size
            _count(report, info, outcome, error)
            if progress:
                progress(info, outcome, report)
    return report


def _concerns_one_file(error: S3SaverError) -> bool:
    if error.code == "InvalidObjectState":
        return True  # access is denied to one archived object
    if isinstance(error, AccessDeniedError) and error.__cause__ is None:
        return True  # the file's folder is a link out of the storage
    if isinstance(error, AccessDeniedError) and error.permission == "read":
        return True  # one file on a disk that the process may not read
    return error.name is not None and not isinstance(error, _FATAL)


def _copy_one(
    source: Storage,
    target: Storage,
    info: FileInfo,
    overwrite: bool,
    dry_run: bool,
    stopped: threading.Event,
) -> Outcome:
    check_name(info.name)
    try:
        there = target.stat(info.name)
    except NotFoundError:
        if dry_run:
            return "copied"
    else:
        if same_content(source, target, info, there):
            return "skipped"
        if not overwrite:
            what = f"{info.name!r} differs in {target!r}"
            differs = AlreadyExistsError(
                f"{what}: pass overwrite=True to replace it", name=info.name
            )
            differs.argument, differs.problem = "overwrite", what
            raise differs
        if dry_run:
            return "copied"
    info = source.stat(info.name)  # a listing goes by the name, and S3 may know a better type
    with source.open(info.name) as file:
        target.save(
            info.name,
            cast("IO[bytes]", _Stoppable(file, stopped)),
            overwrite=overwrite,
            content_type=fit_for_header(info.content_type),
        )
    verify(source, target, info.name, info.name)
    return "copied"


def _count(
    report: CopyReport, info: FileInfo, outcome: Outcome, error: S3SaverError | None
) -> None:
    if error:
        report.failed[info.name] = error
    elif outcome == "copied":
        report.copied += 1
        report.copied_bytes += info.size
    else:
        report.skipped += 1
        report.skipped_bytes += info.size


class _Stoppable:
    """A stream whose reading fails once the copy is being stopped, so that big files stop too."""

    def __init__(self, file: IO[bytes], stopped: threading.Event) -> None:
        self._file = file
        self._stopped = stopped
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        if self._stopped.is_set():
            raise InterruptedError("the copy was stopped")
        return self._file.read(size)
