"""What is in the static files: digests, and names that hold a digest, so that they never change."""

import hashlib
import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..exceptions import CollectError
from ..serving._manifest import Entry, Manifest, integrity_of
from ._components import components
from ._files import File, FoundReferences, find_references
from ._references import Edit, Reference, apply_edits, new_name

_NAME_DIGITS = 16  # hexadecimal, of a file's digest in its name


@dataclass(frozen=True)
class HashedFiles:
    """The files under names that hold a digest.

    :param files: those with new names, in the order of the files that were given.
    :param names: from URL path to hashed URL path, or to itself if that stays.
    :param found: what the files refer to.
    """

    files: list[File]
    names: dict[str, str]
    found: FoundReferences

    def manifest(self, kept: Iterable[File]) -> Manifest:
        """Return the manifest of these and of the files whose names stay, among others."""
        digests = {file.path: file.digest for file in (*kept, *self.files)}
        return Manifest(
            {
                path: Entry(name, integrity_of(bytes.fromhex(digests[name])))
                for path, name in self.names.items()
            }
        )


def hash_names(files: list[File]) -> HashedFiles:
    """Return every file under a name that holds its digest, with all references led there.

    What a file refers to is named before the file itself, as its new bytes hold those names. Files
    that refer to each other in a circle are named by the digest of all of them. A file whose name
    holds a digest already keeps that, and its bytes; so do the modules that it imports, which would
    otherwise run twice, under two names.

    :raises CollectError: a file's name is another's hashed name.
    """
    by_path = {file.path: file for file in files}
    found = find_references(files, by_path)
    references = found.references
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
                together.update(apply_edits(by_path[path].read_source(), outward[path]))
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
    return HashedFiles([hashed[f.path] for f in files if f.path in hashed], names, found)


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
    data = apply_edits(file.read_source(), edits)
    digest = hashlib.sha256(data).hexdigest()
    return File(path, file.source, digest, len(data), edits, file.path)


def _with_digest(path: str, digest: str) -> str:
    stem, extension = posixpath.splitext(path)
    return f"{stem}.{digest[:_NAME_DIGITS]}{extension}"


def without_digest(path: str) -> str:
    """Return the path of which this is the hashed one; if it is none, the path itself."""
    return re.sub(rf"\.[0-9a-f]{{{_NAME_DIGITS}}}(\.[^./]*)?$", r"\1", path)
