"""Names: what a client's file name becomes, and which are the extension's own."""

import os
import re
import secrets
import unicodedata
from collections.abc import Iterator
from itertools import chain

from .exceptions import RejectedError

#: Where direct uploads wait to be claimed. Nothing below it is ever served.
PENDING = "pending/"

#: Ends the name of the mark that a pending upload was claimed.
CLAIMED = ".claimed"

#: The extension's own URLs, below UPLOADS_URL_PREFIX.
OWN_URLS = "-/"

_MAX_STEM_BYTES = 180  # with an id and the extension below the 255 bytes of a file system
_MAX_EXTENSION = 16
_NOT_WORD = re.compile(r"[^\w.+-]+")


def clean_filename(filename: str | None) -> str:
    """Make a file name from what a client sent: no folders, nothing special, in Unicode.

    ``'C:\\\\Photos\\\\Grüße aus Köln!.JPG'`` becomes ``'Grüße-aus-Köln.jpg'``. A name of which
    nothing is left becomes ``'file'``.
    """
    name = unicodedata.normalize("NFC", filename or "").replace("\\", "/").rpartition("/")[2]
    name = name.encode(errors="ignore").decode()
    stem, dot, extension = name.rpartition(".")
    if (
        not dot
        or not stem.strip(". ")
        or not extension.isalnum()
        or len(extension) > _MAX_EXTENSION
    ):
        stem, extension = name, ""
    stem = _NOT_WORD.sub("-", stem).strip("-. ")
    stem = stem.encode()[:_MAX_STEM_BYTES].decode(errors="ignore") or "file"
    return f"{stem}.{extension.lower()}" if extension else stem


def extension_of(name: str) -> str:
    """Give the extension in lowercase, without the dot."""
    return os.path.splitext(name)[1][1:].lower()


def place(to: str, filename: str | None) -> str:
    """Give the name to store a file under.

    :param to: a folder, which ends in a slash or is empty, and gets the cleaned *filename*; or
        the whole name.
    :raises RejectedError: the name is one of the extension's own.
    """
    name = to + clean_filename(filename) if not to or to.endswith("/") else to
    if not to and f"{name}/" == PENDING:
        return with_id(name)  # on disk, a file of that name would keep the folder from being made
    if f"{name}/".startswith((PENDING, OWN_URLS)):
        raise RejectedError(
            f"{name!r} cannot be used: {PENDING!r} and {OWN_URLS!r} are the extension's own folders"
        )
    return name


def with_id(name: str) -> str:
    """Give the same name with a short, random, URL-safe id."""
    stem, extension = os.path.splitext(name)
    return f"{stem}-{secrets.token_urlsafe(6)}{extension}"


def candidates(name: str) -> Iterator[str]:
    """Give the name, then the same with one id after another, for as long as they are taken."""
    return chain([name], (with_id(name) for _ in range(10)))
