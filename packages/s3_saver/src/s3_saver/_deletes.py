"""How objects leave a bucket: in batches, or one by one where a store takes no batches."""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from ._sdk_errors import error_code, error_status

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# Stores that know only Content-MD5, which the SDK no longer sends, or no batches at all.
_NO_BATCHES = {"MissingContentMD5", "InvalidDigest", "NotImplemented", "MethodNotAllowed"}


def delete_keys(client: "S3Client", bucket: str, keys: list[str]) -> None:
    """Delete up to 1,000 objects by one request if the store can."""
    if len(keys) == 1:
        _delete_key(client, bucket, keys[0])
        return
    try:
        answer = client.delete_objects(
            Bucket=bucket,
            Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True},
        )
    except ClientError as error:
        if error_code(error) not in _NO_BATCHES and error_status(error) != 501:
            raise
        for key in keys:
            _delete_key(client, bucket, key)
        return
    if refused := [one for one in answer.get("Errors", ()) if one.get("Code") != "NoSuchKey"]:
        raise _as_single_error(refused)


def _delete_key(client: "S3Client", bucket: str, key: str) -> None:
    try:
        client.delete_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error_code(error) != "NoSuchKey":  # S3 answers 204 for an absent key, some stores 404
            raise


def _as_single_error(refused: Any) -> ClientError:
    """Tell of a batch that S3 answered by 200, but in which some keys were refused."""
    keys = ", ".join(error.get("Key", "?") for error in refused[:3])
    more = f" and {len(refused) - 3} more" if len(refused) > 3 else ""
    first = refused[0]
    message = f"{first.get('Message', '')} (for {keys}{more})"
    answer: Any = {"Error": {"Code": first.get("Code", ""), "Message": message}}
    return ClientError(answer, "DeleteObjects")
