"""Pushing to a bucket: what goes up, what does not, and what happens when things go wrong."""

import gzip
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import brotli  # type: ignore[import-untyped]
import pytest
from proxy import Proxy
from static_site import Site

from flask_s3_static import CollectError, ConfigError, PushError, create_all
from flask_s3_static.bucket._index import Index
from s3_saver import AccessDeniedError
from s3_saver.testing import S3Server

INDEX = ".flask-s3-static/index.json.gz"
DAY = "max-age=86400"


def index_of(site: Site) -> Index:
    return Index.from_bytes(site.read(INDEX))


def test_first_push(site: Site) -> None:
    """The bucket is made, and every file is in it under its URL path."""
    site.write("static/app.css", "a {}")
    site.write("static/img/logo.svg", "<svg/>")
    report = site.push()
    assert report.creates_bucket
    assert report.new == ["static/app.css", "static/img/logo.svg"]
    assert report.sent == {"static/app.css": 4, "static/img/logo.svg": 6}
    assert site.keys() == report.new
    assert site.read("static/app.css") == b"a {}"


def test_plan_kinds(site: Site) -> None:
    """The plan distinguishes new, changed, headers changed, same and gone files."""
    for name in ["changed.css", "other.txt", "same.js", "gone.js"]:
        site.write(f"static/{name}", f"first {name}")
    site.push()
    site.write("static/changed.css", "second")
    site.write("static/new.js", "new")
    os.remove(site.folder / "static/gone.js")
    headers = {"FLASKS3_FILEPATH_HEADERS": {r"\.txt$": {"Cache-Control": DAY}}}
    report = site.push(config=headers)
    assert report.new == ["static/new.js"]
    assert report.changed == ["static/changed.css"]
    assert report.headers_changed == ["static/other.txt"]
    assert report.same == ["static/same.js"]
    assert report.gone == ["static/gone.js"]
    assert site.head("static/other.txt")["CacheControl"] == DAY
    assert site.storage.exists("static/gone.js")
    assert site.push(config=headers).gone == []


def test_nothing_changed(site: Site, proxy: Proxy) -> None:
    """Where nothing changed there is no PUT, and at most three requests are made."""
    for number in range(20):
        site.write(f"static/{number}.js", str(number))
    site.push()
    proxy.requests.clear()
    report = site.push()
    assert len(report.same) == 20
    assert proxy.count("PUT") == 0
    assert len(proxy.requests) <= 3


@pytest.mark.parametrize("encoding", ["FLASKS3_GZIP", "FLASKS3_BROTLI"])
def test_fresh_checkout(site: Site, proxy: Proxy, encoding: str) -> None:
    """New modification times cost no PUT, nor do compressed files or those stored in parts."""
    site.config[encoding] = True
    small = site.write("static/app.js", "var a = 1;" * 100)
    big = site.write("static/big.bin", os.urandom(9 * 1024 * 1024))
    site.push()
    for path in (small, big):
        os.utime(path, (time.time() + 1000, time.time() + 1000))
    proxy.requests.clear()
    assert len(site.push().same) == 2
    assert proxy.count("PUT") + proxy.count("POST") == 0


def test_dry_run(site: Site, proxy: Proxy) -> None:
    """A dry run gives the plan, and writes nothing, not even the bucket."""
    site.write("static/app.css", "a {}")
    report = site.push(dry_run=True)
    assert (report.new, report.sent, report.creates_bucket) == (["static/app.css"], {}, True)
    assert {method for method, _ in proxy.requests} <= {"GET", "HEAD"}


def test_lost_index(site: Site, proxy: Proxy) -> None:
    """A lost index costs one comparison by listing; no asset is uploaded again."""
    site.config["FLASKS3_GZIP"] = True
    for number in range(50):
        site.write(f"static/{number}.js", f"{number};" * 50)
    site.write("static/big.bin", os.urandom(9 * 1024 * 1024))
    site.push()
    site.lose_index()
    proxy.requests.clear()
    report = site.push()
    assert (len(report.there), report.sent) == (51, {})
    assert [path.partition("?")[0] for method, path in proxy.requests if method == "PUT"] == [
        f"/{site.bucket}/{INDEX}"
    ]
    assert len(proxy.requests) <= 8
    assert len(site.push().same) == 51


