"""Presigned URLs: the edge that reads the clock."""

from collections.abc import Mapping
from time import time

from ._address import Address
from ._credentials import S3Credentials
from ._download import write_attachment
from ._encode import encode_key
from ._headers import check_content_type, check_forbidden, check_header, check_headers
from ._lifetime import find_lifetime
from .exceptions import ArgumentError, ArgumentTypeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeGuard

# _sigv4 is imported by the first signature: it loads OpenSSL, which takes longer than all the rest
# and which public URLs do without.

LARGEST_UPLOAD = 5 * 1024**3
LONGEST_EXPIRES = 604_800  # seven days, in seconds: what a signing key lives for
_DISPOSITION = "response-content-disposition"


def presign_url(
    address: Address,
    key: str,
    *,
    credentials: S3Credentials,
    region: str,
    method: object,
    expires: object,
    stable: object,
    download_as: object,
    content_type: object,
    content_length: object,
    response_content_type: object,
    response_content_disposition: object,
    headers: object,
    forbid: object,
    query: Mapping[str, object],
) -> str:
    """The URL of :meth:`S3Bucket.presign`."""
    from ._sigv4 import sign_query

    if method not in ("GET", "PUT"):
        raise ArgumentError("method", method, "'GET' or 'PUT'")
    values = _answer(method, download_as, response_content_type, response_content_disposition)
    for name in query:
        if name.lower() in values:
            raise ArgumentError("query", name, "without what another argument says already")
        if name.lower().startswith("response-") and query[name] is not None:
            check_header(f"query[{name!r}]", query[name], "no-cache")
    sent = _sent(method, content_type, content_length, headers)
    names = check_forbidden(forbid) if forbid else ()
    if names and method != "PUT":
        raise ArgumentError("forbid", forbid, "left out unless method is 'PUT'")
    signed_at, lifetime = find_lifetime(time(), expires, stable, longest=LONGEST_EXPIRES)
    encoded = encode_key(key)
    signed = sign_query(
        str(method),
        address.host,
        address.path + encoded,
        {**values, **query},
        headers=sent,
        forbidden=names,
        credentials=credentials,
        region=region,
        signed_at=signed_at,
        expires=lifetime,
    )
    return f"{address.base}{encoded}?{signed}"


def _answer(
    method: object, download_as: object, content_type: object, disposition: object
) -> dict[str, object]:
    """Return the query that sets headers of the answer to a GET."""
    given = {
        "download_as": download_as,
        "response_content_type": content_type,
        "response_content_disposition": disposition,
    }
    for argument, value in given.items():
        if value is not None and method != "GET":
            raise ArgumentError(argument, value, "left out unless method is 'GET'")
    values: dict[str, object] = {}
    # The order is botocore's, so that both give the same URL.
    if content_type is not None:
        values["response-content-type"] = check_content_type("response_content_type", content_type)
    if disposition is not None:
        values[_DISPOSITION] = check_header(
            "response_content_disposition",
            disposition,
            "attachment",
            ": download_as takes names of any script",
        )
    if download_as is not None:
        if disposition is not None:
            raise ArgumentError(
                "download_as", download_as, "left out where response_content_disposition is set"
            )
        values[_DISPOSITION] = write_attachment(download_as)
    return values


def _sent(
    method: object, content_type: object, content_length: object, headers: object
) -> dict[str, str]:
    """Return the headers that the request must send, by their names in lower case."""
    sent: dict[str, str] = {}
    if headers is not None:
        sent = {name.lower(): value for name, value in check_headers(headers).items()}
    if content_type is not None:
        if method != "PUT":
            raise ArgumentError(
                "content_type",
                content_type,
                "left out unless method is 'PUT'",
                ": for the answer to a GET there is response_content_type",
            )
        sent["content-type"] = check_content_type("content_type", content_type)
    if content_length is not None:
        if method != "PUT":
            raise ArgumentError("content_length", content_length, "left out unless method is 'PUT'")
        if not is_size(content_length):
            raise ArgumentTypeError("content_length", content_length, "a whole number of bytes")
        if not 0 <= content_length <= LARGEST_UPLOAD:
            raise ArgumentError("content_length", content_length, f"0 to {LARGEST_UPLOAD:,} bytes")
        sent["content-length"] = str(content_length)
    return sent


def is_size(value: object) -> "TypeGuard[int]":
    return isinstance(value, int) and not isinstance(value, bool)
