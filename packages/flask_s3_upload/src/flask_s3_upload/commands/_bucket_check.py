"""What a bucket, or a folder, needs for uploads, and whether it has it."""

import io
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from s3_saver import S3SaverError, S3Storage, Storage, Storages
from url_for_s3 import S3Bucket

from .._names import PENDING
from .._settings import Settings
from ..direct._http import send
from ..direct._object_headers import arguments_of, headers_of
from ..direct._put_headers import headers_to_forbid

_DAY = 24 * 3600  # seconds
_CONTENT = b"check"


@dataclass(frozen=True)
class Finding:
    """One thing that was tried.

    :param what: a permission's name, or what else was looked at.
    :param problem: empty if all is well.
    """

    what: str
    problem: str = ""


def cors(origins: list[str], method: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """Return the CORS configuration by which browsers may upload from these origins.

    :param method: of uploads in one request; parts are always PUT.
    :param headers: that a PUT must send besides its Content-Type.
    """
    asked = sorted(headers or {}) if method == "PUT" else []
    return {
        "CORSRules": [
            {
                "AllowedOrigins": origins,
                "AllowedMethods": sorted({method, "PUT"}),
                "AllowedHeaders": ["Content-Type", *asked],
                "ExposeHeaders": ["ETag"],
                "MaxAgeSeconds": 3600,
            }
        ]
    }


def lifecycle(prefix: str, token_max_age: int, *, with_parts: bool = True) -> dict[str, Any]:
    """Return the lifecycle rules that remove uploads which nobody has claimed or completed.

    :param prefix: ``UPLOADS_S3_PREFIX``, empty or ending in a slash.
    :param token_max_age: seconds; what a token can still claim, or has claimed, stays as long.
    :param with_parts: whether the store has a rule for unfinished uploads. MinIO has none.
    """
    days = -(-token_max_age // _DAY) + 1  # S3 rounds to a midnight
    rule: dict[str, Any] = {
        "ID": "unclaimed-uploads",
        "Status": "Enabled",
        "Filter": {"Prefix": prefix + PENDING},
        "Expiration": {"Days": days},
    }
    if with_parts:
        rule["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": days}
    return {"Rules": [rule]}


def is_minio(storage: S3Storage) -> bool:
    """Report whether the store says that it is MinIO."""
    with storage.translate_errors():
        answer = storage.client.head_bucket(Bucket=storage.bucket_name)
    server = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("server", "")
    return server.lower().startswith("minio")


def check_folder(storage: Storage) -> Iterator[Finding]:
    """Try what the package does on a disk."""
    name = f"{PENDING}check-{secrets.token_hex(8)}"
    yield _tried(f"write to {storage!r}", lambda: storage.save(name, io.BytesIO(_CONTENT)))
    yield _tried("delete there", lambda: storage.delete(name))


def check_bucket(storage: S3Storage, settings: Settings) -> Iterator[Finding]:
    """Try what the package does in a bucket, permission by permission, on an object of its own."""
    # By a listing: the answer to a HEAD has no body to say what is wrong.
    exists = _tried(f"bucket {storage.bucket_name}", lambda: next(storage.find(PENDING), None))
    yield exists
    if exists.problem:
        return
    name = f"{PENDING}check-{secrets.token_hex(8)}"
    yield _tried("s3:PutObject", lambda: storage.save(name, io.BytesIO(_CONTENT)))
    yield _tried("s3:GetObject", lambda: storage.open(name).close())
    yield _tried("s3:ListBucket", lambda: next(storage.find(name)))
    yield _tried("copying", lambda: storage.copy(name, f"{name}.copy"))
    yield _tried("s3:DeleteObject", lambda: storage.delete(name, f"{name}.copy"))
    yield from _check_parts(storage, name, arguments_of(headers_of(settings.s3)))
    yield _tried("conditional writes", lambda: _check_conditions(storage, settings))


def check_browsers(
    storage: S3Storage, settings: Settings, address: S3Bucket, origins: list[str]
) -> Iterator[Finding]:
    """Try what browsers do: presigned PUTs, and a preflight request for each kind of request."""
    headers = headers_of(settings.s3)
    yield _tried(
        "headers that nobody signed have no effect",
        lambda: headers_to_forbid(
            storage, address, headers, allow_unsigned=settings.s3_allow_unsigned_headers
        ),
    )
    url = replace(address, cdn_domain=None).url(storage.key(f"{PENDING}check"))
    method = settings.s3_direct_method
    # A form's type is none that browsers ask for, and a part has no type.
    asked = ["content-type", *map(str.lower, headers)] if method == "PUT" else []
    for origin in origins:
        yield _tried(f"CORS for {origin}", partial(_check_cors, url, origin, method, asked))


def check_strangers(storages: Storages, address: S3Bucket, *, private: bool) -> Iterator[Finding]:
    """Fetch a URL of each kind without credentials: what is public must answer, and what is private
    or pending must not.
    """
    storage = storages.current
    assert isinstance(storage, S3Storage)  # noqa: S101
    name = f"check-{secrets.token_hex(8)}.txt"
    pending = PENDING + name
    plain = replace(address, cdn_domain=None)
    try:
        file = storages.save(name, io.BytesIO(_CONTENT))
        storage.save(pending, io.BytesIO(_CONTENT))
        kind = "private" if private else "public"
        yield _tried(f"{kind} files answer at their URLs", lambda: _require_open(file.url))
        closed = {"private": name, "pending": pending} if private else {"pending": pending}
        for what, one in closed.items():
            key = storage.key(one)
            urls = dict.fromkeys([plain.url(key), address.url(key)])  # a CDN may read the bucket
            yield _tried(
                f"{what} {'files' if one == name else 'uploads'} are closed to strangers",
                partial(_require_closed, urls),
            )
    except S3SaverError as error:
        yield Finding("URLs, fetched as a stranger", str(error))
    finally:
        with suppress(S3SaverError):  # which s3:DeleteObject has reported before
            storage.delete(name, pending)


def _require_open(url: str) -> None:
    answer = send(url)
    if not answer.is_good or answer.body != _CONTENT:
        where = url.partition("?")[0]
        raise LookupError(
            f"{where} answered {answer.status}: if files shall be public, a CDN or a bucket policy"
            " must let everybody read them, which `flask uploads setup` writes; else set"
            " UPLOADS_PRIVATE = True"
        )


def _require_closed(urls: Iterable[str]) -> None:
    for url in urls:
        if send(url).is_good:
            raise LookupError(
                f"{url} answered everybody: leave it out of what the bucket's policy and the CDN"
                " open, as `flask uploads setup` does, and set no ACL"
            )


def _check_conditions(storage: S3Storage, settings: Settings) -> None:
    if not storage.conditional_writes and settings.s3.races != "allow":
        raise LookupError(
            "the store does not obey If-None-Match: direct uploads cannot be claimed, and of two"
            " files that are saved under one name at the same moment one can be lost; set"
            f" {settings.key_of('races')} = 'allow' to accept that"
        )


def _check_parts(storage: S3Storage, name: str, arguments: dict[str, Any]) -> Iterator[Finding]:
    client = storage.client
    key: dict[str, Any] = {"Bucket": storage.bucket_name, "Key": storage.key(name)}

    try:
        with storage.translate_errors(name):
            upload_id = client.create_multipart_upload(**key, **arguments)["UploadId"]
    except S3SaverError as error:
        yield Finding("s3:PutObject in parts", str(error))
        return
    yield _tried(
        "s3:ListMultipartUploadParts",
        lambda: client.list_parts(**key, UploadId=upload_id),
        storage.translate_errors(name),
    )
    yield _tried(
        "s3:AbortMultipartUpload",
        lambda: client.abort_multipart_upload(**key, UploadId=upload_id),
        storage.translate_errors(name),
    )
    yield _tried(
        "s3:ListBucketMultipartUploads",
        lambda: client.list_multipart_uploads(Bucket=storage.bucket_name, MaxUploads=1),
        storage.translate_errors(),
    )


def _check_cors(url: str, origin: str, method: str, headers: list[str]) -> None:
    for one, wanted in {"PUT": [], method: headers}.items():
        _check_preflight(url, origin, one, wanted)


def _check_preflight(url: str, origin: str, method: str, headers: list[str]) -> None:
    """Ask as a browser does (Fetch, section 4.8)."""
    question = {"Origin": origin, "Access-Control-Request-Method": method}
    if headers:
        question["Access-Control-Request-Headers"] = ",".join(sorted(headers))
    answer = send(url, "OPTIONS", question)
    allowed = {
        name: {one.strip().lower() for one in answer.headers.get(header, "").split(",")}
        for name, header in (
            ("origin", "Access-Control-Allow-Origin"),
            ("method", "Access-Control-Allow-Methods"),
            ("headers", "Access-Control-Allow-Headers"),
        )
    }
    is_allowed = (
        answer.is_good
        and bool(allowed["origin"] & {origin.lower(), "*"})
        # POST is safe-listed: it need not be named.
        and (method == "POST" or bool(allowed["method"] & {method.lower(), "*"}))
        and ("*" in allowed["headers"] or set(headers) <= allowed["headers"])
    )
    if not is_allowed:
        what = f" with {', '.join(headers)}" if headers else ""
        raise LookupError(
            f"the store does not let pages of {origin} send a {method}{what}: browsers will refuse"
            " to upload; set the CORS configuration below"
        )


def _tried(
    what: str,
    attempt: Callable[[], object],
    translated: AbstractContextManager[None] = nullcontext(),  # noqa: B008 - it has no state
) -> Finding:
    try:
        with translated:
            attempt()
    except (S3SaverError, LookupError, StopIteration, ValueError) as error:
        return Finding(what, str(error) or type(error).__name__)
    return Finding(what)
