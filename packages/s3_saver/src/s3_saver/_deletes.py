"""How objects leave a bucket: in batches, or one by one where a store takes no batches."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from ._sdk_errors import error_code, error_status, is_unsupported

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# S3 answers 204 for an absent key, some stores 404, with a body or without one.
_ABSENT = ("NoSuchKey", "NotFound", "404")
_BATCH = 1000  # keys in one DeleteObjects request, S3's limit


def delete_keys(client: "S3Client", bucket_name: str, keys: list[str]) -> None:
    """Delete objects by as few requests as the store can do with.

    One that cannot be deleted keeps no other: all are tried, then the first failure is raised.
    """
    refused: list[Any] = []
    for start in range(0, len(keys), _BATCH):
        refused += _delete_batch(client, bucket_name, keys[start : start + _BATCH])
    if refused:
        raise _as_single_error(refused, "DeleteObjects" if len(keys) > 1 else "DeleteObject")


def _delete_batch(client: "S3Client", bucket_name: str, keys: list[str]) -> list[Any]:
    """Delete some objects, and return what S3 says of those that it refused."""
    if len(keys) == 1:
        return list(_delete_each(client, bucket_name, keys))
    objects: Any = [{"Key": key} for key in keys]
    try:
        answer = client.delete_objects(
            Bucket=bucket_name, Delete={"Objects": objects, "Quiet": True}
        )
    except ClientError as error:
        if not is_unsupported(error):
            raise
        return list(_delete_each(client, bucket_name, keys))
    return [one for one in answer.get("Errors", ()) if one.get("Code") not in _ABSENT]


def _delete_each(client: "S3Client", bucket_name: str, keys: list[str]) -> Iterator[Any]:
    for key in keys:
        try:
            client.delete_object(Bucket=bucket_name, Key=key)
        except ClientError as error:
            code, status = error_code(error), error_status(error)
            if code in _ABSENT:
                continue
            if len(keys) == 1 or code == "NoSuchBucket" or status in (401, 429, 503):
                raise  # it would be the same for the others
            yield {"Key": key, "Status": status, **error.response.get("Error", {})}


def _as_single_error(refused: list[Any], operation: str) -> ClientError:
    """Return an error for a batch in which some keys were refused; the first one says why."""
    keys = ", ".join(error.get("Key") or "?" for error in refused[:3])
    more = f" and {len(refused) - 3} more" if len(refused) > 3 else ""
    first = refused[0]
    message = f"{first.get('Message') or ''} (for {keys}{more})".strip()
    answer: Any = {
        "Error": {"Code": first.get("Code") or "", "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": first.get("Status", 0)},
    }
    return ClientError(answer, operation)
