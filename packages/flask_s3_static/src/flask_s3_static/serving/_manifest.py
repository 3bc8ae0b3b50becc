"""The manifest: which name each static file has in the bucket, for the app that runs."""

import base64
import errno
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ..exceptions import ManifestError

_VERSION = 1


class Entry(NamedTuple):
    """A file's hashed URL path, and its hash as the attribute ``integrity`` takes it."""

    path: str
    integrity: str


@dataclass(frozen=True)
class Manifest:
    """From URL path, such as ``static/app.css``, to the file of that release."""

    files: Mapping[str, Entry] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        table = {"version": _VERSION, "files": dict(sorted(self.files.items()))}
        return json.dumps(table, ensure_ascii=False, indent=0).encode()

    @classmethod
    def from_bytes(cls, data: bytes, place: str) -> "Manifest":
        """Read a manifest.

        :param place: where it is from, for the error.
        :raises ManifestError: it is damaged, or of another version.
        """
        try:
            table = json.loads(data)
            version, files = table["version"], table["files"]
            if version == _VERSION:
                return cls({path: Entry(*entry) for path, entry in files.items()})
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ManifestError(
                f"{place} is no manifest of static files: write it again by `flask s3-static push`"
            ) from error
        raise ManifestError(
            f"{place} has version {version!r}, this package reads {_VERSION}: write it again by "
            "`flask s3-static push`, or install the version that wrote it"
        )


def integrity_of(digest: bytes) -> str:
    """Return a SHA-256 digest as Subresource Integrity (W3C, section 3.1) writes it."""
    return f"sha256-{base64.b64encode(digest).decode()}"


def read_manifest(path: str) -> Manifest | None:
    """Return the manifest of a file; ``None`` if there is none.

    :raises ManifestError: it is damaged, or of another version.
    """
    try:
        with open(path, "rb") as file:
            return Manifest.from_bytes(file.read(), path)
    except FileNotFoundError:
        return None


def check_place(path: str, manifest: Manifest) -> None:
    """Look whether the manifest can be written to a file, without writing anything.

    :raises OSError: it cannot.
    """
    if _has(path, manifest.to_bytes()):
        return
    folder = os.path.dirname(path)
    while not os.path.lexists(folder):  # which would be made
        folder = os.path.dirname(folder)
    os.stat(os.path.join(folder, ""))  # raises NotADirectoryError if it is a file
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), folder)


def write_manifest(path: str, manifest: Manifest) -> None:
    """Write the manifest to a file, whole or not at all: an app that starts may be reading it."""
    data = manifest.to_bytes()
    if _has(path, data):
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "wb") as file:
        file.write(data)
    os.replace(temporary, path)


def _has(path: str, data: bytes) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read() == data
    except FileNotFoundError:
        return False
