"""Translates the SDK's errors into the package's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

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

from ._sdk_codes import (
    ACCESS_FIXES,
    BAD_CREDENTIALS,
    FULL,
    OF_BUCKETS,
    OTHER_FIXES,
    OVERLOADED,
    PERMISSIONS,
    TAKEN_BUCKET,
)
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

_NO_CREDENTIALS = (
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
_REDIRECTS = (301, 302, 307, 308)
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
        code in BAD_CREDENTIALS
        or code in OVERLOADED
        or code in ACCESS_FIXES
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


@dataclass(frozen=True)
class _Answer:
    """An error that a store has answered.

    :param address: of the object or bucket, as ``s3://...``.
    :param text: code and message, or the status.
    :param name: of the file, as the caller knows it.
    """

    error: ClientError
    code: str
    status: int
    bucket_name: str
    address: str
    has_key: bool
    text: str
    name: str | None

    @property
    def what(self) -> str:
        return f"S3 refused {self.error.operation_name} of {self.address}: {self.text}"


def _from_answer(
    error: ClientError, bucket_name: str, key: str | None, name: str | None
) -> S3SaverError:
    code, status = error_code(error), error_status(error)
    message = error.response.get("Error", {}).get("Message") or ""
    answer = _Answer(
        error=error,
        code=code,
        status=status,
        bucket_name=bucket_name,
        address=_address(bucket_name, key),
        has_key=key is not None,
        text=f"{code} {message}".strip() or f"status {status}",
        name=name,
    )
    return _about_object(answer) or _about_access(answer) or _about_store(answer)


def _about_object(answer: _Answer) -> S3SaverError | None:
    """Return the error for an object or bucket that is missing, taken or replaced."""
    code, address, name = answer.code, answer.address, answer.name
    if code == "NoSuchBucket":
        return BucketNotFoundError(
            f"there is no bucket {answer.bucket_name!r}: create it, or correct the bucket name, "
            f"region or endpoint ({answer.text})",
            name=name,
            bucket_name=answer.bucket_name,
        )
    if code == "NoSuchUpload":
        return StorageUnavailableError(f"{answer.what}; save the file again", name=name)
    if answer.status == 404 and answer.error.operation_name in OF_BUCKETS and code != "NoSuchKey":
        return BucketNotFoundError(
            f"{answer.what}: there is no bucket, or no store; create the bucket, or correct its "
            "name or endpoint_url",
            name=name,
            bucket_name=answer.bucket_name,
        )
    if answer.status == 404 or code == "NoSuchKey":
        absent = f"there is no object {address} ({answer.text})"
        return NotFoundError(absent if answer.has_key else answer.what, name=name)
    if code != "PreconditionFailed":
        return None
    if answer.error.operation_name in ("GetObject", "UploadPartCopy"):
        return ReplacedError(
            f"{address} was replaced while it was being read: open it again", name=name
        )
    return AlreadyExistsError(
        f"{address} exists: choose another name or pass overwrite=True", name=name
    )


def _about_access(answer: _Answer) -> S3SaverError | None:
    """Return the error for a full store, wrong credentials or a missing permission."""
    code, what, name = answer.code, answer.what, answer.name
    is_refused = answer.status in (401, 403)
    if _is_full(code, answer.status, answer.text):
        return StorageUnavailableError(
            f"{what}; the store is full: free some space, or raise the quota", name=name
        )
    if is_refused and _is_skewed(answer.error):
        return AccessDeniedError(f"{what}; set this machine's clock", name=name)
    if code in BAD_CREDENTIALS:
        return AccessDeniedError(f"{what}; correct the access key, secret and token", name=name)
    if code in ACCESS_FIXES:
        return AccessDeniedError(f"{what}; {ACCESS_FIXES[code]}", name=name)
    if answer.status == 429 or code in OVERLOADED:
        return StorageUnavailableError(f"{what}; try again later", name=name)
    if not is_refused and code != "AccessDenied":
        return None
    operation = answer.error.operation_name
    permission = PERMISSIONS.get(operation, "")
    # Amazon refuses a public policy in the same words, whatever is allowed.
    blocked = ", turn off its Block Public Access" if permission == "s3:PutBucketPolicy" else ""
    return AccessDeniedError(
        f"{what}; allow {permission or operation} in the bucket's or the user's "
        f"policy{blocked}, or correct the credentials",
        name=name,
        permission=permission,
    )


def _about_store(answer: _Answer) -> S3SaverError:
    """Return the error for a call that the store does not support, or any other."""
    code, what, name = answer.code, answer.what, answer.name
    if code in TAKEN_BUCKET and answer.error.operation_name != "CreateBucket":
        return S3SaverError(
            f"{what}; this store does not have that call: it took it for the making of a bucket",
            name=name,
        )
    if code in OTHER_FIXES:
        return S3SaverError(f"{what}; {OTHER_FIXES[code]}", name=name)
    if answer.status >= 500 and answer.status != 501:
        return StorageUnavailableError(f"{what}; try again later", name=name)
    if answer.status in _REDIRECTS or code == "AuthorizationHeaderMalformed":
        return _redirected(answer)
    return S3SaverError(what, name=name)


def _redirected(answer: _Answer) -> S3SaverError:
    """Return the error for a bucket that is elsewhere; it concerns every file."""
    details: Any = answer.error.response.get("Error", {})
    headers = answer.error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    region = details.get("Region") or headers.get("x-amz-bucket-region")
    to = urlsplit(headers.get("location") or "")
    if not region and to.hostname and to.scheme in ("http", "https"):
        problem = f"{answer.what}: the server redirects to {to.scheme}://{to.hostname}"
        ours = S3SaverError(f"{problem}; correct endpoint_url")
        ours.argument, ours.problem = "endpoint_url", problem
        return ours
    region = region or "the bucket's own region"
    ours = S3SaverError(f"{answer.what}; pass region={region!r}")
    ours.argument, ours.problem = "region", f"{answer.what} (it is {region!r})"
    return ours


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
    return status == 507 or "Quota" in code or code in FULL or "cap exceeded" in answer


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
