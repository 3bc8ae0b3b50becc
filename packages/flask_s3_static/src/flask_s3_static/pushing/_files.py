"""The static files as they are on disk: their digests, and what they refer to."""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from ..exceptions import CollectError
from ._collect import Asset
from ._finders import finder
from ._references import Edit, Reference, apply_edits

_MOST_SHOWN = 200  # characters of a name in a message


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
        return apply_edits(_read(self.source), self.edits)

    def read_source(self) -> bytes:
        """Return the bytes of a file to which no edits have been added yet.

        :raises CollectError: they are not those of the digest any more: edits would be misplaced.
        """
        data = _read(self.source)
        if hashlib.sha256(data).hexdigest() != self.digest:
            raise changed(self.source)
        return data


def changed(source: str) -> CollectError:
    return CollectError(f"{source!r} changed while it was pushed: push again")


def _read(source: str) -> bytes:
    with open(source, "rb", buffering=0) as file:
        return file.read()


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

    def decomposed(self) -> list[str]:
        """Return a sentence for each that a browser does not find unless it is written again."""
        return [
            f"/{path} refers to /{target} in decomposed Unicode (NFD), and it is stored composed "
            "(NFC): write the name so, or set FLASKS3_HASHED_NAMES"
            for path, found in self.references.items()
            for target in dict.fromkeys(one.target for one in found if not one.is_composed)
        ]


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
        data = file.read_source()
        missing: dict[str, list[str]] = {}  # each name once, although a file may repeat it
        for reference in find(data, file.path):
            if reference.target in known:
                references.append(reference)
            elif data[reference.start : reference.start + 1] != b"/":  # that may be a view
                name = data[reference.start : reference.end].decode()
                shown = name if len(name) <= _MOST_SHOWN else f"{name[:_MOST_SHOWN]}…"
                missing[shown] = found.missing_maps if reference.is_map else found.problems
        for name, problems in missing.items():
            problems.append(f"{file.source} refers to {name!r}, which is not there")
    return found
