"""What is asked for files on S3 besides their content: headers, encryption, storage class, tags."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypedDict
from urllib.parse import quote, urlencode

from ._checks import check_header, check_type
from .exceptions import ArgumentError

if TYPE_CHECKING:
    from botocore.config import Config
    from mypy_boto3_s3 import S3Client

Races = Literal["warn", "allow", "refuse"]
RACES: tuple[Races, ...] = ("warn", "allow", "refuse")

# "Object tagging" in the user guide of S3.
_MOST_TAGS = 10
_TAG_SIZES = (128, 256)  # characters of a key and of a value
_TAG = re.compile(r"[\w .:/=+@-]*").fullmatch


class ObjectOptions(TypedDict, total=False):
    """What :meth:`S3Storage.save` and :meth:`S3Storage.copy` take for one file."""

    cache_control: str | None
    storage_class: str | None
    server_side_encryption: str | None
    kms_key_id: str | None
    tags: Mapping[str, str] | None
    extra_args: Mapping[str, Any] | None


class S3Options(ObjectOptions, total=False):
    """The options of :class:`S3Storage` that :class:`~s3_saver.S3Saver` passes on."""

    client: "S3Client | None"
    region: str | None
    endpoint_url: str | None
    session_token: str | None
    races: Races
    config: "Config | None"


def object_arguments(options: ObjectOptions) -> dict[str, Any]:
    """Return the parameters of S3's PutObject for these options, checked.

    :raises ArgumentError: S3 takes no such value.
    """
    if unknown := options.keys() - ObjectOptions.__optional_keys__:
        known = ", ".join(sorted(ObjectOptions.__optional_keys__))
        raise TypeError(f"there is no option {min(unknown)!r}; there are {known}")
    check_header("cache_control", options.get("cache_control"))
    check_header("storage_class", options.get("storage_class"))
    arguments = {
        "CacheControl": options.get("cache_control"),
        "StorageClass": options.get("storage_class"),
        **_encryption(options.get("server_side_encryption"), options.get("kms_key_id")),
        "Tagging": _tagging(options.get("tags") or {}),
    }
    extra = options.get("extra_args") or {}
    check_type("extra_args", extra, Mapping, "a dict", secret=True)
    for name, value in extra.items():
        _check_extra(f"extra_args[{name!r}]", value)
    return {**{name: value for name, value in arguments.items() if value}, **extra}


def merged(of_storage: Mapping[str, Any], of_call: Mapping[str, Any]) -> dict[str, Any]:
    """Return what both ask for; a call's encryption takes the place of the storage's as a whole."""
    left_out = ("ServerSideEncryption", "SSEKMSKeyId") if "ServerSideEncryption" in of_call else ()
    return {
        **{name: value for name, value in of_storage.items() if name not in left_out},
        **of_call,
    }


def check_races(races: str) -> None:
    if races not in RACES:
        raise ArgumentError("races", races, "'warn', 'allow' or 'refuse'")


def _encryption(algorithm: str | None, key_id: str | None) -> dict[str, str | None]:
    check_header("server_side_encryption", algorithm)
    check_header("kms_key_id", key_id)
    if key_id and not (algorithm or "aws:kms").startswith("aws:kms"):
        raise ArgumentError(
            "server_side_encryption",
            algorithm,
            "'aws:kms' or 'aws:kms:dsse' with a kms_key_id",
            ": leave one of the two out",
        )
    return {
        "ServerSideEncryption": algorithm or ("aws:kms" if key_id else None),
        "SSEKMSKeyId": key_id,
    }


def _tagging(tags: Mapping[str, str]) -> str:
    check_type("tags", tags, Mapping, "a dict such as {'owner': 'ann'}")
    if len(tags) > _MOST_TAGS:
        raise ArgumentError("tags", len(tags), f"at most {_MOST_TAGS} tags, which is S3's limit")
    for pair in tags.items():
        for text, most in zip(pair, _TAG_SIZES, strict=True):
            check_type("tags", text, str, "a dict of str to str")
            if len(text) > most or not _TAG(text):
                raise ArgumentError(
                    "tags",
                    text,
                    "keys of at most 128 and values of at most 256 letters, digits, spaces and "
                    "characters of '+-=._:/@'",
                )
    if "" in tags:
        raise ArgumentError("tags", dict(tags), "a dict whose keys are not empty")
    return urlencode(tags, quote_via=quote)


def _check_extra(argument: str, value: object) -> None:
    """Raise unless the text in it, such as that of Metadata, can be sent in headers."""
    if isinstance(value, str):
        check_header(argument, value)
    elif isinstance(value, Mapping):
        for key, one in value.items():
            _check_extra(f"{argument}[{key!r}]", one)
            _check_extra(argument, key)
