"""A stored file as a value."""

import io
import json
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import pytest
from flask import Flask, jsonify
from sent_files import picture, posted
from upload_site import MakeSite, Site
from web import fetch

from flask_s3_upload import ConfigError, StoredFile, Uploads
from s3_saver import (
    ArgumentError,
    NotConfiguredError,
    NotFoundError,
    PrefixRegistry,
    S3Storage,
    UnboundError,
    UnsafeNameError,
    location_of,
)


def test_json_both_ways(site: Site) -> None:
    """What a model keeps as JSON becomes the same StoredFile again; Flask's jsonify takes it as it
    is."""
    with site.app.test_request_context():
        stored = site.uploads.save(posted(picture(), "Köln.png"))
        text = json.dumps(stored.to_dict())
        assert StoredFile.from_dict(json.loads(text)) == stored
        assert StoredFile.from_dict(jsonify(stored).get_json()) == stored


def test_paths_and_urls_on_disk(make_local: MakeSite) -> None:
    """A file on disk has a relative and an absolute path, and URLs under the app."""
    site = make_local()
    with site.app.test_request_context(base_url="https://example.com/app/"):
        stored = site.uploads.save(posted(b"x", "ä b.txt"), to="a/")
        assert stored.relative_path == "a/ä_b.txt"
        with open(stored.absolute_path, "rb") as file:
            assert file.read() == b"x"
        assert stored.relative_url == "/app/uploads/a/%C3%A4_b.txt"
        assert stored.url == "https://example.com/app/uploads/a/%C3%A4_b.txt"


def test_a_domain_for_urls_on_disk(make_local: MakeSite) -> None:
    """UPLOADS_DOMAIN makes absolute URLs, whatever host a request came to."""
    site = make_local(UPLOADS_DOMAIN="https://files.example.com/")
    with site.app.test_request_context():
        stored = site.uploads.save(posted(b"x", "a.txt"))
        assert stored.url == "https://files.example.com/uploads/a.txt"


def test_paths_and_urls_on_s3(make_s3: MakeSite) -> None:
    """An object has a key and a URL of the bucket, and no path on disk."""
    site = make_s3(UPLOADS_S3_PREFIX="some/folder")
    with site.app.app_context():
        stored = site.uploads.save(posted(b"x", "a b.txt"))
        assert stored.relative_path == "some/folder/a_b.txt"
        assert stored.url.endswith(f"/{stored.bucket_name}/some/folder/a_b.txt")
        assert stored.relative_url == f"/{stored.bucket_name}/some/folder/a_b.txt"
        with pytest.raises(UnboundError, match="no path on disk"):
            _ = stored.absolute_path


def test_a_cdn_stands_in_for_the_bucket(make_s3: MakeSite) -> None:
    """With UPLOADS_S3_CDN_DOMAIN URLs lead there."""
    site = make_s3(UPLOADS_S3_CDN_DOMAIN="cdn.example.com")
    with site.app.app_context():
        stored = site.uploads.save(posted(b"x", "a.txt"))
        assert stored.url.partition("://")[2] == "cdn.example.com/a.txt"


def _in_bucket(site: Site) -> StoredFile:
    stored = StoredFile("a.txt", 1, "text/plain", "s3", "my-bucket")
    return stored.bind(site.uploads.storages)


