"""Addresses of S3: which are Amazon's, and which no storage can be made of."""

import re
from urllib.parse import urlsplit

from ._checks import without_password
from .exceptions import ArgumentError

_AMAZONS = (".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu")

# What the SDK makes of a region, or of none: "Amazon S3 endpoints" in the AWS General Reference.
_REGIONAL = re.compile(r"https://s3(\.[a-z0-9-]+)?\.amazonaws\.(com|com\.cn|eu)/?").fullmatch

# The hosts that the SDK takes (botocore.utils.is_valid_endpoint_url), besides those of IPv6. It
# refuses others with the first file.
_HOST = re.compile(
    r"((?!-)[a-z0-9-]{1,63}(?<!-)\.)*(?!-)[a-z0-9-]{1,63}(?<!-)\.?", re.IGNORECASE
).fullmatch
_ASCII_HINT = ": write it in ASCII, as browsers send it, beginning with xn--"


def is_amazons(endpoint_url: str) -> bool:
    """Report whether an endpoint is one of Amazon's, in whatever network or region."""
    return (urlsplit(endpoint_url).hostname or "").endswith(_AMAZONS)


def is_regional(endpoint_url: str) -> bool:
    """Report whether an endpoint is the one that Amazon has for everybody in a region.

    Those for private networks (VPC), for IPv6 (dualstack) and for FIPS are others.
    """
    return _REGIONAL(endpoint_url) is not None


def check_endpoint(endpoint_url: str, bucket_name: str) -> None:
    """Raise ArgumentError unless the endpoint is that of a store, and not of one bucket in it.

    :param endpoint_url: a URL that begins with ``http://`` or ``https://``.
    """
    shown = without_password(endpoint_url)
    try:
        url = urlsplit(endpoint_url)
        host = url.hostname or ""
        _ = url.port
    except ValueError as error:
        raise ArgumentError(
            "endpoint_url", shown, "a URL such as 'https://s3.example.org'", f": {error}"
        ) from error
    if "@" in url.netloc:
        raise ArgumentError(
            "endpoint_url",
            shown,
            "a URL without a user and a password",
            ": pass access_key_id and access_key_secret",
        )
    if not host or url.query or url.fragment:
        raise ArgumentError(
            "endpoint_url", shown, "a URL of scheme and host such as 'https://s3.example.org'"
        )
    if not (_HOST(host) or ":" in host) or endpoint_url != endpoint_url.strip():
        wanted = "a URL whose host has letters, digits, hyphens and dots, without spaces around it"
        raise ArgumentError("endpoint_url", shown, wanted, "" if host.isascii() else _ASCII_HINT)
    if host.startswith("s3-accelerate"):
        raise ArgumentError(
            "endpoint_url",
            shown,
            "an endpoint that takes every call, which transfer acceleration does not",
            ": leave endpoint_url out",
        )
    start = f"{bucket_name.lower()}."
    # Amazon's endpoints for private networks begin with the word bucket, whatever the bucket.
    if host.startswith(start) and not host.startswith("bucket.vpce-"):
        fixed = endpoint_url.replace(start, "", 1)
    elif url.path.rstrip("/").endswith(f"/{bucket_name}"):
        fixed = endpoint_url.rstrip("/").removesuffix(f"/{bucket_name}")
    else:
        return
    raise ArgumentError(
        "endpoint_url",
        shown,
        f"the address of the store, without the bucket {bucket_name!r}",
        f": pass {fixed!r}",
    )
