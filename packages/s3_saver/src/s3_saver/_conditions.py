"""Does a store decide ``overwrite=False`` itself? Asked once, and remembered by the process."""

import logging
import os
import threading
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from ._addresses import is_amazons
from ._names import MAX_NAME_BYTES, RESERVED_PREFIX
from ._s3_options import Races
from ._sdk_errors import error_code, error_status, is_unsupported
from ._uploads import accepted_by
from .exceptions import S3SaverError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_logger = logging.getLogger("s3_saver")

_Store = tuple[str, str]  # its endpoint, and the bucket
_known: dict[_Store, bool] = {}
_asking: dict[_Store, threading.Lock] = {}
_warned: set[_Store] = set()

if hasattr(os, "register_at_fork"):
    # A child must not wait for a thread of its parent.
    os.register_at_fork(after_in_child=_asking.clear)


def decides(client: "S3Client", request: dict[str, Any]) -> bool:
    """Report whether the store obeys ``If-None-Match`` when an object is put.

    Amazon's does. Of any other, a hidden key next to the target is written twice with the
    condition, and deleted again: three requests.

    :param request: the parameters of PutObject without the body; the hidden object gets the same,
        as a bucket may demand them.
    """
    store = _store(client, request)
    if is_amazons(store[0]):
        return True
    with _asking.setdefault(store, threading.Lock()):
        if store not in _known:
            _known[store] = _ask(client, request)
        return _known[store]


def may_look_first(client: "S3Client", request: dict[str, Any], races: Races) -> None:
    """Accept that a store does not decide, in the way that was asked for.

    :raises S3SaverError: *races* is ``'refuse'``.
    """
    store = _store(client, request)
    lacks = (
        f"the store of bucket {store[1]!r} at {store[0]} does not obey If-None-Match, by which it "
        "would decide overwrite=False"
    )
    if races == "refuse":
        raise S3SaverError(
            f"{lacks}: races='refuse' refuses to look whether the name is taken and then save; use "
            "another store, save with overwrite=True, or allow races"
        )
    if races == "warn" and store not in _warned:
        _warned.add(store)
        _logger.warning(
            "%s: names are looked for first, and of two saves of one name at the same moment the "
            "later one replaces the other's file. Pass races='allow' to accept that without this "
            "warning, or races='refuse' for an error",
            lacks,
        )


def _store(client: "S3Client", request: dict[str, Any]) -> _Store:
    return client.meta.endpoint_url, request["Bucket"]


def _ask(client: "S3Client", request: dict[str, Any]) -> bool:
    name = f"{RESERVED_PREFIX}probe-{os.urandom(8).hex()}"
    folder = request["Key"].rpartition("/")[0]
    while len(folder.encode()) + 1 + len(name) > MAX_NAME_BYTES:
        folder = folder.rpartition("/")[0]
    # Extra arguments may be meant for copies.
    wanted = accepted_by(client, "PutObject", request)
    probe = {**wanted, "Key": f"{folder}/{name}" if folder else name}
    is_written = True
    try:
        if _put(client, probe, IfNoneMatch="*") is None:
            is_written = False
            # Does it refuse the condition, or something else that was asked for?
            client.put_object(**probe, Body=b"")
            is_written = True
            return False
        return _put(client, probe, IfNoneMatch="*") is False
    finally:
        if is_written:
            _delete(client, probe)


def _put(client: "S3Client", probe: dict[str, Any], **condition: Any) -> bool | None:
    """Report whether the object was stored; None if the store refuses to be asked like that."""
    try:
        client.put_object(**probe, **condition, Body=b"")
    except ClientError as error:
        if error_code(error) == "PreconditionFailed" or error_status(error) in (409, 412):
            return False
        if is_unsupported(error):
            return None
        raise
    return True


def _delete(client: "S3Client", probe: dict[str, Any]) -> None:
    try:
        client.delete_object(Bucket=probe["Bucket"], Key=probe["Key"])
    except ClientError as error:
        _logger.warning(
            "s3://%s/%s, which was written to try the store out, could not be deleted: %s",
            probe["Bucket"],
            probe["Key"],
            error_code(error),
        )
