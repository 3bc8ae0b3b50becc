"""Headers of requests and answers that a signature covers: names and values, checked."""

from collections.abc import Iterable, Mapping

from ._checks import check_encodable, check_text, has_controls
from .exceptions import ArgumentError, ArgumentTypeError

# RFC 9110, section 5.6.2.
_TOKEN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~")
# What the signature and the HTTP client set, or what has an argument of its own.
_RESERVED = {
    "authorization": "",
    "connection": "",
    "content-length": ": pass content_length",
    "content-type": ": pass content_type",
    "host": "",
    "transfer-encoding": "",
    "x-amz-algorithm": "",
    "x-amz-content-sha256": "",
    "x-amz-credential": "",
    "x-amz-date": "",
    "x-amz-expires": "",
    "x-amz-security-token": "",
    "x-amz-signature": "",
    "x-amz-signedheaders": "",
}
_MAX_METADATA_BYTES = 2048

#: Headers that change what a PUT does, of an object or of a part: that copy another object,
#: open the object to others, or decide how it is kept and shown. For ``forbid``; headers that only
#: check the request (checksums, the bucket's owner) and metadata are not among them.
#: Of S3's PutObject, CopyObject and UploadPartCopy
#: (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html); the last one has MinIO
#: unpack an archive into further objects.
PUT_CHANGING_HEADERS: tuple[str, ...] = (
    "x-amz-acl",
    "x-amz-copy-source",
    "x-amz-copy-source-if-match",
    "x-amz-copy-source-if-modified-since",
    "x-amz-copy-source-if-none-match",
    "x-amz-copy-source-if-unmodified-since",
    "x-amz-copy-source-range",
    "x-amz-copy-source-server-side-encryption-customer-algorithm",
    "x-amz-copy-source-server-side-encryption-customer-key",
    "x-amz-copy-source-server-side-encryption-customer-key-md5",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
    "x-amz-metadata-directive",
    "x-amz-object-annotation-directive",
    "x-amz-object-lock-event-hold",
    "x-amz-object-lock-event-hold-duration-days",
    "x-amz-object-lock-event-hold-duration-years",
    "x-amz-object-lock-legal-hold",
    "x-amz-object-lock-mode",
    "x-amz-object-lock-retain-until-date",
    "x-amz-rename-source",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-bucket-key-enabled",
    "x-amz-server-side-encryption-context",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-server-side-encryption-customer-key",
    "x-amz-server-side-encryption-customer-key-md5",
    "x-amz-storage-class",
    "x-amz-tagging",
    "x-amz-tagging-directive",
    "x-amz-website-redirect-location",
    "x-amz-write-offset-bytes",
    "x-amz-meta-snowball-auto-extract",
)


def check_header(argument: str, value: object, example: str, hint: str = "") -> str:
    """Check the value of a header: what S3 and HTTP clients take is ASCII on one line (RFC 9110,
    section 5.5).
    """
    check_text(argument, value, example)
    text = str(value)
    if has_controls(text):
        raise ArgumentError(argument, text, "without line breaks and other control characters")
    if not text.isascii():
        raise ArgumentError(argument, text, "in ASCII, as S3 takes no other header", hint)
    if not text.strip():
        raise ArgumentError(argument, text, f"a value such as {example!r}")
    return text


def check_content_type(argument: str, value: object) -> str:
    """Check a media type with its parameters (RFC 9110, section 8.3.1)."""
    text = check_header(argument, value, "image/png")
    kind, slash, subtype = text.partition(";")[0].strip().partition("/")
    if not (slash and kind and subtype and frozenset(kind + subtype) <= _TOKEN):
        raise ArgumentError(argument, text, "a media type such as 'image/png'")
    return text


def check_headers(headers: object) -> dict[str, str]:
    """Check headers to sign, and return them."""
    if not isinstance(headers, Mapping):
        raise ArgumentTypeError(
            "headers", type(headers), "a dict of names and values such as {'Cache-Control': '...'}"
        )
    lower = [check_header_name("headers", name) for name in headers]
    if len({*lower}) < len(lower):
        raise ArgumentError("headers", list(headers), "of different names")
    return {
        name: check_header(f"headers[{name!r}]", value, "private")
        for name, value in headers.items()
    }


def check_forbidden(forbid: object) -> frozenset[str]:
    """Check the names of headers to forbid, and return them in lower case."""
    if isinstance(forbid, str) or not isinstance(forbid, Iterable):
        raise ArgumentTypeError("forbid", forbid, "names of headers such as PUT_CHANGING_HEADERS")
    return frozenset([check_header_name("forbid", name) for name in forbid])


def check_header_name(argument: str, name: object) -> str:
    if not isinstance(name, str):
        raise ArgumentTypeError(argument, name, "of names such as 'Cache-Control'")
    lower = name.lower()
    if not name or not frozenset(name) <= _TOKEN:
        raise ArgumentError(argument, name, "of names such as 'Cache-Control'")
    if lower in _RESERVED:
        raise ArgumentError(argument, name, "without what is signed anyway", _RESERVED[lower])
    return lower


def check_metadata(metadata: object, *, ascii_only: bool) -> dict[str, str]:
    """Check an object's metadata, and return it by the names of its headers.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html

    :param ascii_only: it goes by headers. Forms take other characters.
    """
    if not isinstance(metadata, Mapping):
        raise ArgumentTypeError("metadata", metadata, "a dict of names and values")
    if len({str(name).lower() for name in metadata}) < len(metadata):
        raise ArgumentError("metadata", [*metadata], "of different names, whatever their case")
    checked: dict[str, str] = {}
    size = 0
    for name, value in metadata.items():
        if not isinstance(name, str):
            raise ArgumentTypeError("metadata", name, "of names that are str")
        if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
            raise ArgumentError("metadata", name, "of names of letters, digits, '-' and '_'")
        if ascii_only:
            check_header(f"metadata[{name!r}]", value, "42", ": encode it, such as by base64")
        else:
            check_text(f"metadata[{name!r}]", value, "42")
            check_encodable(f"metadata[{name!r}]", value)
            if has_controls(value):
                raise ArgumentError(f"metadata[{name!r}]", value, "without control characters")
        size += len(name) + len(value.encode())
        checked[f"x-amz-meta-{name}"] = value
    if size > _MAX_METADATA_BYTES:
        raise ArgumentError(
            "metadata", f"{size:,} bytes", f"{_MAX_METADATA_BYTES:,} bytes or less in all"
        )
    return checked
