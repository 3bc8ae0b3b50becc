"""The index: what it keeps, how two pushes come together in it, and what may go."""

import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest

from flask_s3_static import S3StaticError
from flask_s3_static.bucket._index import DamagedIndexError, Entry, Index, merge, prunable

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def entry(digest: str, release: int = 1) -> Entry:
    return Entry(digest, "h", 1, release)


def index(release: int = 1, **digests: str) -> Index:
    return Index({key: entry(digest, release) for key, digest in digests.items()}, {release: NOW})


def test_round_trip() -> None:
    """What is written is read back, and the same index gives the same bytes."""
    before = Index({"ü": entry("a"), "b": entry("c", 2)}, {1: NOW, 2: NOW}, {"d": 3})
    after = Index.from_bytes(before.to_bytes())
    assert after == before
    assert after.to_bytes() == before.to_bytes()


def test_old_releases_are_forgotten() -> None:
    """Releases that no object is of any more are not kept."""
    before = Index({"a": entry("x", 3)}, dict.fromkeys(range(1, 5), NOW))
    assert sorted(Index.from_bytes(before.to_bytes()).releases) == [3, 4]


@pytest.mark.parametrize(
    "table",
    [
        [],
        {"version": 1},
        {"version": 1, "objects": {"a": ["x"]}, "releases": {}},
        {"version": 1, "objects": {}, "releases": {"one": "x"}, "leaving": {}},
        {"version": 1, "objects": {}, "releases": {}, "leaving": []},
    ],
)
def test_damage(table: object) -> None:
    """An object that is no index is reported as damaged."""
    with pytest.raises(DamagedIndexError):
        Index.from_bytes(gzip.compress(json.dumps(table).encode()))
    with pytest.raises(DamagedIndexError):
        Index.from_bytes(Index().to_bytes()[:-9])
    with pytest.raises(DamagedIndexError):
        Index.from_bytes(gzip.compress(b"[" * 100_000))


def test_later_version() -> None:
    """An index of a later version is no damage: the package must be upgraded."""
    with pytest.raises(S3StaticError, match="version 9, this package reads 1: upgrade"):
        Index.from_bytes(gzip.compress(b'{"version": 9}'))


def merged_with(base: Index, ours: Index, theirs: Index) -> tuple[Index, list[str]]:
    return merge(base, ours, theirs, needed=["a"], failed=[])


def test_merge_of_other_keys() -> None:
    """What only one of two pushes changed is taken from that one."""
    base = index(a="1", b="1", c="1")
    merged, disputed = merged_with(base, index(2, a="2", b="1", c="1"), index(2, a="1", b="2"))
    assert {key: found.digest for key, found in merged.objects.items()} == {"a": "2", "b": "2"}
    assert disputed == []


def test_merge_of_the_same() -> None:
    """What both have made alike is no dispute, and is of the later release."""
    merged, disputed = merged_with(Index(), index(3, a="1"), index(2, a="1"))
    assert (merged.objects["a"], disputed) == (entry("1", 3), [])


@pytest.mark.parametrize("theirs", [index(2, a="3"), index(2, b="1")])
def test_merge_of_what_differs(theirs: Index) -> None:
    """What both have changed, or the other has removed, is disputed and left out."""
    merged, disputed = merged_with(index(a="1"), index(2, a="2"), theirs)
    assert disputed == ["a"]
    assert "a" not in merged.objects


def test_merge_after_a_failure() -> None:
    """A key that ours failed to store is left out, though the other one believes it to be there."""
    theirs = index(2, a="1", b="1")
    merged, disputed = merge(index(a="1"), Index(), theirs, needed=[], failed=["a"])
    assert (sorted(merged.objects), disputed) == (["b"], [])


def test_merge_while_pruning() -> None:
    """What another one is deleting stays known as that."""
    theirs = Index(leaving={"b": 1})
    merged, _ = merge(index(a="1"), index(a="1"), theirs, needed=[], failed=[])
    assert merged.leaving == {"b": 1}


def releases(*days_ago: int) -> dict[int, datetime]:
    return {number: NOW - timedelta(days=days) for number, days in enumerate(days_ago, 1)}


@pytest.mark.parametrize(
    ("keep", "days", "wanted"),
    [
        (1, 0, ["r1", "r2", "r3"]),
        (2, 0, ["r1", "r2"]),
        (9, 0, []),
        (1, 30, ["r1", "r2"]),
        (1, 55, ["r1"]),
        (3, 55, ["r1"]),
        (1, 61, []),
    ],
)
def test_prunable(keep: int, days: int, wanted: list[str]) -> None:
    """Both must hold: in none of the last releases, and replaced for longer than the age."""
    objects = {f"r{number}": entry("x", number) for number in range(1, 6)}
    found = Index(objects, releases(90, 60, 40, 10))
    age = timedelta(days=days)
    assert prunable(found, keep=keep, older_than=age, now=NOW) == wanted