@pytest.mark.parametrize("damage", [b"", b"not gzip", gzip.compress(b"[]"), gzip.compress(b"{}")])
def test_damaged_index(site: Site, damage: bytes) -> None:
    """A damaged index is as good as a lost one, and replaced."""
    site.write("static/app.css", "a {}")
    site.push()
    site.storage.client.put_object(Bucket=site.bucket, Key=INDEX, Body=damage)
    report = site.push()
    assert (report.there, report.sent) == (["static/app.css"], {})
    assert list(index_of(site).objects) == ["static/app.css"]


def test_lost_index_and_other_headers(site: Site) -> None:
    """Objects that a listing shows, but with headers other than ours, are uploaded again."""
    site.write("static/app.css", "a {}")
    site.write("static/app.js", "1")
    site.push()
    site.lose_index()
    report = site.push(config={"FLASKS3_FILEPATH_HEADERS": {"css$": {"Cache-Control": DAY}}})
    assert (list(report.sent), report.there) == (["static/app.css"], ["static/app.js"])
    assert site.head("static/app.css")["CacheControl"] == DAY


def test_lost_index_and_metadata(site: Site) -> None:
    """Metadata, dates and other headers that are right are recognised as such."""
    site.config["FLASKS3_HEADERS"] = {
        "Expires": "Thu, 15 Apr 2032 20:00:00 GMT",
        "Content-Language": "en",
        "Owner": "Mister Foo",
    }
    site.write("static/app.css", "a {}")
    site.push()
    site.lose_index()
    assert site.push().there == ["static/app.css"]


def test_later_index(site: Site) -> None:
    """An index of a later version of this package is not overwritten."""
    site.write("static/app.css", "a {}")
    site.push()
    later = gzip.compress(b'{"version": 2}')
    site.storage.client.put_object(Bucket=site.bucket, Key=INDEX, Body=later)
    with pytest.raises(Exception, match="version 2.*upgrade flask-s3-static"):
        site.push()
    assert site.read(INDEX) == later


def test_failing_objects(site: Site, proxy: Proxy) -> None:
    """What fails is named with its reason, the rest is stored, and the next push does the rest."""
    for number in range(20):
        site.write(f"static/{number}.js", str(number))
    proxy.spoil = lambda method, path: 400 if method == "PUT" and "/7.js" in path else None
    with pytest.raises(PushError, match=r"1 file failed:\nstatic/7.js: .*Spoiled") as caught:
        site.push()
    assert list(caught.value.report.failed) == ["static/7.js"]
    assert len(caught.value.report.sent) == 19
    proxy.spoil = lambda method, path: None
    assert list(site.push().sent) == ["static/7.js"]


def test_a_failed_change_is_not_taken_for_the_old(site: Site, proxy: Proxy) -> None:
    """After a failed upload nobody knows what S3 has, so going back to the old file uploads it."""
    site.write("static/a.js", "old")
    site.write("static/b.js", "old")
    site.push()
    site.write("static/a.js", "new")
    site.write("static/b.js", "new")
    proxy.spoil = lambda method, path: "lose" if method == "PUT" and "a.js" in path else None
    with pytest.raises(PushError):
        site.push()
    proxy.spoil = lambda method, path: None
    site.write("static/a.js", "old")
    site.push()
    assert site.read("static/a.js") == b"old"


