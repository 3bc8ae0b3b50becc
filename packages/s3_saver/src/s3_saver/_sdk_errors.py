"""Translates the SDK's errors into the package's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

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
from botocore.parsers import ResponseParserError

from .exceptions import (
    AccessDeniedError,
    AlreadyExistsError,
    BucketNotFoundError,
    NotFoundError,
    ReplacedError,
    S3SaverError,
    StorageUnavailableError,
)

#: A connection that breaks or goes silent. Reading an object can continue after each of them.
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
    "ListObjects": "s3:ListBucket",
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
    "InvalidClientTokenId",
    "InvalidToken",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
    "UnrecognizedClientException",
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
    "BandwidthLimitExceeded",
    "ConditionalRequestConflict",
    "InternalError",
    "OperationAborted",
    "PriorRequestNotComplete",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "SlowDown",
    "SlowDownRead",
    "SlowDownWrite",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequests",
    "TooManyRequestsException",
}
# Codes of full stores, besides those that contain "Quota".
_FULL = {"EntityTooLargeForBucket", "StorageCapExceeded", "StorageFull", "XMinioStorageFull"}
# Also answered by 403, but no policy can fix them.
_HINTS = {
    "AccountProblem": "the account has a problem: ask the provider",
    "AllAccessDisabled": "the provider has disabled the bucket or the account: ask there",
    "InvalidObjectState": "the object is archived: restore it first",
    "RequestExpired": "set this machine's clock",
    "RequestTimeTooSkewed": "set this machine's clock",
}
_FIXES = {
    "AccessControlListNotSupported": "the bucket has ACLs disabled: leave out acl and allow reading"
    " by a bucket policy",
    "BucketAlreadyExists": "choose another name: all accounts share them",
    "IllegalLocationConstraintException": "make it in the client's own region, or correct"
    " the region",
    "NotImplemented": "this store does not have that call, or a header of it",
}
_TAKEN_BUCKET = {"BucketAlreadyExists", "BucketAlreadyOwnedByYou"}
_MOST_SKEW = timedelta(minutes=15)  # "RequestTimeTooSkewed" in S3's list of error responses


def error_code(error: ClientError) -> str:
    """Return S3's code for an error, such as ``'NoSuchKey'``; a HEAD has only the status."""
    return str(error.response.get("Error", {}).get("Code") or "")


