"""HTTP headers as Flask-S3's settings name them, turned into parameters of S3's PutObject."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

# "PutObject" in the Amazon S3 API reference: its headers, and the SDK's names for them.
_PARAMETERS = {
    "cache-control": "CacheControl",
    "content-disposition": "ContentDisposition",
    "content-encoding": "ContentEncoding",
    "content-language": "ContentLanguage",
    "content-type": "ContentType",
    "expires": "Expires",
    "x-amz-acl": "ACL",
    "x-amz-server-side-encryption": "ServerSideEncryption",
    "x-amz-server-side-encryption-aws-kms-key-id": "SSEKMSKeyId",
    "x-amz-storage-class": "StorageClass",
    "x-amz-tagging": "Tagging",
    "x-amz-website-redirect-location": "WebsiteRedirectLocation",
}
_METADATA_PREFIX = "x-amz-meta-"
_OF_EACH_UPLOAD = ("content-length", "content-md5")


class HeaderError(ValueError):
    """S3 keeps no such header with an object."""


def put_parameters(headers: Mapping[object, object]) -> dict[str, Any]:
    """Return the parameters for headers; a header that S3 has no place for becomes metadata.

    A value may be an int, since an environment variable of digits arrives as one.

    :raises HeaderError: a name or value is no string, a date is none, or it is a header that cannot
        be set: one of CORS, which S3 takes from the bucket's configuration alone, or one that
        depends on each file's bytes.
    """
    parameters: dict[str, Any] = {}
    metadata: dict[str, str] = {}
    for name, value in headers.items():
        if type(value) is int:
            value = str(value)
        if not isinstance(name, str) or not isinstance(value, str):
            raise HeaderError(f"{name!r} has the value {value!r}: both must be strings")
        known = name.lower()
        if known.startswith("access-control-"):
            raise HeaderError(
                f"{name!r} cannot be set on an object, S3 answers it by the bucket's CORS "
                "configuration: `flask s3-static check` prints the one to apply"
            )
        if known in _OF_EACH_UPLOAD:
            raise HeaderError(
                f"{name!r} depends on the bytes of each file: remove it, an upload sets its own"
            )
        if known == "expires":
            parameters["Expires"] = _date(value)
        elif known in _PARAMETERS:
            parameters[_PARAMETERS[known]] = value
        else:
            metadata[known.removeprefix(_METADATA_PREFIX)] = _metadata_value(name, value)
    if metadata:
        parameters["Metadata"] = metadata
    return parameters


def merged(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Lay parameters over each other, the last on top; metadata by its own names."""
    result: dict[str, Any] = {}
    for layer in layers:
        metadata = {**result.get("Metadata", {}), **layer.get("Metadata", {})}
        result.update(layer)
        if metadata:
            result["Metadata"] = metadata
    return result


def _date(value: str) -> datetime:
    try:
        date = parsedate_to_datetime(value)
    except ValueError as error:
        raise HeaderError(
            f"'Expires' must be a date such as 'Thu, 15 Apr 2010 20:00:00 GMT', got {value!r}"
        ) from error
    return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)


def _metadata_value(name: str, value: str) -> str:
    if not (name + value).isascii():
        raise HeaderError(f"{name!r} has the value {value!r}: S3 keeps only ASCII in metadata")
    return value
