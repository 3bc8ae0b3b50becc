"""Claiming: from a token to a stored file.

One object next to the pending one, made with ``overwrite=False``, decides who claims. It stays
until it is pruned, so that a token cannot be used again even if its bytes are sent again.
"""

import io
import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import IO, Unpack

from s3_saver import (
    AlreadyExistsError,
    NotFoundError,
    ObjectOptions,
    ReplacedError,
    S3File,
    S3SaverError,
    S3Storage,
    Storage,
    StoredFile,
)
from untrusted_files import CheckedFile, measure

from .._names import CLAIMED, candidates, final_name
from .._settings import Settings
from .._storages import stored_as
from ..exceptions import AlreadyClaimedError, ConfigError, NotUploadedError, changed
from ._direct import Direct
from ._upload import Checked, DirectUpload

logger = logging.getLogger(__name__)


def verify(direct: Direct, upload: DirectUpload) -> Checked:
    """Check that an upload is there and keeps its purpose's rules, without claiming it.

    :return: what was found; its file is closed.
    :raises ClaimError: it is not there, not whole, or was claimed.
    :raises untrusted_files.RejectedError: its bytes break a rule.
    """
    with _checked(direct, upload) as checked:
        require_unclaimed(direct, upload)
        return checked


def require_unclaimed(direct: Direct, upload: DirectUpload) -> None:
    """
    :raises AlreadyClaimedError: the upload was claimed.
    """
    if direct.storage.exists(_mark(upload)):
        raise _claimed()


def claim(
    direct: Direct, uploads: list[DirectUpload], to: str, **options: Unpack[ObjectOptions]
) -> list[StoredFile]:
    """Check uploads, then put them under their final names: all of them, or none.

    :raises ClaimError: as :func:`verify`.
    :raises untrusted_files.RejectedError: the bytes of one break a rule, or *to* is not to be used.
    :raises ConfigError: the store cannot decide who claims, and races are not allowed.
    """
    storage = direct.storage
    _require_decisions(storage, direct.settings)
    done: list[StoredFile] = []
    try:
        for upload in uploads:
            done.append(_claim_one(direct, upload, to, options))  # noqa: PERF401 - undone if one fails
    except BaseException:
        if done:  # what was pending is still there: without its mark it can be claimed again
            storage.delete(*(_mark(upload) for upload, _ in zip(uploads, done, strict=False)))
            storage.delete(*(stored.name for stored in done))
        raise
    try:
        storage.delete(*(upload.pending_name for upload in uploads))
    except S3SaverError as error:
        # All is stored, and the marks keep the tokens from being claimed again.
        logger.warning("claimed, but not deleted where it was pending, so prune it: %s", error)
    for stored in done:
        direct.report_claimed(stored)
    return done


def claim_verified(direct: Direct, checked: Checked, name: str) -> StoredFile:
    """Put what :func:`verify` has checked under its final name, and leave it where it is pending,
    too, so that :func:`unclaim` can follow. Whoever calls it deletes one of the two.

    :raises ClaimError: as :func:`verify`, or since then it was changed.
    """
    _require_decisions(direct.storage, direct.settings)
    if checked.etag:  # the storage takes no other version
        stored = _put(direct, checked, name, {})
    else:
        with _checked(direct, checked.upload) as again:
            _require_equal(again.found, checked.found)
            stored = _put(direct, again, name, {})
    direct.report_claimed(stored)
    return stored


def unclaim(direct: Direct, upload: DirectUpload) -> None:
    """Let the token of an upload be claimed again: what it was claimed for was rolled back."""
    direct.storage.delete(_mark(upload))


def _require_decisions(storage: Storage, settings: Settings) -> None:
    if (
        isinstance(storage, S3Storage)
        and settings.s3.races != "allow"
        and not storage.conditional_writes
    ):
        key = settings.key_of("races")
        raise ConfigError(
            f"the store of bucket {storage.bucket_name!r} does not obey If-None-Match: one upload"
            f" could be claimed twice at the same moment. Set {key} = 'allow' to accept that, or"
            " use another store",
            setting=key,
        )


def _claim_one(direct: Direct, upload: DirectUpload, to: str, options: ObjectOptions) -> StoredFile:
    name = final_name(to, upload.filename)
    with _checked(direct, upload) as checked:
        return _put(direct, checked, name, options)


def _put(direct: Direct, checked: Checked, name: str, options: ObjectOptions) -> StoredFile:
    """Mark an upload as claimed, and put it under its final name."""
    storage, upload = direct.storage, checked.upload
    try:
        storage.save(_mark(upload), io.BytesIO(), overwrite=False)
    except AlreadyExistsError as error:
        raise _claimed() from error
    try:
        final = _finish(direct, checked, name, options)
    except BaseException as error:
        storage.delete(_mark(upload))
        if isinstance(error, NotFoundError):  # cancelled or pruned after the check
            raise _absent() from error
        raise
    return stored_as(direct.storages, final, checked.found, upload.filename)


@contextmanager
def _checked(direct: Direct, upload: DirectUpload) -> Iterator[Checked]:
    storage = direct.storage
    with ExitStack() as stack:
        try:
            file = stack.enter_context(storage.open(upload.pending_name))
            found = _check(direct, upload, file)
        except NotFoundError as error:  # in the midst of it, too: another claim may be faster
            if storage.exists(_mark(upload)):
                raise _claimed() from error
            raise _absent() from error
        except ReplacedError as error:
            raise changed() from error
        # That of the bytes which were read, and not of what has the name by now.
        etag = file.etag if isinstance(file, S3File) else ""
        yield Checked(upload, file, etag, found)


def _check(direct: Direct, upload: DirectUpload, file: IO[bytes]) -> CheckedFile:
    rules = direct.purpose(upload.purpose).rules
    size = measure(file)
    rules.check_size(size)
    if size != upload.size:
        raise NotUploadedError("This file did not arrive whole: choose it again.")
    return rules.check(file, upload.filename)


def _finish(direct: Direct, checked: Checked, name: str, options: ObjectOptions) -> str:
    for candidate in candidates(name):
        try:
            is_same = direct.transport.finish(checked, candidate, options)
        except AlreadyExistsError as error:
            taken = error
        else:
            if not is_same:
                _check_again(direct, checked, candidate)
            return candidate
    # Ten names with random ids are not taken: S3 refuses because the upload changes all the time.
    raise changed() from taken


def _check_again(direct: Direct, checked: Checked, name: str) -> None:
    """Check what was copied by its bytes, where etags do not prove it: of uploads in parts, and of
    encrypted objects, a copy has another one.
    """
    storage = direct.storage
    try:
        with storage.open(name) as file:
            _require_equal(_check(direct, checked.upload, file), checked.found)
    except BaseException as error:
        with suppress(S3SaverError):
            storage.delete(name)  # nobody has checked it
        if isinstance(
            error, ValueError | ReplacedError
        ):  # it breaks a rule, or its size is another
            raise changed() from error
        raise


def _require_equal(found: CheckedFile, wanted: CheckedFile) -> None:
    if found != wanted:
        raise changed()


def _mark(upload: DirectUpload) -> str:
    return upload.pending_name + CLAIMED


def _absent() -> NotUploadedError:
    return NotUploadedError("This file has not arrived: choose it again.")


def _claimed() -> AlreadyClaimedError:
    return AlreadyClaimedError("This upload was used already: choose the file again.")
