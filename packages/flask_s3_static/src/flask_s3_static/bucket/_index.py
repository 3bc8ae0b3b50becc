"""The index: what we have put into the bucket, kept in the bucket as one object."""

import gzip
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from ..exceptions import S3StaticError

_VERSION = 1
_DAMAGE = (
    OSError,
    EOFError,
    zlib.error,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RecursionError,
)
_TIME = "%Y-%m-%dT%H:%M:%SZ"


class Entry(NamedTuple):
    """An object of ours.

    :param digest: of the file's bytes, before any compression; the first half of SHA-256.
    :param headers: the fingerprint of the headers that it was stored with.
    :param size: of the file in bytes, before any compression.
    :param release: the number of the last release that it was part of.
    """

    digest: str
    headers: str
    size: int
    release: int


class DamagedIndexError(S3StaticError):
    """What stands in the index's place is no index. It is as good as none."""


@dataclass(frozen=True)
class Index:
    """What is in the bucket, and since when.

    :param objects: by key.
    :param releases: the time in UTC of each, by its number.
    :param leaving: objects that a prune is deleting, or was when it was cut off: their sizes by
        key. Nobody may count on these being there.
    :param active: the number of the release that was activated after a later one; 0 if the latest
        is active.
    """

    objects: Mapping[str, Entry] = field(default_factory=dict)
    releases: Mapping[int, datetime] = field(default_factory=dict)
    leaving: Mapping[str, int] = field(default_factory=dict)
    active: int = 0

    @property
    def latest(self) -> int:
        return max(self.releases, default=0)

    def current_keys(self) -> set[str]:
        return {key for key, entry in self.objects.items() if entry.release == self.latest}

    def to_bytes(self) -> bytes:
        oldest = min((entry.release for entry in self.objects.values()), default=self.latest)
        table = {
            "version": _VERSION,
            "releases": {
                number: time.strftime(_TIME)
                for number, time in self.releases.items()
                if number >= min(oldest, self.latest)
            },
            "objects": dict(sorted(self.objects.items())),
            "leaving": dict(sorted(self.leaving.items())),
            "active": self.active,
        }
        text = json.dumps(table, separators=(",", ":"), ensure_ascii=False)
        return gzip.compress(text.encode(), 6, mtime=0)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Index":
        """Read an index.

        :raises DamagedIndexError: it is none.
        :raises S3StaticError: a later version of this package wrote it.
        """
        try:
            table = json.loads(gzip.decompress(data))
            version = table["version"]
            if version == _VERSION:
                headers: dict[str, str] = {}  # thousands of entries share few fingerprints
                return cls(
                    {
                        key: Entry(digest, headers.setdefault(h, h), int(size), int(release))
                        for key, (digest, h, size, release) in table["objects"].items()
                    },
                    {
                        int(number): datetime.strptime(time, _TIME).replace(tzinfo=UTC)
                        for number, time in table["releases"].items()
                    },
                    {key: int(size) for key, size in table["leaving"].items()},
                    int(table["active"]),
                )
        except _DAMAGE as error:
            raise DamagedIndexError(str(error)) from error
        raise S3StaticError(
            f"the index in the bucket has version {version!r}, this package reads {_VERSION}: "
            "upgrade flask-s3-static"
        )


def merge(
    base: Index, ours: Index, theirs: Index, *, needed: Iterable[str], failed: Iterable[str]
) -> tuple[Index, list[str]]:
    """Bring together what two pushes did at once to the bucket that *base* describes.

    :param needed: the keys that ours needs to be as it left them.
    :param failed: the keys that ours could not store: nobody knows which bytes S3 has.
    :return: the index for both, and those needed keys that the other one has changed: nobody knows
        which bytes S3 kept, so they are left out of the index.
    """
    objects: dict[str, Entry] = dict(theirs.objects)
    disputed = []
    needed = set(needed)
    for key in {*ours.objects, *needed}:
        before, mine, other = (index.objects.get(key) for index in (base, ours, theirs))
        if _same(mine, other) and mine and other:
            objects[key] = max(mine, other, key=lambda entry: entry.release)
        elif _same(before, other) and mine:
            objects[key] = mine
        elif key in needed:
            disputed.append(key)
            objects.pop(key, None)
    for key in failed:
        objects.pop(key, None)
    releases = {**ours.releases, **theirs.releases}
    return Index(objects, releases, theirs.leaving, ours.active), sorted(disputed)


def _same(one: Entry | None, other: Entry | None) -> bool:
    if one is None or other is None:
        return one is other
    return one[:2] == other[:2]


def prunable(index: Index, *, keep: int, older_than: timedelta, now: datetime) -> list[str]:
    """Return the keys that are in none of the last *keep* releases nor in the active one, and have
    been out of use for longer than *older_than*.
    """
    numbers = sorted(index.releases)
    kept = {*numbers[-keep:], index.active}
    replaced = dict(pairwise(numbers))  # by the release after it
    return sorted(
        key
        for key, entry in index.objects.items()
        if entry.release not in kept
        and (after := replaced.get(entry.release))
        and now - index.releases[after] > older_than
    )
