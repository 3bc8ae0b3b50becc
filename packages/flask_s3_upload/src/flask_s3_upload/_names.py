"""Names: where an upload is stored, and which names are the extension's own."""

import os
import secrets
from collections.abc import Iterator
from itertools import chain

from s3_saver import ArgumentError
from untrusted_files import RejectedError, clean_filename

#: Where direct uploads wait to be claimed. Nothing below it is ever served.
PENDING = "pending/"

#: Ends the name of the mark that a pending upload was claimed.
CLAIMED = ".claimed"

#: The extension's own URLs, below UPLOADS_URL_PREFIX.
OWN_URLS = "-/"

_ARE_OWN = f"{PENDING!r} and {OWN_URLS!r} are the extension's own folders"


def final_name(to: str, filename: str | None) -> str:
    """Return the name to store a file under.

    :param to: a folder, which ends in a slash or is empty, and gets the cleaned *filename*; or
        the whole name.
    :raises RejectedError: the name is one of the extension's own.
    """
    name = to + clean_filename(filename) if not to or to.endswith("/") else to
    if not to and f"{name}/" == PENDING:
        return with_id(name)  # on disk, a file of that name would keep the folder from being made
    if f"{name}/".startswith((PENDING, OWN_URLS)):
        cause = ArgumentError("to", name, "another name", f": {_ARE_OWN}")
        raise RejectedError("This file cannot be stored under its name: rename it.") from cause
    return name


def check_column_folder(to: str) -> None:
    """Raise unless *to* is a folder in which a column can have its files.

    :raises ArgumentError: it is the whole storage, in which ``flask uploads prune`` would delete
        all that no row names; or a folder of the extension's own.
    """
    folder = f"{to.strip('/')}/"
    if folder == "/":
        raise ArgumentError(
            "to",
            to,
            "a folder such as 'pictures/'",
            ": flask uploads prune deletes the files in it that no row names",
        )
    if folder.startswith((PENDING, OWN_URLS)):
        raise ArgumentError("to", to, "another folder", f": {_ARE_OWN}")


def with_id(name: str) -> str:
    """Return the same name with a random id of 64 bits."""
    stem, extension = os.path.splitext(name)
    return f"{stem}-{secrets.token_hex(8)}{extension}"


def candidates(name: str) -> Iterator[str]:
    """Yield the name, then the same with one id after another, for as long as they are taken."""
    return chain([name], (with_id(name) for _ in range(10)))
