"""Pruning: old releases go when asked, and nothing else ever does."""

from datetime import timedelta
from io import BytesIO

import pytest
from proxy import Proxy
from static_site import Site

from flask_s3_static import PushError, S3StaticError
from flask_s3_static.bucket._index import Index
from flask_s3_static.bucket._prune import prune
from s3_saver import AccessDeniedError
from s3_saver.testing import S3Server

INDEX = ".flask-s3-static/index.json.gz"
HASHED = {"FLASKS3_HASHED_NAMES": True}
NO_AGE = timedelta(0)


def release(site: Site, content: str) -> str:
    """Push a release, and give the key of its hashed file."""
    site.write("static/a.css", content)
    site.push(config=HASHED)
    return site.url(site.app(**HASHED), "a.css").partition(f"{site.bucket}/")[2]


def test_rolling_deploy_and_rollback(site: Site) -> None:
    """Files of older releases stay, and going back to one uploads only its plain names."""
    first, second = release(site, "one"), release(site, "two")
    assert (site.read(first), site.read(second)) == (b"one", b"two")
    site.write("static/a.css", "one")
    assert list(site.push(config=HASHED).sent) == ["static/a.css"]
    assert site.url(site.app(**HASHED), "a.css").endswith(first)


def test_prune(site: Site) -> None:
    """Only keys of ours that no kept release has are removed."""
    keys = [release(site, str(number)) for number in range(5)]
    site.storage.save("static/foreign.css", BytesIO(b"x"))
    site.storage.save("static/a.0123456789abcdef.css", BytesIO(b"x"))
    report = prune(site.app(), keep=3, older_than=NO_AGE)
    assert sorted(report.deleted) == sorted(keys[:2])
    assert sorted(site.keys()) == sorted(
        [*keys[2:], "static/a.css", "static/foreign.css", "static/a.0123456789abcdef.css"]
    )
    assert prune(site.app(), keep=3, older_than=NO_AGE).deleted == {}


def test_age(site: Site) -> None:
    """What was replaced a moment ago stays for the time that was asked for."""
    for number in range(5):
        release(site, str(number))
    assert prune(site.app(), keep=1, older_than=timedelta(days=30)).deleted == {}


def test_gone_files(site: Site) -> None:
    """A file that the app no longer has goes with the releases that had it."""
    path = site.write("static/old.css", "old")
    release(site, "1")
    path.unlink()
    release(site, "2")
    assert site.storage.exists("static/old.css")
    assert "static/old.css" in prune(site.app(), keep=1, older_than=NO_AGE).deleted
    assert not site.storage.exists("static/old.css")


def test_rolled_back_release_stays(site: Site) -> None:
    """A file that came back is of the current release, however old it is."""
    first = release(site, "one")
    second = release(site, "two")
    release(site, "one")
    assert list(prune(site.app(), keep=1, older_than=NO_AGE).deleted) == [second]
    assert site.read(first) == b"one"


def test_dry_run(site: Site) -> None:
    """A dry run lists what would be deleted, and deletes nothing."""
    first = release(site, "1")
    release(site, "2")
    before = site.read(INDEX)
    report = prune(site.app(), keep=1, older_than=NO_AGE, dry_run=True)
    assert report.deleted == {first: 1}
    assert site.storage.exists(first)
    assert site.read(INDEX) == before


def test_a_failed_push_is_no_release(site: Site) -> None:
    """Files of a push that did not end are not removed."""
    release(site, "1")
    site.write("static/a.css", "2")
    site.write("static/b.css", "2")
    with pytest.raises(KeyboardInterrupt):
        site.push(config=HASHED, progress=_interrupt)
    kept = set(site.keys())
    assert prune(site.app(), keep=1, older_than=NO_AGE).deleted == {}
    assert set(site.keys()) == kept


def _interrupt(done: int, total: int) -> None:
    raise KeyboardInterrupt


def test_overtaken_by_a_push(site: Site, s3_server: S3Server, proxy: Proxy) -> None:
    """If a push changes the index meanwhile, nothing is removed."""
    first = release(site, "1")
    release(site, "2")
    app = site.app()
    site.config["FLASKS3_ENDPOINT_URL"] = s3_server.endpoint_url

    def overtake(method: str, path: str) -> None:
        if method == "PUT":
            release(site, "1")

    proxy.spoil = overtake
    with pytest.raises(S3StaticError, match="a push changed the index meanwhile"):
        prune(app, keep=1, older_than=NO_AGE)
    assert site.read(first) == b"1"


def test_a_push_while_pruning(site: Site, s3_server: S3Server, proxy: Proxy) -> None:
    """A push that needs what a prune is removing fails with the advice to push again."""
    first = release(site, "1")
    release(site, "2")
    app = site.app()
    site.config["FLASKS3_ENDPOINT_URL"] = s3_server.endpoint_url
    errors = []

    def overtake(method: str, path: str) -> None:
        if method == "DELETE" or "delete" in path:
            site.write("static/a.css", "1")
            try:
                site.push(config=HASHED)
            except S3StaticError as error:
                errors.append(str(error))

    proxy.spoil = overtake
    assert list(prune(app, keep=1, older_than=NO_AGE).deleted) == [first]
    assert [error[:33] for error in errors] == ["a prune is deleting 1 of these fi"]
    proxy.spoil = lambda method, path: None
    site.push(config=HASHED)
    assert site.read(first) == b"1"


def test_a_push_around_a_prune(site: Site) -> None:
    """A push that began before a prune of what it needs, and ends after it, says so."""
    first = release(site, "1")
    release(site, "2")
    site.write("static/a.css", "1")

    def overtake(done: int, total: int) -> None:
        prune(site.app(), keep=1, older_than=NO_AGE)

    with pytest.raises(PushError, match=f"a prune changed these meanwhile, push again: {first}"):
        site.push(config=HASHED, progress=overtake)
    site.push(config=HASHED)
    assert site.read(first) == b"1"


def test_other_pushes_while_pruning(site: Site, s3_server: S3Server, proxy: Proxy) -> None:
    """A push of other files goes through meanwhile, and neither loses what the other noted."""
    first = release(site, "1")
    release(site, "2")
    app = site.app()
    site.config["FLASKS3_ENDPOINT_URL"] = s3_server.endpoint_url

    def overtake(method: str, path: str) -> None:
        if method == "DELETE" or "delete" in path:
            release(site, "3")

    proxy.spoil = overtake
    prune(app, keep=1, older_than=NO_AGE)
    index = Index.from_bytes(site.read(INDEX))
    assert not index.leaving
    assert first not in index.objects
    assert len(index.releases) == 2
    assert len(site.push(config=HASHED).same) == 2


def test_cut_off(site: Site, proxy: Proxy) -> None:
    """A prune that was cut off in the middle leaves nothing behind: the next one goes on."""
    first = release(site, "1")
    release(site, "2")
    proxy.spoil = lambda method, path: 403 if method in ("POST", "DELETE") else None
    with pytest.raises(AccessDeniedError):
        prune(site.app(), keep=1, older_than=NO_AGE)
    proxy.spoil = lambda method, path: None
    assert site.storage.exists(first)
    assert prune(site.app(), keep=3, older_than=timedelta(days=30)).deleted == {first: 1}
    assert not site.storage.exists(first)
    assert prune(site.app(), keep=3, older_than=timedelta(days=30)).deleted == {}