def test_failure_beside_another_push(site: Site, proxy: Proxy, s3_server: S3Server) -> None:
    """What failed stays unknown, too, when another push wrote the index meanwhile."""
    path = site.write("static/a.js", "old")
    site.write("static/b.js", "b")
    site.push()
    path.write_text("new")
    site.write("static/c.js", "c")
    other = site.app(FLASKS3_ENDPOINT_URL=s3_server.endpoint_url)

    def spoil(method: str, url: str) -> str | None:
        if method == "PUT" and "index" in url and not other.config.get("DONE"):
            other.config["DONE"] = True
            path.write_text("old")
            create_all(other, filepath_filter_regex="[ab].js")
        return "lose" if method == "PUT" and "a.js" in url else None

    proxy.spoil = spoil
    with pytest.raises(PushError, match="static/a.js"):
        site.push()
    proxy.spoil = lambda method, url: None
    site.push()
    assert site.read("static/a.js") == b"old"


@pytest.mark.parametrize("fault", [500, 503, "cut", "lose"])
def test_passing_faults(site: Site, proxy: Proxy, fault: int | str) -> None:
    """A server that answers by an error, or a connection that breaks, now and then: no failure."""
    for number in range(12):
        site.write(f"static/{number}.js", f"content {number}")
    seen: set[str] = set()

    def spoil(method: str, path: str) -> int | str | None:
        key = path.partition("?")[0]
        if method != "PUT" or ".js" not in key or key in seen:
            return None
        seen.add(key)
        return fault

    proxy.spoil = spoil
    assert len(site.push().sent) == 12
    assert site.read("static/7.js") == b"content 7"


def test_presigned_requests_refused(site: Site, proxy: Proxy) -> None:
    """Where a policy refuses presigned requests, all goes up by the SDK's own."""
    site.write("static/a.js", "a")
    proxy.spoil = lambda method, path: 403 if "X-Amz-Signature" in path else None
    assert list(site.push().sent) == ["static/a.js"]


def test_hopeless(site: Site, proxy: Proxy) -> None:
    """Where nothing succeeds, the rest is not tried one by one."""
    for number in range(300):
        site.write(f"static/{number}.js", str(number))
    proxy.spoil = lambda method, path: 403 if method == "PUT" else None
    site.storage.client.create_bucket(Bucket=site.bucket)
    with pytest.raises(PushError, match="more were not tried") as caught:
        site.push()
    assert len(caught.value.report.failed) < 100
    assert all(isinstance(e, AccessDeniedError) for e in caught.value.report.failed.values())


def test_interrupted(site: Site, proxy: Proxy) -> None:
    """A push that is interrupted has noted what it stored; the next one does the rest."""
    for number in range(200):
        site.write(f"static/{number}.js", str(number))

    interrupted = threading.Event()

    def hold_back(method: str, path: str) -> None:
        if sum(done == "PUT" and "/static/" in url for done, url in proxy.requests) > 20:
            interrupted.wait(30)

    def interrupt(done: int, total: int) -> None:
        if done == 20:
            interrupted.set()
            raise KeyboardInterrupt

    proxy.spoil = hold_back
    with pytest.raises(KeyboardInterrupt):
        site.push(progress=interrupt)
    stored = set(site.keys())
    assert 20 <= len(stored) < 200
    assert set(index_of(site).objects) == stored
    report = site.push()
    assert set(report.same) == stored
    assert len(report.sent) == 200 - len(stored)


def test_killed(site: Site, proxy: Proxy) -> None:
    """After a push that died without writing its index, the next one uploads only the rest."""
    for number in range(40):
        site.write(f"static/{number}.js", str(number))
    site.push(filepath_filter_regex="^0.js")
    before = site.read(INDEX)
    site.push(filepath_filter_regex="^[1-3].?.js")
    site.storage.client.put_object(Bucket=site.bucket, Key=INDEX, Body=before)
    report = site.push()
    assert len(report.there) == 33
    assert len(report.sent) == 6


def test_concurrent_pushes_of_one_tree(site: Site) -> None:
    """Of several pushes of the same files at once, all succeed, and the index has everything."""
    for number in range(30):
        site.write(f"static/{number}.js", str(number))
    site.storage.client.create_bucket(Bucket=site.bucket)
    errors = []

    def push() -> None:
        try:
            site.push()
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=push) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(index_of(site).objects) == 30
    assert len(site.push().same) == 30


