"""What a push refuses, it refuses before it makes the bucket or sends a file, and in a dry run."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from proxy import Proxy
from static_site import Site

from flask_s3_static import ConfigError, S3StaticError
from flask_s3_static.bucket import _store
from flask_s3_static.bucket._store import put_index, read_index
from s3_saver import BucketNotFoundError

both = pytest.mark.parametrize("dry_run", [False, True], ids=["push", "dry run"])
INDEX = ".flask-s3-static/index.json.gz"


def assert_nothing_is_there(site: Site) -> None:
    """Not even the bucket."""
    with pytest.raises(BucketNotFoundError):
        site.keys()


@both
def test_an_index_that_would_be_too_long(
    site: Site, dry_run: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More objects than an index has place for are refused, with what makes them fewer."""
    monkeypatch.setattr(_store, "_MOST_BYTES", 300)
    for number in range(20):
        site.write(f"static/{number}.js", str(number))
    words = r"index of 20 objects takes \d+ bytes, of 300 that can be: .*prune.*FLASKS3_EXCLUDE"
    with pytest.raises(S3StaticError, match=words):
        site.push(dry_run=dry_run)
    assert_nothing_is_there(site)


def test_an_index_that_grows_too_long(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """What older releases have counts, too; what the bucket has stays, and can be pushed again."""
    site.write("static/a.js", "a")
    site.push()
    monkeypatch.setattr(_store, "_MOST_BYTES", len(site.read(INDEX)) + 20)
    site.write("static/a.js", "another")
    assert site.push().changed == ["static/a.js"]
    before = site.read(INDEX)
    for number in range(20):
        site.write(f"static/{number}.js", str(number))
    with pytest.raises(S3StaticError, match="the index of 21 objects"):
        site.push()
    assert (site.keys(), site.read(INDEX)) == (["static/a.js"], before)


@both
@pytest.mark.parametrize("place", ["static/a.js", "static/a.js/m.json", "static"])
def test_a_manifest_that_cannot_be_written(site: Site, dry_run: bool, place: str) -> None:
    """A manifest in the place of a folder, or below a file, is refused by its setting."""
    site.write("static/a.js", "a")
    site.config.update(FLASKS3_HASHED_NAMES=True, FLASKS3_MANIFEST_FROM_BUCKET=True)
    site.config["FLASKS3_MANIFEST"] = str(site.folder / place)
    if place == "static/a.js":  # a file may be replaced
        assert site.push(dry_run=dry_run).new
        return
    with pytest.raises(ConfigError, match="manifest cannot be written.*FLASKS3_MANIFEST") as error:
        site.push(dry_run=dry_run)
    assert error.value.setting == "FLASKS3_MANIFEST"
    assert_nothing_is_there(site)


@both
@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_manifest_in_a_folder_that_is_closed(site: Site, dry_run: bool) -> None:
    """A folder that may not be written is named."""
    site.write("static/a.js", "a")
    site.config["FLASKS3_HASHED_NAMES"] = True
    (site.folder / "instance").mkdir(mode=0o500)
    with pytest.raises(ConfigError, match="Permission denied: .*instance"):
        site.push(dry_run=dry_run)
    assert_nothing_is_there(site)


def test_a_dry_run_writes_no_manifest(site: Site) -> None:
    """A dry run makes neither the manifest nor its folder."""
    site.write("static/a.js", "a")
    site.config["FLASKS3_HASHED_NAMES"] = True
    site.push(dry_run=True)
    assert sorted(path.name for path in Path(site.folder).iterdir()) == ["static"]


@both
def test_a_prune_that_was_stopped(site: Site, dry_run: bool) -> None:
    """Files that a prune is deleting are not pushed until it has ended."""
    site.write("static/a.js", "a")
    site.write("static/b.js", "b")
    site.push(filepath_filter_regex="a")
    stored = read_index(site.storage, INDEX)
    leaving = replace(stored.index, leaving={"static/b.js": 1})
    put_index(site.storage, INDEX, leaving, stored.etag)
    with pytest.raises(S3StaticError, match="a prune is deleting 1 of these files"):
        site.push(dry_run=dry_run)
    assert site.keys() == ["static/a.js"]


@both
@pytest.mark.parametrize("distribution", ["", "d111111abcdef8.cloudfront.net", "arn:aws:x", "e1"])
def test_what_is_no_distribution(site: Site, dry_run: bool, distribution: str) -> None:
    """What can be no distribution's id, an empty variable of a script too, is refused."""
    site.write("static/a.js", "a")
    with pytest.raises(ValueError, match=f"must be an id, such as .*, got {distribution!r}"):
        site.push(dry_run=dry_run, invalidate_distribution=distribution)
    assert_nothing_is_there(site)


def test_a_bucket_that_forbids_public_policies(site: Site, proxy: Proxy) -> None:
    """It is asked before files go up; a dry run warns; without a policy nothing is asked."""
    site.write("static/a.js", "a")
    site.storage.client.create_bucket(Bucket=site.bucket)
    site.storage.client.put_public_access_block(
        Bucket=site.bucket, PublicAccessBlockConfiguration={"BlockPublicPolicy": True}
    )
    (warning,) = site.push(dry_run=True, write_public_policy=True).warnings
    assert "`flask s3-static setup` loosens it" in warning
    with pytest.raises(S3StaticError, match=r'nothing was uploaded: "Block public access" of'):
        site.push(write_public_policy=True)
    assert site.keys() == []
    assert site.push().new == ["static/a.js"]
    assert not [one for one in proxy.requests if "policy" in one[1] and one[0] == "PUT"]


@pytest.mark.parametrize("status", [403, 501])
def test_a_switch_that_cannot_be_read(site: Site, proxy: Proxy, status: int) -> None:
    """A store that does not know the switch, or does not show it, is asked by the policy itself."""
    site.write("static/a.js", "a")
    proxy.spoil = lambda method, path: status if "publicAccessBlock" in path else None
    assert site.push(write_public_policy=True).policy
    assert "FlaskS3StaticPublicRead" in str(
        site.storage.client.get_bucket_policy(Bucket=site.bucket)["Policy"]
    )
