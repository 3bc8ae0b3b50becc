"""What is in the static files: digests, and names that hold a digest, so that they never change."""

import hashlib
import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..exceptions import CollectError
from ..serving._manifest import Entry, Manifest, integrity_of
from ._collect import Asset
from ._components import components
from ._finders import finder
from ._references import Edit, Reference, apply_edits, new_name

_NAME_DIGITS = 16  # hexadecimal, of a file's digest in its name


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

    def read(self) -> bytes:
        return apply_edits(_read(self.source), self.edits)


@dataclass(frozen=True)
class HashedFiles:
    """The files under names that hold a digest.

    :param files: those with new names, in the order of the files that were given.
    :param names: from URL path to hashed URL path, or to itself if that stays.
    :param problems: a sentence for each reference that leads nowhere.
    """

    files: list[File]
    names: dict[str, str]
    problems: list[str]

    def manifest(self, kept: Iterable[File]) -> Manifest:
        """Return the manifest of these and of the files whose names stay, among others."""
        digests = {file.path: file.digest for file in (*kept, *self.files)}
        return Manifest(
            {
                path: Entry(name, integrity_of(bytes.fromhex(digests[name])))
                for path, name in self.names.items()
            }
        )


def digest_files(assets: Iterable[Asset], hashed_already: Collection[str] = ()) -> Iterator[File]:
    """Read files.

    :param hashed_already: the paths that hold a digest.
    """
    for asset in assets:
        with open(asset.source, "rb", buffering=0) as file:  # each is read whole
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            plain = asset.path if asset.path in hashed_already else ""
            yield File(asset.path, asset.source, digest, file.tell(), plain_path=plain)


def hash_names(files: list[File]) -> HashedFiles:
    """Return every file under a name that holds its digest, with all references led there.

    What a file refers to is named before the file itself, as its new bytes hold those names. Files
    that refer to each other in a circle are named by the digest of all of them. A file whose name
    holds a digest already keeps that, and its bytes; so do the modules that it imports, which would
    otherwise run twice, under two names.

    :raises CollectError: a file's name is another's hashed name.
    """
    by_path = {file.path: file for file in files}
    references, problems = _all_references(by_path)
    names = {path: path for path in _kept(files, references)}
    for path in names:
        references[path] = []
    hashed: dict[str, File] = {}
    graph = {path: [r.target for r in found] for path, found in references.items()}
    for group in components(graph):
        if group[0] in names:
            continue
        inside = set(group)
        outward = {
            path: _edits(path, (r for r in references[path] if r.target not in inside), names)
            for path in group
        }
        is_circle = len(group) > 1 or group[0] in graph[group[0]]
        if is_circle:
            together = hashlib.sha256()
            for path in sorted(group):
                together.update(apply_edits(_read(by_path[path].source), outward[path]))
        for path in group:
            if is_circle:
                digest = hashlib.sha256(together.digest() + path.encode()).hexdigest()
            else:
                digest = _edited(by_path[path], outward[path]).digest
            names[path] = name = _with_digest(path, digest)
            if name in by_path:
                raise CollectError(
                    f"two files have the URL path /{name}: {by_path[name].source!r} and, under its "
                    f"hashed name, {by_path[path].source!r}. Rename the first, or remove it"
                )
        for path in group:
            edits = _edits(path, references[path], names)
            hashed[path] = _edited(by_path[path], edits, names[path])
    return HashedFiles([hashed[f.path] for f in files if f.path in hashed], names, problems)


def _kept(files: Iterable[File], references: Mapping[str, list[Reference]]) -> set[str]:
    """Return the paths that stay: those that hold a digest, and the modules that they import."""
    kept: set[str] = set()
    waiting = [file.path for file in files if file.is_hashed]
    while waiting:
        path = waiting.pop()
        if path not in kept:
            kept.add(path)
            waiting += [one.target for one in references[path] if one.is_module]
    return kept


def _all_references(
    files: Mapping[str, File],
) -> tuple[dict[str, list[Reference]], list[str]]:
    references: dict[str, list[Reference]] = {}
    problems = []
    for path, file in files.items():
        references[path] = []
        if not (find := finder(path)):
            continue
        data = _read(file.source)
        for reference in find(data, path):
            if reference.target in files:
                references[path].append(reference)
            elif data[reference.start : reference.start + 1] != b"/":  # that may be a view
                name = data[reference.start : reference.end].decode()
                problems.append(f"{file.source} refers to {name!r}, which is not there")
    return references, problems


def _edits(
    path: str, references: Iterable[Reference], names: Mapping[str, str]
) -> tuple[Edit, ...]:
    return tuple(
        Edit(r.start, r.end, new_name(r, path, names[r.target]))
        for r in references
        if names[r.target] != r.target
    )


def _edited(file: File, edits: tuple[Edit, ...], path: str = "") -> File:
    if not edits:
        return File(path, file.source, file.digest, file.size, plain_path=file.path)
    data = apply_edits(_read(file.source), edits)
    digest = hashlib.sha256(data).hexdigest()
    return File(path, file.source, digest, len(data), edits, file.path)


def _with_digest(path: str, digest: str) -> str:
    stem, extension = posixpath.splitext(path)
    return f"{stem}.{digest[:_NAME_DIGITS]}{extension}"


def without_digest(path: str) -> str:
    """Return the path of which this is the hashed one; if it is none, the path itself."""
    return re.sub(rf"\.[0-9a-f]{{{_NAME_DIGITS}}}(\.[^./]*)?$", r"\1", path)


def _read(source: str) -> bytes:
    with open(source, "rb", buffering=0) as file:
        return file.read()