def test_concurrent_pushes_of_other_files(site: Site) -> None:
    """A push that another one overtook keeps what the other has written into the index."""
    site.write("static/a.js", "a")
    site.write("static/b.js", "b")

    def overtake(done: int, total: int) -> None:
        site.push(filepath_filter_regex="b.js")

    site.push(filepath_filter_regex="a.js", progress=overtake)
    assert sorted(index_of(site).objects) == ["static/a.js", "static/b.js"]


def test_concurrent_pushes_that_disagree(site: Site) -> None:
    """Two pushes of one key with other bytes: the later one reports it, the next one fixes it."""
    site.write("static/a.js", "first")
    site.push()
    path = site.write("static/a.js", "second")

    def overtake(done: int, total: int) -> None:
        path.write_text("third")
        site.push()

    with pytest.raises(PushError, match=r"changed these meanwhile, push again: static/a.js"):
        site.push(progress=overtake)
    assert site.push().new == ["static/a.js"]
    assert site.read("static/a.js") == b"third"


def test_a_file_that_changes_meanwhile(site: Site, proxy: Proxy) -> None:
    """A file that is not what the plan saw fails, and is not stored under a wrong digest."""
    path = site.write("static/a.js", "before")

    def change(method: str, url: str) -> None:
        if "list-type=2" in url:
            path.write_text("after!")

    proxy.spoil = change
    with pytest.raises(PushError, match="a.js' changed while it was pushed: push again"):
        site.push()
    assert list(site.push().sent) == ["static/a.js"]


def test_force(site: Site) -> None:
    """Asked to, a push uploads everything."""
    site.write("static/a.js", "a")
    site.push()
    assert list(site.push(force=True).sent) == ["static/a.js"]


def test_force_and_the_manifest(site: Site) -> None:
    """That includes the manifest in the bucket, should somebody have deleted it."""
    site.write("static/a.js", "a")
    site.config["FLASKS3_HASHED_NAMES"] = True
    site.push()
    site.storage.delete(".flask-s3-static/manifest.json")
    site.push(force=True)
    assert site.storage.exists(".flask-s3-static/manifest.json")


def test_only_modified_false(site: Site) -> None:
    """FLASKS3_ONLY_MODIFIED = False uploads everything, each time."""
    site.write("static/a.js", "a")
    site.push()
    assert list(site.push(config={"FLASKS3_ONLY_MODIFIED": False}).sent) == ["static/a.js"]
    assert site.push(config={"FLASKS3_ONLY_MODIFIED": True}).sent == {}


def test_gzip(site: Site) -> None:
    """FLASKS3_GZIP compresses what gets smaller, and says so; the same bytes each time."""
    site.write("static/app.js", "var a = 1;" * 100)
    site.write("static/tiny.js", "1")
    site.write("static/photo.jpg", b"\xff\xd8" + b"a" * 1000)
    site.write("static/data.tar.gz", gzip.compress(b"x" * 5000))
    site.push(config={"FLASKS3_GZIP": True})
    head = site.head("static/app.js")
    assert (head["ContentEncoding"], head["ContentType"]) == (
        "gzip",
        "text/javascript; charset=utf-8",
    )
    stored = site.storage.client.get_object(Bucket=site.bucket, Key="static/app.js")["Body"].read()
    assert gzip.decompress(stored) == b"var a = 1;" * 100
    assert stored[4:8] == bytes(4)
    for name in ["tiny.js", "photo.jpg", "data.tar.gz"]:
        assert "ContentEncoding" not in site.head(f"static/{name}")


def test_brotli(site: Site) -> None:
    """FLASKS3_BROTLI compresses by brotli."""
    site.write("static/app.js", "var a = 1;" * 100)
    site.push(config={"FLASKS3_BROTLI": True, "FLASKS3_GZIP": True})
    assert site.head("static/app.js")["ContentEncoding"] == "br"
    assert brotli.decompress(site.read("static/app.js")) == b"var a = 1;" * 100


