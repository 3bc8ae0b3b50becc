"""Arguments of a wrong type or form, told by their names where they come in."""

import os
import re
from collections.abc import Mapping
from typing import Any

from ._names import CONTROL

FOLDER = "the path of a folder such as '/srv/uploads'"
PATH = (str, os.PathLike)

# What the SDK lets pass as a bucket: the names that any store takes, and Amazon's access points.
_BUCKET = r"[A-Za-z0-9._-]{1,255}|arn:\S+"  # compiled by the first use, not by the import


def check_type(
    argument: str,
    value: object,
    kind: type | tuple[type, ...],
    wanted: str,
    *,
    secret: bool = False,
) -> None:
    """Raise TypeError unless *value* is of a *kind*; a secret one is not shown."""
    if not isinstance(value, kind):
        shown = f"a value of type {type(value).__name__}" if secret else repr(value)
        raise TypeError(f"{argument} must be {wanted}, got {shown}")


def check_header(argument: str, value: str | None) -> None:
    """Raise unless *value* is None or text that an HTTP header can carry."""
    if value is None:
        return
    check_type(argument, value, str, "a str")
    if CONTROL.search(value):
        raise ValueError(f"{argument} must have no control characters, got {value!r}: remove them")


def check_bucket(bucket: str, *, ready_client: bool) -> None:
    """Raise unless *bucket* can be a bucket's name, on Amazon's S3 or on any other store."""
    wanted = "a bucket's name such as 'my-bucket'"
    if not bucket:
        raise ValueError(f"bucket must be {wanted}, got {bucket!r}")
    check_type("bucket", bucket, str, wanted)
    # A ready client may have been told to take more, such as Ceph's 'tenant:bucket'.
    if not re.fullmatch(_BUCKET, bucket) and (
        "/" in bucket or len(bucket) > 255 or not ready_client
    ):
        raise ValueError(
            f"bucket must be {wanted}, of 1 to 255 letters, digits, '.', '-' and '_', without "
            f"'s3://' and a prefix, got {bucket!r}"
        )


def check_credentials(secrets: Mapping[str, str | None]) -> None:
    """Raise unless there is all that belongs together, or nothing."""
    for argument, secret in secrets.items():
        check_type(argument, secret or "", str, "a str", secret=True)
    if bool(secrets["access_key_id"]) != bool(secrets["access_key_secret"]):
        raise ValueError("pass access_key_id and access_key_secret together, or neither")
    if secrets["session_token"] and not secrets["access_key_id"]:
        raise ValueError("session_token belongs to access_key_id and access_key_secret: pass all")


def check_client(client: Any, endpoint_url: str | None, config: Any) -> None:
    """Raise unless these can make, or be, a client of the SDK."""
    if client is not None and not hasattr(client, "put_object"):
        raise TypeError(f"client must be a boto3 client: boto3.client('s3'), got {client!r}")
    if config is not None and not hasattr(config, "merge"):
        raise TypeError(
            "config must be a botocore Config: botocore.config.Config(read_timeout=1), got "
            f"{config!r}"
        )
    if endpoint_url:
        check_type("endpoint_url", endpoint_url, str, "a str such as 'http://localhost:9000'")
        if not endpoint_url.lower().startswith(("http://", "https://")):
            raise ValueError(
                "endpoint_url must begin with 'http://' or 'https://', such as "
                f"'http://localhost:9000', got {endpoint_url.rpartition('@')[2]!r}"
            )
