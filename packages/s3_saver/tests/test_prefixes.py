"""The registry of prefixes that hold users' files."""

from pathlib import Path
from typing import Any

import pytest

from s3_saver import (
    AnnouncedPrefix,
    ArgumentError,
    ConfigError,
    LocalStorage,
    PrefixRegistry,
    S3Storage,
    Storage,
)
from s3_saver.testing import MemoryStorage


@pytest.fixture
def registry() -> PrefixRegistry:
    """Uploads in a bucket and on disk."""
    registry = PrefixRegistry()
    registry.announce("uploads", storage_type="s3", bucket_name="media", prefix="/up/")
    registry.announce("uploads", folder="/srv/uploads")
    return registry


def test_an_app_has_one_registry() -> None:
    """All extensions find the same one, whichever comes first."""
    extensions: dict[str, Any] = {}
    registry = PrefixRegistry.of(extensions)
    assert PrefixRegistry.of(extensions) is registry
    assert extensions == {"s3_saver": registry}


@pytest.mark.parametrize(
    ("bucket_name", "key", "is_users"),
    [
        ("media", "up/cat.jpg", True),
        ("media", "up/", True),
        ("media", "upload/cat.jpg", False),
        ("media", "up", False),
        ("media", "static/up/cat.jpg", False),
        ("other", "up/cat.jpg", False),
    ],
)
def test_keys_of_users_are_known(
    registry: PrefixRegistry, bucket_name: str, key: str, is_users: bool
) -> None:
    """By whole folders, in the bucket that was announced."""
    found = registry.find_key(bucket_name, key)
    assert found == (AnnouncedPrefix("uploads", "s3", "media", "up/") if is_users else None)


@pytest.mark.parametrize(
    ("path", "is_users"),
    [
        ("/srv/uploads/cat.jpg", True),
        ("/srv/static/../uploads/cat.jpg", True),
        ("/srv/uploads-of-others/cat.jpg", False),
        ("/srv/static/uploads/cat.jpg", False),
    ],
)
def test_paths_of_users_are_known(registry: PrefixRegistry, path: str, is_users: bool) -> None:
    """However the path is written."""
    assert bool(registry.find_path(path)) is is_users


def test_a_whole_bucket_can_be_announced() -> None:
    """Without a prefix every key is a user's."""
    registry = PrefixRegistry()
    registry.announce("uploads", storage_type="s3", bucket_name="media")
    assert registry.find_key("media", "any/key")


@pytest.mark.parametrize(
    "place",
    [
        {"storage_type": "s3", "bucket_name": "media", "prefix": "up"},
        {"storage_type": "s3", "bucket_name": "media", "prefix": "up/thumbnails"},
        {"storage_type": "s3", "bucket_name": "media"},
        {"folder": "/srv/uploads"},
        {"folder": "/srv/uploads/thumbnails"},
        {"folder": "/srv"},
        {"folder": "/"},
    ],
)
def test_two_owners_do_not_hold_each_other_s_files(
    registry: PrefixRegistry, place: dict[str, Any]
) -> None:
    """The same place, one inside the other or around it: the error names both."""
    with pytest.raises(ConfigError, match=r"\(of thumbnails\) and .* \(of uploads\) hold each"):
        registry.announce("thumbnails", **place)
    assert len(list(registry)) == 2


def test_names_that_only_begin_alike_do_not_overlap(registry: PrefixRegistry) -> None:
    """Names that only begin alike, and other buckets, are no overlap."""
    registry.announce("a", storage_type="s3", bucket_name="media", prefix="uploads")
    registry.announce("b", storage_type="s3", bucket_name="other", prefix="up")
    registry.announce("c", folder="/srv/uploads-of-others")
    assert [one.owner for one in registry] == ["uploads", "uploads", "a", "b", "c"]


def test_an_owner_may_announce_again_and_others_may_share(registry: PrefixRegistry) -> None:
    """An admin's fields lie in the uploads' folder on purpose."""
    registry.announce("uploads", folder="/srv/uploads")
    registry.announce("uploads", folder="/srv/uploads/big")
    registry.announce("admin", folder="/srv/uploads", shares_with=["uploads"])
    assert [one.owner for one in registry] == ["uploads", "uploads", "uploads", "admin"]


