"""The settings of headers, read as parameters of S3's PutObject."""

import re
from collections.abc import Mapping
from typing import Any

from s3_saver.settings import SettingsReader

from ._headers import HeaderError, merged, put_parameters
from .exceptions import ConfigError

# "Canned ACL" in Amazon's user guide of S3.
_ACLS = (
    "private",
    "public-read",
    "public-read-write",
    "authenticated-read",
    "aws-exec-read",
    "bucket-owner-read",
    "bucket-owner-full-control",
)


def read_headers(reader: SettingsReader, acl: str) -> dict[str, Any]:
    """Return the parameters of every file."""
    headers = _parameters(reader, "FLASKS3_HEADERS", reader.raw("FLASKS3_HEADERS", {}))
    if acl:
        if acl not in _ACLS:
            raise reader.wrong("S3_ACL", f"one of {', '.join(_ACLS)}")
        headers = {"ACL": acl, **headers}
    cache_control = reader.text("FLASKS3_CACHE_CONTROL")
    if reader.switch("FLASKS3_USE_CACHE_CONTROL", False):
        if not cache_control:
            raise reader.missing(
                "FLASKS3_CACHE_CONTROL",
                "FLASKS3_USE_CACHE_CONTROL is on; set a value such as 'max-age=86400'",
            )
        headers = merged(headers, {"CacheControl": cache_control})
    return headers


def read_filepath_headers(
    reader: SettingsReader,
) -> tuple[tuple[re.Pattern[str], Mapping[str, Any]], ...]:
    """Return the parameters of files whose URL path matches a regular expression, by it."""
    key = "FLASKS3_FILEPATH_HEADERS"
    rules = reader.raw(key, {})
    if not isinstance(rules, Mapping):
        raise reader.wrong(key, "a dict of regular expression to dict of headers")
    result = []
    for expression, headers in rules.items():
        if not isinstance(expression, str):
            raise ConfigError(
                f"{key} must have strings as its keys, got {expression!r}", setting=key
            )
        try:
            pattern = re.compile(expression)
        except re.error as error:
            raise ConfigError(
                f"{key} must have regular expressions as its keys, got {expression!r}: {error}",
                setting=key,
            ) from error
        result.append((pattern, _parameters(reader, key, headers)))
    return tuple(result)


def _parameters(reader: SettingsReader, key: str, headers: object) -> dict[str, Any]:
    if not isinstance(headers, Mapping):
        raise reader.wrong(key, "a dict of header to value")
    try:
        return put_parameters(headers)
    except HeaderError as error:
        raise ConfigError(
            f"{key} has a header that S3 does not take: {error}", setting=key
        ) from error
