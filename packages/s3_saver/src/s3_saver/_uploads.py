"""Uploads of streams: in one request, or in parallel parts."""

import os
import random
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import chain
from operator import itemgetter
from typing import IO, TYPE_CHECKING, Any

from botocore.exceptions import ClientError, HTTPClientError

from ._answer_dates import date_of
from ._answers import Described, describe, etag_of
from ._etags import PART_SIZE, multipart_etag
from ._sdk_errors import error_code
from ._streams import measure, read_chunks, rewind
from .exceptions import S3SaverError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PARTS_IN_FLIGHT = 5
MAX_PARTS = 10_000  # S3's limits: "Amazon S3 multipart upload limits" in its user guide
MAX_PUT_SIZE = 5 * 1024**3  # bytes, of PutObject and of CopyObject alike

# How often a conditional save starts again when another one was under way (409).
_CONFLICT_ATTEMPTS = 4


def upload(
    client: "S3Client", request: dict[str, Any], file: IO[bytes], *, overwrite: bool
) -> Described:
    """Store a stream, in one request or in parts, depending on its size.

    Without *overwrite* a file goes in one request up to 5 GiB: S3 and similar stores decide
    ``If-None-Match`` on PutObject without a race, but some ignore it when parts are put together.

    :param request: the parameters of PutObject without the body.
    """
    if rewind(file):
        size = measure(file)
        if size <= PART_SIZE:
            return _put(client, request, b"".join(read_chunks(file)), size, overwrite=overwrite)
        if not overwrite and size <= MAX_PUT_SIZE:
            return _put(client, request, _Source(file), size, overwrite=overwrite)
        part_size = max(PART_SIZE, -(-size // MAX_PARTS))
        return put_parts(client, request, read_chunks(file, part_size), overwrite=overwrite)

    chunks = read_chunks(file, PART_SIZE)
    first = next(chunks, b"")
    if len(first) < PART_SIZE:
        return _put(client, request, first, len(first), overwrite=overwrite)
    chunks = chain([first], chunks)
    if overwrite:
        return put_parts(client, request, chunks, overwrite=overwrite)
    with tempfile.TemporaryFile() as seekable:
        seekable.writelines(chunks)
        return upload(client, request, seekable, overwrite=overwrite)


def _put(
    client: "S3Client",
    request: dict[str, Any],
    body: Any,
    size: int,
    *,
    overwrite: bool,
) -> Described:
    if overwrite:
        answer: Any = client.put_object(**request, Body=body)
    else:
        answer = _put_if_absent(client, request, body)
    return _described(client, request, answer, size)


def _put_if_absent(client: "S3Client", request: dict[str, Any], body: Any) -> Any:
    # If an answer is lost on the way, the SDK sends the request again, and the answer is that the
    # object exists. By the mark it is known to be our own.
    mark = os.urandom(16).hex()
    marked = {**request, "Metadata": {**request.get("Metadata", {}), "saved-by": mark}}
    for attempt in range(1, _CONFLICT_ATTEMPTS + 1):
        if isinstance(body, _Source):
            body.seek(0)
        try:
            return client.put_object(**marked, Body=body, IfNoneMatch="*")
        except ClientError as error:
            code = error_code(error)
            if code == "ConditionalRequestConflict" and attempt < _CONFLICT_ATTEMPTS:
                time.sleep(random.uniform(0, 0.1 * 2**attempt))  # noqa: S311 - jitter
                continue
            if code == "PreconditionFailed" and _was_retried(error):
                head = client.head_object(Bucket=request["Bucket"], Key=request["Key"])
                if head.get("Metadata", {}).get("saved-by") == mark:
                    return head
            raise
        except HTTPClientError:
            if isinstance(body, _Source) and body.error:
                raise body.error from None  # the source failed, not the storage
            raise
    raise AssertionError("unreachable")


def _was_retried(error: ClientError) -> bool:
    return bool(error.response.get("ResponseMetadata", {}).get("RetryAttempts"))


class _Source:
    """A caller's stream as the body of a request; keeps the error if reading fails."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.error: Exception | None = None
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        try:
            return self._file.read(size)
        except Exception as error:
            self.error = error
            raise


def put_parts(
    client: "S3Client", request: dict[str, Any], chunks: Iterable[bytes], *, overwrite: bool
) -> Described:
    condition: dict[str, Any] = {} if overwrite else {"IfNoneMatch": "*"}
    return in_parts(client, request, lambda target: _send_parts(client, target, chunks), condition)


def in_parts(
    client: "S3Client",
    request: dict[str, Any],
    send: "Callable[[dict[str, Any]], tuple[list[CompletedPartTypeDef], int]]",
    condition: dict[str, Any] | None = None,
) -> Described:
    """Store an object in parts; if anything fails, the parts are removed.

    :param send: stores the parts of the upload that it gets, and returns them and their size.
    :param condition: what CompleteMultipartUpload is sent besides the parts.
    """
    address: dict[str, Any] = {"Bucket": request["Bucket"], "Key": request["Key"]}
    upload_id = _begin_parts(client, request)
    try:
        parts, size = send({**address, "UploadId": upload_id})
        answer = _complete(client, address, upload_id, parts, condition or {})
    except BaseException as error:
        _abort(client, address, upload_id, error)
        raise
    return _described(client, request, answer, size)


def _described(client: "S3Client", request: dict[str, Any], answer: Any, size: int) -> Described:
    if etag := etag_of(answer):
        return Described(size, date_of(answer), etag)
    head = client.head_object(Bucket=request["Bucket"], Key=request["Key"])
    return describe(client, request["Bucket"], request["Key"], head)


def _complete(
    client: "S3Client",
    address: dict[str, Any],
    upload_id: str,
    parts: "list[CompletedPartTypeDef]",
    condition: dict[str, Any],
) -> Any:
    try:
        answer = client.complete_multipart_upload(
            **address, **condition, UploadId=upload_id, MultipartUpload={"Parts": parts}
        )
    except ClientError as error:
        # If the answer was lost, the SDK sends the request again, when the upload is gone.
        if error_code(error) != "NoSuchUpload":
            raise
        head = client.head_object(**address)
        if etag_of(head) != _etag_of_parts(parts):
            raise
        return head
    return answer  # without an ETag on Ceph up to 16


def _etag_of_parts(parts: "list[CompletedPartTypeDef]") -> str:
    try:
        return multipart_etag(bytes.fromhex(part["ETag"].strip('"')) for part in parts)
    except ValueError:
        return ""  # not every store makes them of the content


def _begin_parts(client: "S3Client", request: dict[str, Any]) -> str:
    config: Any = client.meta.config
    if config.request_checksum_calculation == "when_supported":
        # Every part will bear one, which S3 accepts only if it was announced.
        request = {"ChecksumAlgorithm": "CRC32", **request}
    wanted = accepted_by(client, "CreateMultipartUpload", request)
    return client.create_multipart_upload(**wanted)["UploadId"]


def _send_parts(
    client: "S3Client", target: dict[str, Any], chunks: Iterable[bytes]
) -> "tuple[list[CompletedPartTypeDef], int]":
    """Send parts in parallel; at most as many are in memory as are being sent."""

    def send(number: int, data: bytes) -> "CompletedPartTypeDef":
        answer: Any = client.upload_part(**target, PartNumber=number, Body=data)
        if not answer.get("ETag"):
            raise S3SaverError(
                f"the store does not return the ETag of a part of s3://{target['Bucket']}/"
                f"{target['Key']}, without which parts cannot be put together"
            )
        return part_of(number, answer)

    parts: list[CompletedPartTypeDef] = []
    size = 0
    sending: set[Future[CompletedPartTypeDef]] = set()
    with ThreadPoolExecutor(PARTS_IN_FLIGHT, thread_name_prefix="s3-saver-part") as pool:
        for number, chunk in enumerate(chunks, 1):
            size += len(chunk)
            sending.add(pool.submit(send, number, chunk))
            if len(sending) == PARTS_IN_FLIGHT:
                sent, sending = wait(sending, return_when=FIRST_COMPLETED)
                parts.extend(future.result() for future in sent)
        parts.extend(future.result() for future in sending)
    return sorted(parts, key=itemgetter("PartNumber")), size


def part_of(number: int, answer: Any) -> "CompletedPartTypeDef":
    """Return the entry of a stored part in CompleteMultipartUpload."""
    part: Any = {key: value for key, value in answer.items() if key in _PART_CHECKSUMS}
    part.update(PartNumber=number, ETag=answer["ETag"])
    return part  # type: ignore[no-any-return]


_PART_CHECKSUMS = {f"Checksum{name}" for name in ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")}


def _abort(
    client: "S3Client", address: dict[str, Any], upload_id: str, reason: BaseException
) -> None:
    try:
        client.abort_multipart_upload(**address, UploadId=upload_id)
    except Exception as error:  # noqa: BLE001 - the reason must reach the caller, with this as a note
        reason.add_note(
            f"the parts of upload {upload_id!r} of {address['Key']!r} are still in the bucket "
            f"({error}): a lifecycle rule AbortIncompleteMultipartUpload removes them"
        )


def accepted_by(client: "S3Client", operation: str, request: dict[str, Any]) -> dict[str, Any]:
    shape: Any = client.meta.service_model.operation_model(operation).input_shape
    return {key: value for key, value in request.items() if key in shape.members}