def test_who_shares_may_come_first() -> None:
    """Which extension is set up first makes no difference; only that place is shared."""
    registry = PrefixRegistry()
    registry.announce("thumbnails", folder="/srv/uploads", shares_with=["uploads"])
    registry.announce("thumbnails", folder="/srv/thumbnails")
    registry.announce("uploads", folder="/srv/uploads")
    with pytest.raises(ConfigError, match="hold each other's files"):
        registry.announce("uploads", folder="/srv/thumbnails")
    with pytest.raises(ConfigError, match="hold each other's files"):
        registry.announce("others", folder="/srv/uploads")


def test_what_a_policy_would_open_is_found(registry: PrefixRegistry) -> None:
    """A prefix that is inside, around or the same holds users' files; a free one does not."""

    def owners(prefix: str) -> list[str]:
        found = registry.overlaps(storage_type="s3", bucket_name="media", prefix=prefix)
        return [one.owner for one in found]

    assert owners("") == ["uploads"]
    assert owners("up/public") == ["uploads"]
    assert owners("static") == []
    assert registry.overlaps(folder=Path("/srv")) == [
        AnnouncedPrefix("uploads", "", "", "/srv/uploads/")
    ]


def test_what_waits_is_known_by_every_way_that_leads_there() -> None:
    """A storage whose root or prefix is above that of the uploads leads to the same files."""
    registry = PrefixRegistry()
    registry.announce_pending("uploads", folder="/srv/media/up/pending")
    registry.announce_pending(
        "uploads", storage_type="s3", bucket_name="media", prefix="media/up/pending"
    )
    ways: list[tuple[Storage, str]] = [
        (LocalStorage("/srv/media/up"), "pending/a"),
        (LocalStorage("/srv"), "media/up/pending/a"),
        (S3Storage("media", prefix="media/up"), "pending/a"),
        (S3Storage("media"), "media/up/pending/a"),
    ]
    for storage, name in ways:
        assert registry.is_pending(storage, name)
        assert not registry.is_pending(storage, name.replace("pending", "pending2"))
    assert not registry.is_pending(S3Storage("another", prefix="media/up"), "pending/a")
    assert not registry.is_pending(MemoryStorage(), "pending/a")
    assert list(registry) == []


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ({}, "folder must be the path of a folder .* got None"),
        ({"storage_type": "s3"}, "bucket_name must be the name of a bucket"),
        ({"storage_type": "gcs"}, "storage_type must be 's3'"),
        ({"storage_type": "s3", "bucket_name": "b", "folder": "/srv"}, "folder must be None where"),
        ({"storage_type": "s3", "bucket_name": "b", "prefix": "../up"}, "prefix '../up/' is not"),
    ],
)
def test_wrong_places_are_refused(place: dict[str, Any], message: str) -> None:
    """The error names the argument."""
    with pytest.raises(ArgumentError, match=message):
        PrefixRegistry().announce("uploads", **place)


def test_pending_prefixes_inside_an_open_one() -> None:
    """A policy that opens a prefix finds what must stay closed in it, of any owner."""
    registry = PrefixRegistry()
    for bucket, prefix in [
        ("b", "up/pending"),
        ("b", "up/.pending"),
        ("b", "uploads/pending"),
        ("other", "up/pending"),
    ]:
        registry.announce_pending("x", storage_type="s3", bucket_name=bucket, prefix=prefix)
    registry.announce_pending("x", folder="/srv/up/pending")
    assert registry.pending_prefixes("b", "up") == ["up/.pending/", "up/pending/"]
    assert registry.pending_prefixes("c", "up/") == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"folder": ""}, "folder must be the path of a folder .* got ''"),
        ({"folder": "/srv/x", "shares_with": "thumbnails"}, "shares_with must be a list such as"),
    ],
)
def test_what_would_announce_something_else_is_refused(
    registry: PrefixRegistry, arguments: dict[str, Any], message: str
) -> None:
    """No setting that is empty announces the working directory, and no text is taken for a list."""
    before = list(registry)
    with pytest.raises(ArgumentError, match=message):
        registry.announce("more", **arguments)
    assert list(registry) == before
