"""All that an app wants to have in the bucket, read from its static folders."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Flask

from .._settings import Settings
from ..exceptions import CollectError
from ..serving._folders import static_folder
from ..serving._left_out import LeftOut
from ..serving._manifest import Manifest
from ..serving._vite import built_files
from ._bundled import names_with_hash
from ._collect import collect
from ._files import digest_files, find_references
from ._hash import hash_names
from ._plan import Item, make_items


@dataclass(frozen=True)
class Release:
    """All that is to be in the bucket.

    :param manifest: if names are hashed.
    :param problems: a sentence for each reference that leads nowhere, if references were asked for.
    :param warnings: a sentence for what else is odd.
    :param left_out: what stays with the app, by URL path, and why.
    """

    items: list[Item]
    manifest: Manifest | None
    problems: list[str]
    warnings: list[str]
    left_out: dict[str, str]


def read_release(
    app: Flask,
    settings: Settings,
    left_out: LeftOut,
    *,
    include_hidden: bool,
    filepath_filter: str | None,
    strict: bool = False,
) -> Release:
    """Read all static files of an app.

    :param strict: ask for references although names are not hashed.
    :raises CollectError: they cannot be pushed as they are.
    """
    if settings.hashed_names and filepath_filter is not None:
        raise CollectError(
            f"the filter {filepath_filter!r} leaves out files that others refer to, so "
            "FLASKS3_HASHED_NAMES can't be True: push all, what has not changed costs nothing"
        )
    try:
        collected = collect(
            app, left_out, include_hidden=include_hidden, filepath_filter=filepath_filter
        )
        paths = [asset.path for asset in collected.assets]
        files = list(digest_files(collected.assets, _hashed_already(app, paths, settings)))
        if not settings.hashed_names:
            problems, warnings = [], collected.warnings
            if strict:
                known = set(paths)
                if filepath_filter is not None:  # the others are in the bucket, or will be
                    others = collect(app, left_out, include_hidden=include_hidden)
                    known |= {asset.path for asset in others.assets}
                found = find_references(files, known)
                problems = [*found.problems, *found.decomposed()]
                warnings = [*warnings, *found.missing_maps]
            items = make_items(files, settings)
            return Release(items, None, problems, warnings, collected.left_out)
        hashed = hash_names(files)
    except OSError as error:
        raise CollectError(f"a static file or folder cannot be read: {error}") from error
    # Plain names as well: scripts put names together that nobody can see beforehand.
    items = make_items([*files, *hashed.files], settings)
    found = hashed.found
    warnings = [*collected.warnings, *found.missing_maps]
    return Release(items, hashed.manifest(files), found.problems, warnings, collected.left_out)


def _hashed_already(app: Flask, paths: Iterable[str], settings: Settings) -> set[str]:
    if (pattern := settings.hashed_already) is not None:
        return {path for path in paths if pattern.search(f"/{path}")}
    folder = static_folder(app, "static")
    built = built_files(folder.folder, settings.vite_folder) if folder else set()
    return names_with_hash(paths, {folder.path(name) for name in built} if folder else ())
