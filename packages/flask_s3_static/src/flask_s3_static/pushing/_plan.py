"""What a push has to do: files, settings and the index in, a plan out."""

import hashlib
import json
import posixpath
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from .._headers import merged
from .._report import PushReport
from .._settings import Settings
from ..bucket._index import Entry, Index
from ._files import File
from ._types import Kind, is_packed, kind_of

_IMMUTABLE = {"CacheControl": "public, max-age=31536000, immutable"}
_INDEX_DIGITS = 32  # hexadecimal, of a digest: these find changes, not forgeries


@dataclass(frozen=True, slots=True)
class Request:
    """What goes with a file's bytes to S3; files of one kind share one.

    :param parameters: of PutObject, content type included.
    :param encoding: ``'gzip'``, ``'br'`` or ``''``: how to compress, where it helps.
    :param fingerprint: identifies it.
    """

    parameters: Mapping[str, Any]
    encoding: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Item:
    """An object that is to be in the bucket."""

    key: str
    file: File
    request: Request

    def entry(self, release: int) -> Entry:
        digest = self.file.digest[:_INDEX_DIGITS]
        return Entry(digest, self.request.fingerprint, self.file.size, release)


@dataclass(frozen=True)
class Plan:
    """What a push does with each object; ``gone`` are keys that the last release had."""

    new: list[Item]
    changed: list[Item]
    headers_changed: list[Item]
    same: list[Item]
    gone: list[str]

    @property
    def uploads(self) -> list[Item]:
        return [*self.new, *self.changed, *self.headers_changed]

    def keys(self) -> set[str]:
        """Return the keys of all that is to be in the bucket."""
        return {item.key for item in [*self.uploads, *self.same]}

    def report(self) -> PushReport:
        """Return what is to be done, as a report to which the push adds what it did."""
        return PushReport(
            new=[item.key for item in self.new],
            changed=[item.key for item in self.changed],
            headers_changed=[item.key for item in self.headers_changed],
            same=[item.key for item in self.same],
            gone=self.gone,
        )


def make_items(files: Iterable[File], settings: Settings) -> list[Item]:
    """Say under which key and with which headers each file is to be stored.

    A file under a hashed name has the headers that the settings give the plain one, and its own.
    """
    requests: dict[object, Request] = {}
    items = []
    for file in files:
        path = file.plain_path or file.path
        extension = posixpath.splitext(path)[1].lower()
        layers = tuple(
            number
            for number, (pattern, _) in enumerate(settings.filepath_headers)
            if pattern.search(f"/{path}")
        )
        kind = kind_of(path), extension, layers, file.is_hashed
        request = requests.get(kind)
        if request is None:
            request = requests[kind] = _request(*kind, settings)
        items.append(Item(settings.key(file.path), file, request))
    return items


def make_plan(
    items: Iterable[Item], index: Index, *, everything: bool = False, partial: bool = False
) -> Plan:
    """Compare what is to be in the bucket with what the index says is there.

    :param everything: upload what is the same, too.
    :param partial: the items are not all that the app has, so nothing else is gone.
    """
    plan = Plan([], [], [], [], [])
    gone = set() if partial else index.current_keys()
    for item in items:
        gone.discard(item.key)
        entry = index.objects.get(item.key)
        if entry is None:
            plan.new.append(item)
        elif item.file.digest[:_INDEX_DIGITS] != entry.digest or everything:
            plan.changed.append(item)
        elif entry.headers != item.request.fingerprint:
            plan.headers_changed.append(item)
        else:
            plan.same.append(item)
    plan.gone.extend(sorted(gone))
    return plan


def changed_under_a_hash(plan: Plan, index: Index) -> list[str]:
    """Return a sentence for each file that changed though a hash in its name says that it can't."""
    return [
        f"{item.file.source} is another than it was, and browsers keep it for a year, as its name "
        "seems to hold a hash: rename it, or set FLASKS3_HASHED_ALREADY"
        for item in plan.changed
        if item.file.holds_hash_already
        and index.objects[item.key].digest != item.file.digest[:_INDEX_DIGITS]
    ]


def content_type_wanted(path: str, settings: Settings) -> str:
    """Return the content type that the file of a URL path is to have."""
    (item,) = make_items([File(path, "", "", 0)], settings)
    content_type: str = item.request.parameters["ContentType"]
    return content_type


def _request(
    kind: Kind, extension: str, layers: tuple[int, ...], is_hashed: bool, settings: Settings
) -> Request:
    parameters = merged(
        {"ContentType": kind.content_type},
        {"ContentEncoding": kind.encoding} if kind.encoding else {},
        settings.headers,
        *(settings.filepath_headers[number][1] for number in layers),
        _IMMUTABLE if is_hashed else {},
    )
    encoding = settings.encoding
    if (
        "ContentEncoding" in parameters
        or is_packed(kind.content_type)
        or (settings.encoded_extensions and extension not in settings.encoded_extensions)
    ):
        encoding = ""
    text = json.dumps([parameters, encoding], sort_keys=True, default=str)
    return Request(parameters, encoding, hashlib.sha256(text.encode()).hexdigest()[:16])


def changes_release(plan: Plan, index: Index) -> bool:
    """Report whether the bucket's active release, by the index, is another than the plan's."""
    items = (*plan.uploads, *plan.same)
    return bool(plan.gone or index.active) or any(
        index.objects.get(item.key) != item.entry(index.latest) for item in items
    )


def index_after(
    index: Index,
    plan: Plan,
    *,
    done: Collection[str],
    failed: Collection[str],
    is_complete: bool,
    partial: bool,
    now: datetime,
) -> Index:
    """Return the index for what a push has done.

    What failed is left out: nobody knows which bytes S3 has.

    :param is_complete: all that the plan wanted is there, so this is a release.
    :param partial: the release also has what the one before it had.
    """
    number = index.latest + 1
    objects = {key: entry for key, entry in index.objects.items() if key not in failed}
    objects.update((item.key, item.entry(number)) for item in plan.uploads if item.key in done)
    if not is_complete:
        return replace(index, objects=objects)
    if partial:
        objects.update(
            (key, entry._replace(release=number))
            for key, entry in index.objects.items()
            if entry.release == index.latest and key not in done
        )
    objects.update((item.key, item.entry(number)) for item in plan.same)
    return replace(index, objects=objects, releases={**index.releases, number: now}, active=0)