def test_urls_lead_where_the_sdk_is_sent(
    make_local: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that only the SDK's own variables name is where URLs and forms lead, too."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:9000")
    site = make_local(
        UPLOADS_S3_BUCKET_NAME="my-bucket",
        UPLOADS_S3_PREFIX="",
        UPLOADS_S3_ACCESS_KEY_ID="of the SDK's store",
        UPLOADS_S3_ACCESS_KEY_SECRET="secret",
    )
    with site.app.app_context():
        url = _in_bucket(site).url
    assert url == "http://localhost:9000/my-bucket/a.txt"
    assert site.sign(b"x")["url"] == "http://localhost:9000/my-bucket"


def test_amazon_s_urls_are_regional(make_local: MakeSite) -> None:
    """On Amazon, URLs name the bucket and its region; signing asks nothing of the network."""
    site = make_local(
        UPLOADS_S3_BUCKET_NAME="my-bucket",
        UPLOADS_S3_PREFIX="",
        UPLOADS_S3_REGION="eu-north-1",
        UPLOADS_S3_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE",
        UPLOADS_S3_ACCESS_KEY_SECRET="secret",
        UPLOADS_PRIVATE=True,
    )
    with site.app.app_context():
        url = _in_bucket(site).url
        assert url.startswith("https://my-bucket.s3.eu-north-1.amazonaws.com/a.txt?X-Amz-")
        assert url == _in_bucket(site).url


@pytest.mark.servers
def test_a_private_object_needs_its_url(make_s3: MakeSite) -> None:
    """With UPLOADS_PRIVATE the URL is signed: the bucket gives the file to it, and to no other."""
    site = make_s3(UPLOADS_PRIVATE=True)
    with site.app.app_context():
        url = site.uploads.save(posted(b"x", "a.txt")).url
    assert fetch(url).status == 200
    assert fetch(url.partition("?")[0]).status == 403


def test_open_and_delete(site: Site) -> None:
    """A stored file can be read and deleted; what is gone can be deleted again."""
    with site.app.app_context():
        stored = site.uploads.save(posted(b"meow", "a.txt"))
        with stored.open() as file:
            assert file.read() == b"meow"
        assert stored.exists()
        for _ in range(2):
            stored.delete()
        assert not stored.exists()
        with pytest.raises(NotFoundError):
            stored.open()


def test_without_an_app_there_is_no_url() -> None:
    """What from_dict makes is a plain value until it is bound; bound to an extension it looks its
    app up, so outside an app's context Flask says so, and in an app without uploads we do."""
    stored = StoredFile.from_dict({"name": "a.txt"})
    with pytest.raises(UnboundError, match="bind"):
        _ = stored.url
    stored = stored.bind(Uploads().storages)
    with pytest.raises(RuntimeError, match="application context"):
        _ = stored.url
    with Flask("bare").app_context(), pytest.raises(ConfigError):
        _ = stored.url


def test_a_row_leads_to_no_other_bucket(make_s3: MakeSite) -> None:
    """A row that names another bucket of the same keys, or an unknown kind of storage, is opened,
    shown and deleted by nothing; an allowed bucket is."""
    site = make_s3(UPLOADS_S3_ALLOWED_BUCKETS=["old-bucket"])
    with site.app.app_context():
        for stored, error in [
            (StoredFile("a.txt", storage_type="s3", bucket_name="payroll"), NotConfiguredError),
            (StoredFile("a.txt", storage_type="local"), ArgumentError),
        ]:
            bound = stored.bind(site.uploads.storages)
            for name in ("open", "delete", "exists"):
                with pytest.raises(error):
                    getattr(bound, name)()
            with pytest.raises(error):
                _ = bound.url
        old = StoredFile("a.txt", storage_type="s3", bucket_name="old-bucket")
        assert "old-bucket" in old.bind(site.uploads.storages).url


def test_a_row_on_s3_without_its_settings(make_local: MakeSite) -> None:
    """In an app whose S3 settings are gone, a row on S3 is an error that names the setting and
    never a wrong URL."""
    site = make_local()
    with site.app.test_request_context():
        for attribute in ("url", "permanent_url"):
            with pytest.raises(NotConfiguredError, match="S3_BUCKET_NAME"):
                getattr(_in_bucket(site), attribute)


def test_browsers_may_reach_the_store_elsewhere(make_s3: MakeSite) -> None:
    """With a public endpoint, what browsers get leads there; the app goes on asking its own."""
    site = make_s3(UPLOADS_S3_PUBLIC_ENDPOINT_URL="https://s3.example.com", UPLOADS_PRIVATE=True)
    with site.app.app_context():
        stored = site.uploads.save(posted(b"x", "a.txt"))
        assert stored.url.startswith(f"https://{stored.bucket_name}.s3.example.com/a.txt?")
        with stored.open() as file:
            assert file.read() == b"x"
    assert site.sign(b"x")["url"].startswith(f"https://{stored.bucket_name}.s3.example.com")


def test_places_are_announced(make_s3: MakeSite) -> None:
    """Other packages learn where users' files are; who keeps others there is refused."""
    site = make_s3(UPLOADS_S3_PREFIX="media", UPLOADS_S3_ALLOWED_BUCKETS=["old-bucket"])
    registry = PrefixRegistry.of(site.app.extensions)
    for bucket_name in (site.app.config["UPLOADS_S3_BUCKET_NAME"], "old-bucket"):
        assert registry.find_key(bucket_name, "media/a.png")
        assert not registry.find_key(bucket_name, "static/app.css")
    assert registry.find_path(site.app.config["UPLOADS_FOLDER"] / "a.png")
    app = Flask("other")
    PrefixRegistry.of(app.extensions).announce(
        "another", storage_type="s3", bucket_name="my-bucket", prefix="media/cats"
    )
    app.config.update(
        UPLOADS_S3_BUCKET_NAME="my-bucket", UPLOADS_S3_PREFIX="media", S3_REGION="eu-north-1"
    )
    with pytest.raises(ConfigError, match="UPLOADS_S3_PREFIX"):
        Uploads(app)


@pytest.mark.parametrize("private", [True, False])
def test_what_waits_for_another_package_has_no_url(make_site: MakeSite, private: bool) -> None:
    """A folder of uploads that nobody has checked, which the admin has in ours, is not served."""
    site = make_site(UPLOADS_PRIVATE=private)
    storage = site.storage
    storage.save(".pending/a.svg", io.BytesIO(b"<svg/>"))
    registry = PrefixRegistry.of(site.app.extensions)
    if isinstance(storage, S3Storage):
        registry.announce_pending(
            "flask_admin_s3_upload",
            storage_type="s3",
            bucket_name=storage.bucket_name,
            prefix=storage.key(".pending"),
        )
    else:
        registry.announce_pending("flask_admin_s3_upload", folder=storage.path(".pending"))
    stored = StoredFile(".pending/a.svg", 6, "", *location_of(storage))
    with site.app.test_request_context():
        stored = stored.bind(site.uploads.storages)
        for attribute in ("url", "permanent_url"):
            with pytest.raises(UnsafeNameError, match="nobody has claimed"):
                getattr(stored, attribute)
    if not (private or stored.storage_type):
        assert site.client.get("/uploads/.pending/a.svg").status_code == 404


@pytest.mark.parametrize("name", ["../logout", "a/../../b", "/etc/passwd", "a//b", ""])
@pytest.mark.parametrize("private", [True, False])
def test_a_row_s_name_is_guarded(make_site: MakeSite, name: str, private: bool) -> None:
    """No URL is made of a name that open would refuse, on a disk either: it could lead to another
    page of the app."""
    site = make_site(UPLOADS_PRIVATE=private)
    stored = StoredFile(name, bucket_name="", storage_type="").bind(site.uploads.storages)
    with site.app.test_request_context():
        for attribute in ("url", "permanent_url"):
            with pytest.raises(UnsafeNameError):
                getattr(stored, attribute)
        with pytest.raises(UnsafeNameError):
            stored.open()


@pytest.mark.parametrize("private", [True, False])
def test_what_is_pending_has_no_url(make_site: MakeSite, private: bool) -> None:
    """A row that names a pending upload, which nobody has checked, gets no URL of any kind."""
    site = make_site(UPLOADS_PRIVATE=private)
    site.upload(picture())
    (name,) = site.names("pending/")
    bucket_name = getattr(site.storage, "bucket_name", "")
    stored = StoredFile(name, storage_type="s3" if bucket_name else "", bucket_name=bucket_name)
    stored = stored.bind(site.uploads.storages)
    with site.app.test_request_context():
        for name in ("url", "permanent_url"):
            with pytest.raises(UnsafeNameError, match="claim"):
                getattr(stored, name)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        (b"caf\xe9.txt", "a/caf"),  # Latin-1, as on old disks
        (b"gr\xc3\xbc\xc3\x9fe.txt", "a/gr\u00fc\u00dfe.txt"),
        (None, "a/file"),  # a temporary file, whose name is a number
    ],
)
def test_files_of_a_script(site: Site, tmp_path: Path, name: bytes | None, wanted: str) -> None:
    """A file of whatever name can be saved from a disk; what is stored of its name is text, and its
    URLs are ones."""
    with ExitStack() as stack:
        if name is None:
            file: IO[bytes] = stack.enter_context(tempfile.TemporaryFile())
        else:
            path = Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name)))
            path.write_bytes(b"x")
            file = stack.enter_context(open(os.fsencode(path), "rb"))
        stack.enter_context(site.app.test_request_context())
        stored = site.uploads.save(file, to="a/")
        assert stored.name.startswith(wanted)
        assert json.dumps(stored.to_dict(), ensure_ascii=False).encode()
        for url in (stored.url, stored.permanent_url, stored.download_url()):
            assert url.isascii()
