"""Claiming: from a token to a stored file.

One object beside the pending one, made with ``overwrite=False``, decides who claims. It stays until
it is pruned, so that a token cannot be used again even if its bytes are sent again.
"""

import io
import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import IO

from s3_saver import AlreadyExistsError, NotFoundError, S3SaverError
from untrusted_files import RejectedError, measure

from ._direct import Checked, Direct, DirectUpload
from ._names import CLAIMED, candidates, place
from ._places import stored_in
from ._stored import StoredFile
from .exceptions import AlreadyClaimedError, NotUploadedError, UploadsError, changed

logger = logging.getLogger(__name__)


def verify(direct: Direct, upload: DirectUpload) -> None:
    """Check that an upload is there and keeps its purpose's rules, without claiming it.

    :raises ClaimError: it is not there, not whole, or was claimed.
    :raises untrusted_files.RejectedError: its bytes break a rule.
    """
    with _checked(direct, upload):
        if direct.places.storage.exists(_mark(upload)):
            raise _claimed()


def claim(direct: Direct, uploads: list[DirectUpload], to: str) -> list[StoredFile]:
    """Check uploads, then give them their final names: all of them, or none.

    :raises ClaimError: as :func:`verify`.
    :raises untrusted_files.RejectedError: the bytes of one break a rule, or *to* is not to be used.
    """
    storage = direct.places.storage
    done: list[StoredFile] = []
    try:
        for upload in uploads:
            done.append(_claim_one(direct, upload, to))  # noqa: PERF401 - undone if one fails
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
    return done


def _claim_one(direct: Direct, upload: DirectUpload, to: str) -> StoredFile:
    name = place(to, upload.filename)
    storage = direct.places.storage
    with _checked(direct, upload) as checked:
        try:
            storage.save(_mark(upload), io.BytesIO(), overwrite=False)
        except AlreadyExistsError as error:
            raise _claimed() from error
        try:
            final = _finish(direct, checked, name)
        except BaseException as error:
            storage.delete(_mark(upload))
            if isinstance(error, NotFoundError):  # cancelled or pruned after the check
                raise _absent() from error
            raise
    return StoredFile(final, upload.size, checked.content_type, **stored_in(storage))


@contextmanager
def _checked(direct: Direct, upload: DirectUpload) -> Iterator[Checked]:
    storage = direct.places.storage
    with ExitStack() as stack:
        try:
            # First the etag, then the bytes: what changes in between has another etag than the one
            # by which it is copied later.
            etag = storage.stat(upload.pending_name).etag
            file = stack.enter_context(storage.open(upload.pending_name))
            content_type = _check(direct, upload, file)
        except NotFoundError as error:  # in the midst of it, too: another claim may be faster
            if storage.exists(_mark(upload)):
                raise _claimed() from error
            raise _absent() from error
        yield Checked(upload, file, etag, content_type)


def _check(direct: Direct, upload: DirectUpload, file: IO[bytes]) -> str:
    rules = direct.purpose(upload.purpose).rules
    size = measure(file)
    rules.check_size(size)
    if size != upload.size:
        raise NotUploadedError(
            f"This upload has {size} bytes instead of {upload.size}: choose the file again."
        )
    return rules.check(file, upload.filename).content_type


def _finish(direct: Direct, checked: Checked, name: str) -> str:
    for candidate in candidates(name):
        try:
            etag = direct.transport.finish(checked, candidate)
        except AlreadyExistsError as error:
            taken = error
        else:
            if etag != checked.etag:
                _check_again(direct, checked.upload, candidate)
            return candidate
    raise taken


def _check_again(direct: Direct, upload: DirectUpload, name: str) -> None:
    """Check what was copied by its bytes, where etags cannot tell: of uploads in parts, and of
    encrypted objects, a copy has another one.
    """
    storage = direct.places.storage
    try:
        with storage.open(name) as file:
            if measure(file) != upload.size:
                raise changed()
            direct.purpose(upload.purpose).rules.check(file, upload.filename)
    except (UploadsError, RejectedError) as error:
        storage.delete(name)
        raise changed() from error


def _mark(upload: DirectUpload) -> str:
    return upload.pending_name + CLAIMED


def _absent() -> NotUploadedError:
    return NotUploadedError("This upload is not there: choose the file again.")


def _claimed() -> AlreadyClaimedError:
    return AlreadyClaimedError("This upload was used already: choose the file again.")