@pytest.mark.parametrize("encoding", ["gzip", "brotli"])
def test_big_files_are_compressed(site: Site, encoding: str) -> None:
    """Files too big to hold are compressed, too, if that helps."""
    data = b"0123456789abcdef" * 600_000
    site.write("static/big.json", data)
    site.write("static/random.bin", os.urandom(9 * 1024 * 1024))
    site.push(config={f"FLASKS3_{encoding.upper()}": True})
    unpack = gzip.decompress if encoding == "gzip" else brotli.decompress
    stored = site.storage.client.get_object(Bucket=site.bucket, Key="static/big.json")["Body"]
    assert unpack(stored.read()) == data
    assert "ContentEncoding" not in site.head("static/random.bin")


def test_gzip_only_some(site: Site) -> None:
    """FLASKS3_GZIP_ONLY_EXTS leaves files of other extensions as they are."""
    for name in ["app.js", "app.css"]:
        site.write(f"static/{name}", "0123456789" * 100)
    site.push(config={"FLASKS3_GZIP": True, "FLASKS3_GZIP_ONLY_EXTS": [".css"]})
    assert "ContentEncoding" not in site.head("static/app.js")
    assert site.head("static/app.css")["ContentEncoding"] == "gzip"


def test_headers(site: Site) -> None:
    """Headers for all files and for some are stored; those that S3 has no place for as metadata."""
    site.write("static/a.txt", "a")
    site.write("static/a.js", "a")
    site.push(
        config={
            "FLASKS3_HEADERS": {
                "Expires": "Thu, 15 Apr 2010 20:00:00 GMT",
                "cache-control": "max-age=86400",
            },
            "FLASKS3_FILEPATH_HEADERS": {r".txt$": {"Texted-Up-By": "Mister Foo"}},
        }
    )
    text, script = site.head("static/a.txt"), site.head("static/a.js")
    assert text["Metadata"] == {"texted-up-by": "Mister Foo"}
    assert script["Metadata"] == {}
    for head in (text, script):
        assert head["CacheControl"] == "max-age=86400"
        assert head["Expires"] == datetime(2010, 4, 15, 20, tzinfo=UTC)


def test_cache_control(site: Site) -> None:
    """FLASKS3_USE_CACHE_CONTROL gives every file the FLASKS3_CACHE_CONTROL."""
    site.write("static/a.js", "a")
    site.push(config={"FLASKS3_USE_CACHE_CONTROL": True, "FLASKS3_CACHE_CONTROL": DAY})
    assert site.head("static/a.js")["CacheControl"] == DAY


def test_empty_and_unicode(site: Site) -> None:
    """Empty files, and names of any language and with reserved characters, go up."""
    names = ["empty.css", "grüße.css", "日本 語.js", "a+b%20&c=1#?.txt", "\u00e9.txt", "'\"().js"]
    for name in names:
        site.write(f"static/{name}", "" if name == "empty.css" else name)
    site.push()
    assert sorted(site.keys()) == sorted(f"static/{name}" for name in names)
    assert site.read("static/empty.css") == b""
    assert site.read("static/日本 語.js").decode() == "日本 語.js"


def test_unsafe_names(site: Site) -> None:
    """A name that cannot be a key is refused before anything is uploaded."""
    site.write("static/a.js", "a")
    site.write("static/back\\slash.js", "b")
    with pytest.raises(CollectError, match="backslash"):
        site.push()
    with pytest.raises(Exception, match="no bucket"):
        site.keys()


def test_filter(site: Site) -> None:
    """A filter limits a push to some files; the others are not gone."""
    for name in ["css/a.css", "js/a.js"]:
        site.write(f"static/{name}", name)
    site.push()
    site.write("static/css/a.css", "other")
    site.write("static/js/a.js", "other")
    report = site.push(filepath_filter_regex="^css")
    assert (list(report.sent), report.gone) == (["static/css/a.css"], [])
    assert site.push().changed == ["static/js/a.js"]


