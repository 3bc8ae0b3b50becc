"""What a policy may open of a bucket that several packages share."""

import re

import pytest

from s3_saver import ArgumentError, PrefixRegistry, S3Storage
from s3_saver.setup import PublicRead, describe_plan, make_public_read, prefix_digest


def find(
    registry: PrefixRegistry, prefix: str, *, is_open: bool = True, owner: str = ""
) -> PublicRead:
    storage = S3Storage("media", prefix=prefix, region="eu-north-1")
    return make_public_read(registry, storage, package="Cats", is_open=is_open, owner=owner)


def announced(prefix: str, owner: str, *friends: str) -> PrefixRegistry:
    registry = PrefixRegistry()
    registry.announce(
        owner, storage_type="s3", bucket_name="media", prefix=prefix, shares_with=friends
    )
    return registry


def test_what_is_pending_stays_closed() -> None:
    """A prefix is open but for what anybody keeps pending in it."""
    registry = announced("cats", "cats")
    for prefix in ("cats/pending", "cats/.pending", "dogs/pending"):
        registry.announce_pending("any", storage_type="s3", bucket_name="media", prefix=prefix)
    read = find(registry, "cats")
    assert list(read.prefixes) == ["cats/"]
    assert list(read.closed) == ["cats/.pending/", "cats/pending/"]


def test_each_prefix_has_statements_of_its_own() -> None:
    """The Sids of two prefixes differ, and stay the same when the files become private: by them
    the statements are found that have to go."""
    registry = PrefixRegistry()
    sid = f"CatsPublicRead{prefix_digest('cats/')}"
    assert find(registry, "cats").sid == sid
    assert find(registry, "cats", is_open=False) == PublicRead(sid=sid)
    assert find(registry, "dogs").sid != sid
    assert re.fullmatch("[a-z0-9]{8}", prefix_digest(""))


@pytest.mark.parametrize(
    ("prefix", "message"),
    [
        ("", "prefix must be a folder such as 'uploads' .*, got '': .* the whole bucket; set a"),
        ("c*t", r"prefix must be a folder without .* where files are public, got 'c\*t': these"),
    ],
)
def test_prefixes_that_would_open_more(prefix: str, message: str) -> None:
    """The whole bucket is not opened, and nothing by a pattern; closed, such a prefix may be."""
    with pytest.raises(ArgumentError, match=message) as caught:
        find(PrefixRegistry(), prefix)
    assert caught.value.argument == "prefix"
    assert not find(PrefixRegistry(), prefix, is_open=False).prefixes


def test_pending_files_that_a_pattern_would_close() -> None:
    """A pending prefix that a policy would take for a pattern is the one that is named."""
    registry = announced("cats", "cats")
    registry.announce_pending("any", storage_type="s3", bucket_name="media", prefix="cats/a*b")
    with pytest.raises(ArgumentError, match=r"got 'cats/a\*b'"):
        find(registry, "cats")


@pytest.mark.parametrize("inside", ["cats/private", "cats/private/more"])
def test_places_inside_are_not_opened(inside: str) -> None:
    """What anybody has announced inside is not opened; what is around or next to it may be."""
    registry = announced(inside, "staff", "cats")
    registry.announce("cats", storage_type="s3", bucket_name="media", prefix="cats")
    with pytest.raises(ArgumentError, match=rf"of its own .* read s3://media/{inside}/ \(of staff"):
        find(registry, "cats")
    assert find(registry, f"{inside}/deep").prefixes
    assert find(registry, "cats-too").prefixes


def test_a_place_that_is_shared() -> None:
    """A place that others share as a whole is open, unless it is to be the owner's alone."""
    registry = announced("cats", "cats", "admin")
    assert find(registry, "cats", owner="cats").prefixes
    registry.announce("admin", storage_type="s3", bucket_name="media", prefix="cats")
    assert find(registry, "cats").prefixes
    with pytest.raises(ArgumentError, match=r"read s3://media/cats/ \(of admin\)"):
        find(registry, "cats", owner="cats")


def test_plans_are_numbered() -> None:
    """A plan has a number before each step, and is no empty text if there is none."""
    assert describe_plan(["make it", "open it\n{}"]) == "1. make it\n2. open it\n{}"
    assert describe_plan([]) == "nothing to do"
