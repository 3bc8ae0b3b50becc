"""The query that callers add: what they name by ``query``, and legacy keyword arguments."""

from collections.abc import Mapping
from functools import lru_cache

from .exceptions import ArgumentTypeError

# Other libraries' and the sibling packages' words for our arguments.
_SYNONYMS = {
    "access_key_id": "credentials",
    "access_key_secret": "credentials",
    "aws_access_key_id": "credentials",
    "aws_secret_access_key": "credentials",
    "aws_session_token": "credentials",
    "bucket": "bucket_name",
    "download_filename": "download_as",
    "download_name": "download_as",
    "expiration": "expires",
    "expires_in": "expires",
    "expiresin": "expires",
    "expiry": "expires",
    "file_name": "filename",
    "region_name": "region",
    "secret_access_key": "credentials",
    "secret_key": "credentials",
    "session_token": "credentials",
}
# Arguments by the function that has them, the first of those in this order.
_PARAMETERS = {
    **dict.fromkeys(
        (
            *("endpoint", "bucket_name", "bucket_domain", "scheme", "url_style", "cdn_domain"),
            *("filename", "region", "endpoint_url", "query"),
            *("_scheme", "_anchor", "_external", "_method"),
        ),
        "url_for_s3",
    ),
    **dict.fromkeys(
        (
            *("credentials", "method", "expires", "stable_for", "download_as", "headers", "forbid"),
            *("content_type", "content_length"),
            *("response_content_type", "response_content_disposition"),
        ),
        "presign_url_for_s3",
    ),
    **dict.fromkeys(
        ("content_length_range", "metadata", "success_action_status"), "presign_post_for_s3"
    ),
}


def check_values(function: str, values: Mapping[str, object]) -> None:
    """Make sure that no keyword argument that would go into the query was meant for an argument.

    :raises ArgumentTypeError: one was, so it seems. What is truly the query goes by ``query``.
    """
    for name, value in values.items():
        if meant := _find_meant(name):
            owner = _PARAMETERS[meant]
            of = f" of {owner}" if owner != "url_for_s3" else ""
            raise ArgumentTypeError(
                name,
                type(value) if meant == "credentials" else value,  # a secret
                f"an argument of {function}",
                f": did you mean {meant}{of}? A query of this name is passed by"
                f" query={{{name!r}: ...}}",
            )


def check_query(query: object) -> Mapping[str, object]:
    if not isinstance(query, Mapping):
        raise ArgumentTypeError("query", query, "a dict of names and values such as {'v': 2}")
    for name in query:
        if not isinstance(name, str):
            raise ArgumentTypeError("query", name, "of names that are str")
    return query


# Names stand in code and templates, so there are few.
@lru_cache(maxsize=256)
def _find_meant(name: str) -> str | None:
    """Return the argument that a name may stand for, or None."""
    if name in _PARAMETERS:
        return name
    lower = name.lower().strip("_")
    if lower in _SYNONYMS:
        return _SYNONYMS[lower]
    if "-" in name:  # S3's own parameters of this form, such as response-content-type
        return None
    from difflib import get_close_matches  # 3 ms that only such values pay for

    close = get_close_matches(lower, _PARAMETERS, n=1, cutoff=0.8)
    return close[0] if close else None