def test_hidden(site: Site) -> None:
    """Hidden files go up only if asked for."""
    site.write("static/a.js", "a")
    site.write("static/.hidden", "b")
    assert site.push().new == ["static/a.js"]
    assert site.push(include_hidden=True).new == ["static/.hidden"]


def test_arguments(site: Site, s3_server: S3Server) -> None:
    """Credentials, bucket and place may be given to create_all as they were to Flask-S3's."""
    site.write("static/a.js", "a")
    app = site.app(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None, FLASKS3_BUCKET_NAME=None)
    create_all(
        app,
        s3_server.access_key_id,
        s3_server.access_key_secret,
        site.bucket,
        "DEFAULT",
        False,
        None,
    )
    assert site.keys() == ["static/a.js"]
    with pytest.raises(ConfigError, match="user and password belong together"):
        create_all(app, user="me", bucket_name=site.bucket)
    with pytest.raises(
        ConfigError, match=r"S3_BUCKET_NAME is missing: set it, .* or pass bucket_name"
    ):
        create_all(app)


def test_prefix(site: Site) -> None:
    """FLASKS3_PREFIX is a folder in the bucket, in keys and URLs."""
    site.write("static/a.js", "a")
    site.config["FLASKS3_PREFIX"] = "/assets/v1/"
    assert site.push().new == ["assets/v1/static/a.js"]
    assert site.url(site.app(), "a.js").endswith("/assets/v1/static/a.js")
    assert site.storage.exists(".flask-s3-static/assets/v1/index.json.gz")


def test_no_app(site: Site) -> None:
    """Without a static file, or with a filter and hashed names, the error says what to do."""
    with pytest.raises(CollectError, match="there is no static file"):
        site.push()
    site.write("static/a.js", "a")
    with pytest.raises(CollectError, match="FLASKS3_HASHED_NAMES"):
        site.push(config={"FLASKS3_HASHED_NAMES": True}, filepath_filter_regex="a")


def test_the_index_that_cannot_be_written(site: Site, proxy: Proxy) -> None:
    """An index that cannot be written is named as what failed, and costs no second upload."""
    site.write("static/a.js", "a")
    proxy.spoil = lambda method, path: 403 if method == "PUT" and "index" in path else None
    with pytest.raises(PushError, match=r"1 file failed:\n\.flask-s3-static/index\.json\.gz: "):
        site.push()
    proxy.spoil = lambda method, path: None
    assert site.push().there == ["static/a.js"]


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_stopped_command(site: Site, proxy: Proxy, how: signal.Signals, code: int) -> None:
    """The command, interrupted or killed in the middle, leaves whole files, and goes on after."""
    for number in range(300):
        site.write(f"static/{number}.js", str(number))
    begun, stopped = threading.Event(), threading.Event()

    def hold(method: str, path: str) -> None:
        if method == "PUT" and ".js" in path and len(proxy.requests) > 40:
            begun.set()
            stopped.wait(30)
            time.sleep(0.05)  # one after another: the command hears the signal before the last

    proxy.spoil = hold
    script = f"""
from flask import Flask
from flask_s3_static import FlaskS3
app = Flask("site", root_path={str(site.folder)!r}, instance_path={str(site.folder)!r})
app.config.update({site.config!r})
FlaskS3(app)
"""
    path = site.write("wsgi.py", script)
    command = [sys.executable, "-m", "flask", "--app", str(path), "s3-static", "push"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert begun.wait(30)
    process.send_signal(how)
    stopped.set()
    _, errors = process.communicate(timeout=30)
    assert process.returncode == code
    assert errors == ("\nInterrupted. Run it again to resume.\n" if how == signal.SIGINT else "")
    stored = site.keys()
    assert 0 < len(stored) < 300
    for key in stored[:10]:
        assert site.read(key).decode() == key.removeprefix("static/").removesuffix(".js")
    proxy.spoil = lambda method, path: None
    report = site.push()
    assert set(stored) <= {*report.same, *report.there}
    assert all(site.read(f"static/{number}.js") == str(number).encode() for number in range(300))
