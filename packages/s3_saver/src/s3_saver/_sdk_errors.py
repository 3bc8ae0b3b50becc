"""The SDK's errors become ours, here and nowhere else."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    ResponseStreamingError,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import ConnectionError as SDKConnectionError

from .exceptions import (
    AccessDeniedError,
    AlreadyExistsError,
    BucketNotFoundError,
    NotFoundError,
    S3SaverError,
    StorageUnavailableError,
)

#: A connection that breaks or goes silent. Reading an object can go on after each of them.
INTERRUPTIONS = (
    SDKConnectionError,
    HTTPClientError,
    IncompleteReadError,
    ResponseStreamingError,
)

# Which permission a call needs: Service Authorization Reference, "Actions, resources, and condition
# keys for Amazon S3".
_PERMISSIONS = {
    "AbortMultipartUpload": "s3:AbortMultipartUpload",
    "CompleteMultipartUpload": "s3:PutObject",
    "CopyObject": "s3:GetObject and s3:PutObject",
    "CreateBucket": "s3:CreateBucket",
    "CreateMultipartUpload": "s3:PutObject",
    "DeleteObject": "s3:DeleteObject",
    "DeleteObjects": "s3:DeleteObject",
    "GetBucketCors": "s3:GetBucketCORS",
    "GetBucketPolicy": "s3:GetBucketPolicy",
    "GetObject": "s3:GetObject and s3:ListBucket",
    "HeadBucket": "s3:ListBucket",
    "HeadObject": "s3:GetObject and s3:ListBucket",
    "ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "ListObjectsV2": "s3:ListBucket",
    "ListParts": "s3:ListMultipartUploadParts",
    "PutBucketAcl": "s3:PutBucketAcl",
    "PutBucketCors": "s3:PutBucketCORS",
    "PutBucketPolicy": "s3:PutBucketPolicy",
    "PutObject": "s3:PutObject",
    "UploadPart": "s3:PutObject",
    "UploadPartCopy": "s3:GetObject and s3:PutObject",
}
_BAD_CREDENTIALS = {
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidToken",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
}
_NO_CREDENTIALS = (
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
_OVERLOADED = {
    "ConditionalRequestConflict",
    "InternalError",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "Throttling",
    "TooManyRequests",
}
# Answered by 403 as well, but no policy mends them.
_HINTS = {
    "InvalidObjectState": "the object is archived: restore it first",
    "RequestTimeTooSkewed": "set this machine's clock",
}
_FIXES = {
    "AccessControlListNotSupported": "the bucket has ACLs disabled: leave out acl and allow reading"
    " by a bucket policy",
    "BucketAlreadyExists": "choose another name: all accounts share them",
    "IllegalLocationConstraintException": "make it in the client's own region, or correct"
    " region_name",
    "NotImplemented": "this store does not have that call",
}


def error_code(error: ClientError) -> str:
    """Give S3's code for an error, such as ``'NoSuchKey'``; a HEAD has only the status."""
    return str(error.response.get("Error", {}).get("Code", ""))


def error_status(error: ClientError) -> int:
    """Give the HTTP status of the answer, or 0 if the error was reported in a body."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


@contextmanager
def translated(bucket: str, key: str | None = None, name: str | None = None) -> Iterator[None]:
    """Turn the SDK's errors into ours, which tell the bucket, the key and the fix.

    :param name: the file's name as the caller knows it, which a prefix makes another than the key.
    """
    try:
        yield
    except ClientError as error:
        ours = _from_answer(error, bucket, key, name)
        ours.code = error_code(error)
        raise ours from error
    except BotoCoreError as error:
        raise _from_sdk(error, _place(bucket, key), name) from error


def _from_answer(
    error: ClientError, bucket: str, key: str | None, name: str | None
) -> S3SaverError:
    code, status = error_code(error), error_status(error)
    place = _place(bucket, key)
    details = error.response.get("Error", {})
    answer = f"{code} {details.get('Message', '')}".strip()
    what = f"S3 refused {error.operation_name} of {place}: {answer}"
    if code == "NoSuchBucket":
        return BucketNotFoundError(
            f"there is no bucket {bucket!r}: create it, or correct the bucket name, region or "
            f"endpoint ({answer})",
            name=name,
            bucket_name=bucket,
        )
    if code == "NoSuchUpload":
        return StorageUnavailableError(f"{what}; save the file again", name=name)
    if status == 404 or code == "NoSuchKey":
        return NotFoundError(
            what if key is None else f"there is no object {place} ({answer})", name=name
        )
    if code == "PreconditionFailed" and error.operation_name == "GetObject":
        return S3SaverError(
            f"{place} was replaced while it was being read: open it again", name=name
        )
    if code == "PreconditionFailed":
        return AlreadyExistsError(
            f"{place} exists: choose another name or pass overwrite=True", name=name
        )
    if code in _BAD_CREDENTIALS:
        return AccessDeniedError(f"{what}; correct the access key, secret and token", name=name)
    if code in _HINTS:
        return AccessDeniedError(f"{what}; {_HINTS[code]}", name=name)
    if status in (401, 403) or code == "AccessDenied":
        permission = _PERMISSIONS.get(error.operation_name, "")
        # Amazon refuses a public policy in the same words, whatever is allowed.
        blocked = ", turn off its Block Public Access" if permission == "s3:PutBucketPolicy" else ""
        return AccessDeniedError(
            f"{what}; allow {permission or error.operation_name} in the bucket's or the user's "
            f"policy{blocked}, or correct the credentials",
            name=name,
            permission=permission,
        )
    if code in _FIXES:
        return S3SaverError(f"{what}; {_FIXES[code]}", name=name)
    if status >= 500 or code in _OVERLOADED:
        return StorageUnavailableError(f"{what}; try again later", name=name)
    if status in (301, 307) or code == "AuthorizationHeaderMalformed":
        region = details.get("Region") or "the bucket's own region"
        return S3SaverError(f"{what}; pass region_name={region!r}")  # it is so for every file
    return S3SaverError(what, name=name)


def _from_sdk(error: BotoCoreError, place: str, name: str | None) -> S3SaverError:
    if isinstance(error, _NO_CREDENTIALS):
        return AccessDeniedError(
            f"no credentials for {place}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, use a "
            f"profile or a role, or, in code, pass access_key_id and access_key_secret ({error})",
            name=name,
        )
    if isinstance(error, INTERRUPTIONS):
        return StorageUnavailableError(
            f"no full answer about {place}: {error}; check endpoint_url and the "
            "network, and try again",
            name=name,
        )
    return S3SaverError(f"cannot ask for {place}: {error}", name=name)


def _place(bucket: str, key: str | None) -> str:
    return f"s3://{bucket}/{key}" if key else f"s3://{bucket}"
