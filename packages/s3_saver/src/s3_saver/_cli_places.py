"""What the command line calls a place, as a storage; and errors about it in the words of flags."""

import argparse
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from ._local import LocalStorage
from ._names import check_prefix
from ._s3 import S3Storage
from ._s3_connection import endpoint_of_environment
from ._storage import Storage
from .exceptions import AlreadyExistsError, ArgumentError, S3SaverError, UnsafeNameError

_S3 = "s3://"
_SCHEME = re.compile(r"s3:|[a-z][a-z0-9+.-]+:/", re.IGNORECASE).match

#: The flags by which each side of a copy differs from the other, and what they are for S3Storage.
SIDE_OPTIONS = {
    "endpoint-url": "endpoint_url",
    "region": "region",
    "access-key-id": "access_key_id",
    "access-key-secret": "access_key_secret",
}


class CommandError(Exception):
    """What is wrong with a command line, in its own words."""


def is_s3(place: str) -> bool:
    """Report whether a place is a bucket; if not, it is a folder.

    :raises CommandError: it is neither.
    """
    if place.startswith(_S3):
        return True
    if _SCHEME(place):
        raise CommandError(
            f"{place!r} is not a place: write s3://BUCKET/PREFIX, or './' before a folder's name"
        )
    return False


def storage_of(
    place: str, options: argparse.Namespace, *, side: str = "", connections: int = 10
) -> Storage:
    """Return the storage of a place, which need not exist yet.

    :param side: ``'source'`` or ``'target'``, whose own flags go over those for both.
    :param connections: how many are kept open.
    """
    if not is_s3(place):
        return LocalStorage(place)
    from botocore.config import Config

    bucket, _, prefix = place.removeprefix(_S3).partition("/")
    if not bucket:
        raise CommandError(f"{place!r} names no bucket: write s3://BUCKET/PREFIX")
    if side and (not _given(options, side, "access-key-id")) != (
        not _given(options, side, "access-key-secret")
    ):
        raise CommandError(
            f"--{side}-access-key-id and --{side}-access-key-secret go together: pass both or "
            "neither"
        )
    flags = _flags(options, side)
    with in_flags({"bucket_name": f"BUCKET in {place!r}", **flags}):
        return S3Storage(
            bucket,
            prefix=prefix,
            region=_given(options, side, "region"),
            endpoint_url=_given(options, side, "endpoint-url"),
            access_key_id=_given(options, side, "access-key-id"),
            access_key_secret=_given(options, side, "access-key-secret"),
            config=Config(max_pool_connections=connections),
        )


def existing(
    place: str, options: argparse.Namespace, *, side: str = "", connections: int = 10
) -> Storage:
    """Return the storage of a place.

    :raises CommandError: it is a folder that is not there.
    """
    if not is_s3(place) and not os.path.isdir(place):
        raise CommandError(
            f"{place!r} is not a folder: correct the path, or write s3://BUCKET/PREFIX"
        )
    return storage_of(place, options, side=side, connections=connections)


def find_named(storage: Storage, name: str) -> str | None:
    """Return the name of a file as the storage can delete it; ``None`` if the file is not there.

    :raises UnsafeNameError: the name is unsafe, and no other program has left such a file.
    """
    try:
        return name if storage.exists(name) else None
    except UnsafeNameError:
        for info in storage.find(_safe_start(name)):
            if info.name == name:
                return info.name
        raise


def _safe_start(name: str) -> str:
    folder = name
    while folder:
        folder = folder.rpartition("/")[0]
        with suppress(UnsafeNameError):
            return check_prefix(folder)
    return ""


def check_apart(source: str, target: str, options: argparse.Namespace) -> None:
    """Raise CommandError for a copy into its own source: it would find its own files for ever."""
    if is_s3(source) != is_s3(target):
        return
    if not is_s3(source):
        source, target = os.path.realpath(source), os.path.realpath(target)
    elif _endpoint(options, "source") != _endpoint(options, "target"):
        return
    first, second = sorted(place.rstrip("/") + "/" for place in (source, target))
    if second.startswith(first):
        raise CommandError(
            f"{source!r} and {target!r} are the same or one is inside the other: "
            "copy to another folder"
        )


@contextmanager
def in_flags(flags: Mapping[str, str]) -> Iterator[None]:
    """Turn errors about arguments into errors about flags."""
    try:
        yield
    except UnsafeNameError:
        raise
    except ArgumentError as error:
        flag = flags.get(error.argument, error.argument)
        raise CommandError(
            f"{flag} must be {error.rule}, got {error.value!r}{error.hint}"
        ) from error


def in_words(error: Exception) -> str:
    """Return an error's message with the flags that can help, made from what the error knows."""
    if not isinstance(error, S3SaverError) or not error.problem:
        return str(error)
    if error.argument == "endpoint_url":
        return f"{error.problem}; check --endpoint-url and the network, and try again"
    if error.argument == "region":
        return f"{error.problem}; pass the --region of the bucket"
    if error.argument == "overwrite" and isinstance(error, AlreadyExistsError):
        return f"{error.problem}; pass --overwrite to replace it"
    return str(error)


def _given(options: argparse.Namespace, side: str, flag: str) -> str | None:
    name = flag.replace("-", "_")
    own = getattr(options, f"{side}_{name}", None)
    if own is None and side and flag.startswith("access-key"):
        own = os.environ.get(f"S3_SAVER_{side}_{name}".upper())
    value: str | None = own or getattr(options, name, None)
    return value


def _endpoint(options: argparse.Namespace, side: str) -> str:
    found = _given(options, side, "endpoint-url") or endpoint_of_environment()
    return found.rstrip("/").lower()


def _flags(options: argparse.Namespace, side: str) -> dict[str, str]:
    """Return by argument the flag, or variable, that its value came from."""
    flags = {}
    for flag, argument in SIDE_OPTIONS.items():
        name = f"{side}_{flag}".replace("-", "_")
        if side and getattr(options, name, None):
            flags[argument] = f"--{side}-{flag}"
        elif side and os.environ.get(f"S3_SAVER_{name}".upper()):
            flags[argument] = f"S3_SAVER_{name}".upper()
        else:
            flags[argument] = f"--{side}-{flag}" if flag.startswith("access") else f"--{flag}"
    return flags
