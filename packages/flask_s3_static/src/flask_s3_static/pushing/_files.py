"""The static files as they are on disk: their digests, and what they refer to."""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from ._collect import Asset
from ._finders import finder
from ._references import Edit, Reference, apply_edits


@dataclass(frozen=True, slots=True)
class File:
    """A static file as it is to be stored.

    :param path: its URL path without leading slash.
    :param source: the file on disk.
    :param digest: SHA-256 of what is to be stored, hexadecimal.
    :param size: of what is to be stored, in bytes; both before any compression.
    :param edits: what to change in the file's bytes.
    :param plain_path: its path without the digest that it holds, or its path if a bundler has put
        one there; ``''`` if it holds none.
    """

    path: str
    source: str
    digest: str
    size: int
    edits: tuple[Edit, ...] = ()
    plain_path: str = ""

    @property
    def is_hashed(self) -> bool:
        """Whether the path holds a digest: other bytes would have another path."""
        return bool(self.plain_path)

    @property
    def holds_hash_already(self) -> bool:
        """Whether somebody else, such as a bundler, has put the digest into the path."""
        return self.plain_path == self.path

    def read(self) -> bytes:
        return apply_edits(read_file(self.source), self.edits)


@dataclass(frozen=True)
class FoundReferences:
    """What files refer to.

    :param references: those that lead to a file, by the path of the file that has them.
    :param problems: a sentence for each that leads nowhere.
    :param missing_maps: a sentence for each source map that is not there: no page needs one.
    """

    references: dict[str, list[Reference]]
    problems: list[str]
    missing_maps: list[str]


def digest_files(assets: Iterable[Asset], hashed_already: Collection[str] = ()) -> Iterator[File]:
    """Read files.

    :param hashed_already: the paths that hold a digest.
    """
    for asset in assets:
        with open(asset.source, "rb", buffering=0) as file:  # each is read whole
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            plain = asset.path if asset.path in hashed_already else ""
            yield File(asset.path, asset.source, digest, file.tell(), plain_path=plain)


def find_references(files: Iterable[File], known: Collection[str]) -> FoundReferences:
    """Return what files refer to.

    :param known: the paths of all files that there are.
    """
    found = FoundReferences({}, [], [])
    for file in files:
        references = found.references[file.path] = []
        if not (find := finder(file.path)):
            continue
        data = read_file(file.source)
        for reference in find(data, file.path):
            if reference.target in known:
                references.append(reference)
            elif data[reference.start : reference.start + 1] != b"/":  # that may be a view
                name = data[reference.start : reference.end].decode()
                problems = found.missing_maps if reference.is_map else found.problems
                problems.append(f"{file.source} refers to {name!r}, which is not there")
    return found


def read_file(source: str) -> bytes:
    with open(source, "rb", buffering=0) as file:
        return file.read()
