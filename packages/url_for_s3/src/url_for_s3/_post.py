"""Presigned forms: the edge that reads the clock."""

from dataclasses import dataclass, field
from time import time

from ._address import Address
from ._credentials import S3Credentials
from ._headers import check_content_type, check_headers, check_metadata
from ._lifetime import find_lifetime
from ._object_headers import to_form_fields
from ._presign import LARGEST_UPLOAD, LONGEST_EXPIRES, is_size
from .exceptions import ArgumentError, ArgumentTypeError

_STATUSES = (200, 201, 204)
# https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
_OWN_FIELDS = frozenset({"bucket", "file", "key", "policy", "success_action_status"})


@dataclass(frozen=True)
class PresignedPost:
    """A form that uploads one file. ``vars(post)`` is a dict of both attributes, ready for JSON.

    :param url: where to post the form, as multipart/form-data.
    :param fields: names and values of its hidden inputs; the input ``file`` comes after them.
    """

    url: str
    fields: dict[str, str] = field(repr=False)


def presign_form(
    address: Address,
    bucket_name: str,
    key: str,
    *,
    credentials: S3Credentials,
    region: str,
    expires: object,
    content_length_range: object,
    content_type: object,
    metadata: object,
    success_action_status: object,
    headers: object,
) -> PresignedPost:
    """The form of :meth:`S3Bucket.presign_post`."""
    from ._sigv4 import sign_post

    conditions: list[object] = []
    if content_length_range is not None:
        conditions.append(["content-length-range", *_check_sizes(content_length_range)])
    fields: dict[str, str] = {}
    if content_type is not None:
        fields["Content-Type"] = check_content_type("content_type", content_type)
    if metadata is not None:
        fields |= check_metadata(metadata, ascii_only=False)
    if headers is not None:
        for name, value in to_form_fields(check_headers(headers)).items():
            # Field names have no case, and S3 would hold the form to both values.
            if name.lower() in _OWN_FIELDS or name.lower() in map(str.lower, fields):
                raise ArgumentError(
                    "headers", name, "without what the form or another argument says already"
                )
            fields[name] = value
    if success_action_status is not None:
        if success_action_status not in _STATUSES:
            raise ArgumentError("success_action_status", success_action_status, "200, 201 or 204")
        fields["success_action_status"] = str(success_action_status)
    conditions += [{name: value} for name, value in fields.items()]
    conditions += [{"bucket": bucket_name}, {"key": key}]
    signed_at, lifetime = find_lifetime(time(), expires, longest=LONGEST_EXPIRES)
    return PresignedPost(
        address.base if address.path == "/" else address.base.removesuffix("/"),
        sign_post(
            {**fields, "key": key},
            conditions,
            credentials=credentials,
            region=region,
            signed_at=signed_at,
            expires=lifetime,
        ),
    )


def check_form_key(argument: str, key: str) -> str:
    if "${filename}" in key:
        raise ArgumentError(
            argument,
            key,
            "without '${filename}'",
            ": S3 puts the client's own file name in its place",
        )
    return key


def _check_sizes(value: object) -> tuple[int, int]:
    if not isinstance(value, tuple | list) or len(value) != 2 or not all(map(is_size, value)):
        raise ArgumentTypeError(
            "content_length_range",
            value,
            "the smallest and the largest size in bytes, such as (1, 10_000_000)",
        )
    smallest, largest = value
    if not 0 <= smallest <= largest <= LARGEST_UPLOAD:
        raise ArgumentError(
            "content_length_range",
            value,
            f"the smallest and the largest size, from 0 to {LARGEST_UPLOAD:,} bytes",
        )
    return smallest, largest
