"""Checks of arguments where they come in: each raises an ArgumentError that names its argument."""

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ._names import CONTROL
from .exceptions import ArgumentError, ArgumentTypeError

FOLDER = "the path of a folder such as '/srv/uploads'"
PATH = (str, os.PathLike)

_STORAGE_CALLS = ("save", "open", "stat", "exists", "delete", "find", "copy")

# What the SDK lets pass as a bucket: the names that any store takes, and Amazon's access points.
_BUCKET = re.compile(r"[A-Za-z0-9._-]{1,255}|arn:\S+").fullmatch

# As botocore.utils.validate_region_name has it.
_REGION = re.compile(r"(?![0-9]+$|-)[A-Za-z0-9-]{1,63}(?<!-)").fullmatch


def check_type(
    argument: str,
    value: object,
    kind: type | tuple[type, ...],
    wanted: str,
    *,
    secret: bool = False,
) -> None:
    """Raise ArgumentTypeError unless *value* is of a *kind*; a secret one is not shown."""
    if not isinstance(value, kind):
        raise ArgumentTypeError(argument, type(value) if secret else value, wanted)


def check_header(argument: str, value: str | None) -> None:
    """Raise unless *value* is None or text that an HTTP header can carry, and a signature cover."""
    if value is None:
        return
    check_type(argument, value, str, "a str")
    if CONTROL.search(value):
        raise ArgumentError(argument, value, "a str without control characters", ": remove them")
    if not value.isascii():
        raise ArgumentError(argument, value, "in ASCII, as S3 takes no other header", ": encode it")


def fit_for_header(value: str) -> str | None:
    """Return what a store says of a file if it can be said again; else None."""
    return value if value.isascii() and not CONTROL.search(value) else None


def check_bucket(bucket_name: str, *, ready_client: bool) -> None:
    """Raise unless *bucket_name* can be a bucket's name, on Amazon's S3 or on any other store."""
    wanted = "a bucket's name such as 'my-bucket'"
    if not bucket_name:
        raise ArgumentError("bucket_name", bucket_name, wanted)
    check_type("bucket_name", bucket_name, str, wanted)
    # A ready client may be set up to take more, such as Ceph's 'tenant:bucket'.
    if not _BUCKET(bucket_name) and (
        "/" in bucket_name or len(bucket_name) > 255 or not ready_client
    ):
        raise ArgumentError(
            "bucket_name",
            bucket_name,
            f"{wanted}, of 1 to 255 letters, digits, '.', '-' and '_', without 's3://' and a "
            "prefix",
        )


def check_region(region: str | None) -> None:
    """Raise unless the SDK can make a host name of *region*, or there is none."""
    check_type("region", region or "", str, "a str such as 'eu-north-1'")
    if region and not _REGION(region):
        raise ArgumentError(
            "region", region, "a region such as 'eu-north-1', of letters, digits and hyphens"
        )


def check_credentials(secrets: Mapping[str, str | None]) -> None:
    """Raise unless there is all that belongs together, or nothing."""
    for argument, secret in secrets.items():
        check_type(argument, secret or "", str, "a str", secret=True)
    given = {argument for argument, secret in secrets.items() if secret}
    for argument, other in (
        ("access_key_id", "access_key_secret"),
        ("access_key_secret", "access_key_id"),
        ("access_key_id", "session_token"),
    ):
        if other in given and argument not in given:
            raise ArgumentError(
                argument,
                None,
                f"passed together with {other}, or neither: without them the SDK finds credentials",
            )


def check_client(client: Any, endpoint_url: str | None, config: Any) -> None:
    """Raise unless these can make, or be, a client of the SDK."""
    if client is not None and not hasattr(client, "put_object"):
        raise ArgumentTypeError("client", client, "a boto3 client: boto3.client('s3')")
    if config is not None and not hasattr(config, "merge"):
        raise ArgumentTypeError(
            "config", config, "a botocore Config: botocore.config.Config(read_timeout=1)"
        )
    if endpoint_url:
        check_type("endpoint_url", endpoint_url, str, "a str such as 'http://localhost:9000'")
        if not endpoint_url.lower().startswith(("http://", "https://")):
            raise ArgumentError(
                "endpoint_url",
                without_password(endpoint_url),
                "a URL that begins with 'http://' or 'https://', such as 'http://localhost:9000'",
            )


def without_password(text: str) -> str:
    """Return a URL as it may be shown: without what stands before an ``@``."""
    return f"...{text[text.rindex('@') :]}" if "@" in text else text


def is_list(value: object) -> bool:
    """Report whether *value* holds several others; a text, which holds letters, does not."""
    return isinstance(value, Iterable) and not isinstance(value, str | bytes)


def is_storage(value: object) -> bool:
    """Report whether *value* can be used as a :class:`Storage`; the class of one cannot."""
    return not isinstance(value, type) and all(
        callable(getattr(value, call, None)) for call in _STORAGE_CALLS
    )