def error_status(error: ClientError) -> int:
    """Return the HTTP status of the answer, or 0 if the error was reported in a body."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def is_unsupported(error: ClientError) -> bool:
    """Report whether a store may have refused a call because it lacks it, or a header of it.

    Stores answer this in many ways: 501 NotImplemented, 405 MethodNotAllowed, 400 InvalidArgument,
    MissingContentMD5 and others. Refused credentials and temporary failures do not count.
    """
    code = error_code(error)
    return error_status(error) in (400, 405, 411, 415, 501) and not (
        code in _BAD_CREDENTIALS
        or code in _OVERLOADED
        or code in _HINTS
        or code == "AuthorizationHeaderMalformed"
        or _is_full(code, error_status(error), "")
    )


@contextmanager
def translated(bucket_name: str, key: str | None = None, name: str | None = None) -> Iterator[None]:
    """Turn the SDK's errors into the package's own, which name the bucket, the key and the fix.

    :param name: the file's name as the caller knows it: the key without the prefix.
    """
    try:
        yield
    except ClientError as error:
        ours = _from_answer(error, bucket_name, key, name)
        ours.code = error_code(error)
        raise ours from error
    except BotoCoreError as error:
        if isinstance(error.kwargs.get("error"), ValueError):
            # Python refuses a header with a newline, and shows it: the key's id and the signature.
            raise _unsendable(_address(bucket_name, key), name) from None
        raise _from_sdk(error, _address(bucket_name, key), name) from error
    except ResponseParserError as error:
        raise StorageUnavailableError(
            f"the answer about {_address(bucket_name, key)} is not S3's: {error}; check "
            "endpoint_url",
            name=name,
        ) from error


def _from_answer(
    error: ClientError, bucket_name: str, key: str | None, name: str | None
) -> S3SaverError:
    code, status = error_code(error), error_status(error)
    address = _address(bucket_name, key)
    details = error.response.get("Error", {})
    answer = f"{code} {details.get('Message') or ''}".strip() or f"status {status}"
    what = f"S3 refused {error.operation_name} of {address}: {answer}"
    if code == "NoSuchBucket":
        return BucketNotFoundError(
            f"there is no bucket {bucket_name!r}: create it, or correct the bucket name, region or "
            f"endpoint ({answer})",
            name=name,
            bucket_name=bucket_name,
        )
    if code == "NoSuchUpload":
        return StorageUnavailableError(f"{what}; save the file again", name=name)
    if status == 404 or code == "NoSuchKey":
        return NotFoundError(
            what if key is None else f"there is no object {address} ({answer})", name=name
        )
    if code == "PreconditionFailed" and error.operation_name in ("GetObject", "UploadPartCopy"):
        return ReplacedError(
            f"{address} was replaced while it was being read: open it again", name=name
        )
    if code == "PreconditionFailed":
        return AlreadyExistsError(
            f"{address} exists: choose another name or pass overwrite=True", name=name
        )
    if _is_full(code, status, answer):
        return StorageUnavailableError(
            f"{what}; the store is full: free some space, or raise the quota", name=name
        )
    if status in (401, 403) and _is_skewed(error):
        return AccessDeniedError(f"{what}; set this machine's clock", name=name)
    if code in _BAD_CREDENTIALS:
        return AccessDeniedError(f"{what}; correct the access key, secret and token", name=name)
    if code in _HINTS:
        return AccessDeniedError(f"{what}; {_HINTS[code]}", name=name)
    if status == 429 or code in _OVERLOADED:
        return StorageUnavailableError(f"{what}; try again later", name=name)
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
    if code in _TAKEN_BUCKET and error.operation_name != "CreateBucket":
        return S3SaverError(
            f"{what}; this store does not have that call: it took it for the making of a bucket",
            name=name,
        )
    if code in _FIXES:
        return S3SaverError(f"{what}; {_FIXES[code]}", name=name)
    if status >= 500 and status != 501:
        return StorageUnavailableError(f"{what}; try again later", name=name)
    if status in (301, 307) or code == "AuthorizationHeaderMalformed":
        region = details.get("Region") or "the bucket's own region"
        ours = S3SaverError(f"{what}; pass region={region!r}")  # it is so for every file
        ours.argument, ours.problem = "region", f"{what} (it is {region!r})"
        return ours
    return S3SaverError(what, name=name)


def _from_sdk(error: BotoCoreError, address: str, name: str | None) -> S3SaverError:
    if isinstance(error, _NO_CREDENTIALS):
        return AccessDeniedError(
            f"no credentials for {address}: {error}; set AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, use a profile or a role, or pass an access key in code",
            name=name,
        )
    if isinstance(error, INTERRUPTIONS):
        what = f"no full answer about {address}: {error}"
        ours = StorageUnavailableError(
            f"{what}; check endpoint_url and the network, and try again", name=name
        )
        ours.argument, ours.problem = "endpoint_url", what
        return ours
    return S3SaverError(f"cannot ask for {address}: {error}", name=name)


def _unsendable(address: str, name: str | None) -> S3SaverError:
    return AccessDeniedError(
        f"cannot ask for {address}: the access key, the token or the region has a character that "
        "no header can carry: remove the newline at its end",
        name=name,
    )


def _is_full(code: str, status: int, answer: str) -> bool:
    # Backblaze's B2 answers AccessDenied, and only its message says that a cap is reached.
    return status == 507 or "Quota" in code or code in _FULL or "cap exceeded" in answer


def _is_skewed(error: ClientError) -> bool:
    """Report whether our clock and the server's differ by more than S3 allows.

    The answer to a HEAD has no error code, only the server's time.
    """
    date = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    try:
        theirs = parsedate_to_datetime(date or "")
    except ValueError:
        return False
    return bool(theirs.tzinfo) and abs(datetime.now(UTC) - theirs) > _MOST_SKEW


def _address(bucket_name: str, key: str | None) -> str:
    return f"s3://{bucket_name}/{key}" if key else f"s3://{bucket_name}"
