"""Copies of objects inside their bucket: in one request, in parts, or through here."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from . import _uploads
from ._answer_dates import date_of
from ._answers import Described, describe, etag_of
from ._etags import PART_SIZE
from ._reader import open_object, replaced
from ._s3_options import merged
from ._sdk_errors import is_unsupported
from ._streams import read_chunks
from .exceptions import S3SaverError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

COPY_PART_SIZE = 256 * 1024 * 1024  # bytes: nothing passes through here, so parts may be big

# What a copy keeps of its source, by the names that HeadObject and PutObject share.
_KEPT = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "Metadata",
)


class _UnsupportedError(Exception):
    """The store does not copy parts."""


def copy_object(
    client: "S3Client",
    source_key: str,
    request: dict[str, Any],
    changes: dict[str, Any],
    head: Any,
    *,
    size: int,
    if_absent: bool,
) -> Described:
    """Copy an object inside its bucket.

    :param request: the target, and what a file put there would get. Of that a copy has what S3
        does not take from the source: storage class, encryption, ACL.
    :param changes: what shall be other than in the source, by the names of PutObject.
    :param head: HeadObject's answer about the source.
    :param size: of the source, in bytes.
    :param if_absent: let S3 refuse if there is a target, as far as it can.
    """
    source = {"Bucket": request["Bucket"], "Key": source_key}
    kept = {name: head[name] for name in _KEPT if head.get(name)}
    left_out: tuple[str, ...] = (*_KEPT, "Tagging")
    if "REPLACE" in (request.get("MetadataDirective"), changes.get("MetadataDirective")):
        kept, left_out = {}, ("Tagging",)  # then the copy has nothing that it was not given here
    of_target = {name: value for name, value in request.items() if name not in left_out}
    wanted = merged(of_target, changes)
    if size > _uploads.MAX_PUT_SIZE:
        # It takes no condition.
        etag = wanted.get("CopySourceIfMatch") or head.get("ETag")
        return _copy_parts(client, source, {**kept, **wanted}, etag, size)
    if any(name in _KEPT for name in changes):
        wanted = {**kept, **wanted, "MetadataDirective": "REPLACE"}
    if "Tagging" in changes:
        wanted["TaggingDirective"] = "REPLACE"
    wanted = _uploads.accepted_by(client, "CopyObject", wanted)
    answer = _copy_whole(client, {**wanted, "CopySource": source}, if_absent=if_absent)
    result = answer.get("CopyObjectResult") or {}
    if etag_of(result) and result.get("LastModified"):
        return Described(size, date_of(result), etag_of(result))
    copy = describe(client, request["Bucket"], request["Key"], _head(client, request))
    if copy.size != size:
        raise S3SaverError(
            f"the store took the copy of s3://{source['Bucket']}/{source_key} to "
            f"{request['Key']!r} for something else: it does not have CopyObject"
        )
    return copy


def _head(client: "S3Client", request: dict[str, Any]) -> Any:
    return client.head_object(Bucket=request["Bucket"], Key=request["Key"])


def _copy_whole(client: "S3Client", wanted: dict[str, Any], *, if_absent: bool) -> Any:
    if if_absent:
        try:
            return client.copy_object(**wanted, IfNoneMatch="*")
        except ClientError as error:
            # Some obey the condition where an object is put, and refuse it for a copy.
            if not is_unsupported(error):
                raise
    return client.copy_object(**wanted)


def _copy_parts(
    client: "S3Client",
    source: dict[str, Any],
    wanted: dict[str, Any],
    etag: str | None,
    size: int,
) -> Described:
    # All parts shall be of one version.
    part: Any = {"CopySource": source, **({"CopySourceIfMatch": etag} if etag else {})}
    try:
        return _uploads.in_parts(
            client, wanted, lambda target: _copied_parts(client, {**target, **part}, size)
        )
    except _UnsupportedError:
        key = source["Key"]
        with open_object(client, source["Bucket"], key, key, etag=etag) as file:
            part_size = max(PART_SIZE, -(-size // _uploads.MAX_PARTS))
            return _uploads.put_parts(client, wanted, read_chunks(file, part_size), overwrite=True)


def _copied_parts(client: "S3Client", request: dict[str, Any], size: int) -> tuple[list[Any], int]:
    part_size = max(COPY_PART_SIZE, -(-size // _uploads.MAX_PARTS))

    def copy(number: int) -> Any:
        start = (number - 1) * part_size
        end = min(start + part_size, size) - 1
        try:
            answer = client.upload_part_copy(
                **request, PartNumber=number, CopySourceRange=f"bytes={start}-{end}"
            )
        except ClientError as error:
            if is_unsupported(error):
                raise _UnsupportedError from error
            raise
        result: Any = answer.get("CopyPartResult") or {}
        if not result.get("ETag"):
            raise _UnsupportedError  # it took the request for a part without content
        return _uploads.part_of(number, result)

    count = -(-size // part_size)
    first = copy(1)  # alone, to find out whether the store can do it
    with ThreadPoolExecutor(_uploads.PARTS_IN_FLIGHT, "s3-saver-copy-part") as pool:
        parts = [first, *pool.map(copy, range(2, count + 1))]
    # Ceph up to 16 does not know CopySourceIfMatch here.
    source = request["CopySource"]
    now = client.head_object(Bucket=source["Bucket"], Key=source["Key"])
    if etag_of(now) != etag_of({"ETag": request.get("CopySourceIfMatch")}):
        raise replaced(source["Key"])
    return parts, size
