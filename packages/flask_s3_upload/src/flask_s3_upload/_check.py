"""What a bucket needs for direct uploads, and whether it has it."""

import io
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from s3_saver import LocalStorage, S3SaverError, S3Storage

from ._names import PENDING
from ._settings import Settings

_DAY = 24 * 3600  # seconds


@dataclass(frozen=True)
class Finding:
    """One thing that was tried.

    :param what: a permission's name, or what else was looked at.
    :param problem: empty if all is well.
    """

    what: str
    problem: str = ""


def cors(origins: list[str], method: str) -> dict[str, Any]:
    """Give the CORS configuration by which browsers may upload from these origins.

    :param method: of uploads in one request; parts are always PUT.
    """
    return {
        "CORSRules": [
            {
                "AllowedOrigins": origins,
                "AllowedMethods": sorted({method, "PUT"}),
                "AllowedHeaders": ["Content-Type"],
                "ExposeHeaders": ["ETag"],
                "MaxAgeSeconds": 3600,
            }
        ]
    }


def lifecycle(prefix: str, token_max_age: int) -> dict[str, Any]:
    """Give the lifecycle rules that remove uploads which nobody has claimed or completed.

    :param prefix: ``UPLOADS_S3_PREFIX``, empty or ending in a slash.
    :param token_max_age: seconds; what a token can still claim, or has claimed, stays as long.
    """
    days = -(-token_max_age // _DAY) + 1  # S3 rounds to a midnight
    return {
        "Rules": [
            {
                "ID": "unclaimed-uploads",
                "Status": "Enabled",
                "Filter": {"Prefix": prefix + PENDING},
                "Expiration": {"Days": days},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": days},
            }
        ]
    }


def check_folder(storage: LocalStorage) -> Iterator[Finding]:
    """Try what the package does on a disk."""
    name = f"{PENDING}check-{secrets.token_hex(8)}"
    yield _tried(f"write to {storage.root}", lambda: storage.save(name, io.BytesIO(b"check")))
    yield _tried("delete there", lambda: storage.delete(name))


def check_bucket(storage: S3Storage, settings: Settings, origins: list[str]) -> Iterator[Finding]:
    """Try what the package does in a bucket, permission by permission, on an object of its own."""
    # By a listing: the answer to a HEAD has no body that would tell what is wrong.
    exists = _tried(f"bucket {storage.bucket_name}", lambda: next(storage.find(PENDING), None))
    yield exists
    if exists.problem:
        return
    name = f"{PENDING}check-{secrets.token_hex(8)}"
    yield _tried("s3:PutObject", lambda: storage.save(name, io.BytesIO(b"check")))
    yield _tried("s3:GetObject", lambda: storage.open(name).close())
    yield _tried("s3:ListBucket", lambda: next(storage.find(name)))
    yield _tried("copying", lambda: storage.copy(name, f"{name}.copy"))
    yield _tried("s3:DeleteObject", lambda: storage.delete(name, f"{name}.copy"))
    yield from _check_parts(storage, name)
    try:
        rules = _cors_of(storage)
    except S3SaverError as error:
        yield Finding("s3:GetBucketCORS", str(error))
    else:
        method = settings.s3_direct_method
        yield _tried("CORS", lambda: _check_cors(rules, origins, method))


def _check_parts(storage: S3Storage, name: str) -> Iterator[Finding]:
    client = storage.client
    place: dict[str, Any] = {"Bucket": storage.bucket_name, "Key": storage.key(name)}

    try:
        with storage.translate_errors(name):
            upload_id = client.create_multipart_upload(**place)["UploadId"]
    except S3SaverError as error:
        yield Finding("s3:PutObject in parts", str(error))
        return
    yield _tried(
        "s3:ListMultipartUploadParts",
        lambda: client.list_parts(**place, UploadId=upload_id),
        storage.translate_errors(name),
    )
    yield _tried(
        "s3:AbortMultipartUpload",
        lambda: client.abort_multipart_upload(**place, UploadId=upload_id),
        storage.translate_errors(name),
    )
    yield _tried(
        "s3:ListBucketMultipartUploads",
        lambda: client.list_multipart_uploads(Bucket=storage.bucket_name, MaxUploads=1),
        storage.translate_errors(),
    )


def _cors_of(storage: S3Storage) -> list[Any]:
    try:
        with storage.translate_errors():
            return list(storage.client.get_bucket_cors(Bucket=storage.bucket_name)["CORSRules"])
    except S3SaverError as error:
        if not error.code.startswith("NoSuchCORS"):
            raise
        return []


def _check_cors(rules: list[Any], origins: list[str], method: str) -> None:
    # What browsers will ask for: the type of a form is none that they ask for, a part has no type.
    questions = {"PUT": [], method: ["content-type"] if method == "PUT" else []}
    for origin in origins:
        for wanted, headers in questions.items():
            if not any(_allows(rule, origin, wanted, headers) for rule in rules):
                what = " with a Content-Type" if headers else ""
                raise LookupError(
                    f"no rule lets pages of {origin} send a {wanted}{what}: browsers will refuse to"
                    " upload; set the CORS configuration below"
                )


def _allows(rule: Any, origin: str, method: str, headers: list[str]) -> bool:
    """Judge as S3 does: one rule must allow origin, method and all headers.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html
    """
    allowed_headers = [allowed.lower() for allowed in rule.get("AllowedHeaders", ())]
    return (
        method in rule["AllowedMethods"]
        and any(_fits(origin, allowed) for allowed in rule["AllowedOrigins"])
        and all(any(_fits(header, allowed) for allowed in allowed_headers) for header in headers)
    )


def _fits(value: str, pattern: str) -> bool:
    """Tell whether a value fits a pattern, in which one ``*`` may stand for any characters."""
    start, star, end = pattern.partition("*")
    if not star:
        return value == pattern
    return len(value) >= len(start + end) and value.startswith(start) and value.endswith(end)


def _tried(
    what: str,
    attempt: Callable[[], object],
    translated: AbstractContextManager[None] = nullcontext(),  # noqa: B008 - it has no state
) -> Finding:
    try:
        with translated:
            attempt()
    except (S3SaverError, LookupError, StopIteration) as error:
        return Finding(what, str(error) or type(error).__name__)
    return Finding(what)
