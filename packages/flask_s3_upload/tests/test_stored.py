"""A stored file as a value."""

import json

import pytest
from flask import jsonify
from sent_files import picture, posted
from upload_site import MakeSite, Site
from web import fetch

from flask_s3_upload import ConfigError, StoredFile
from s3_saver import NotFoundError


def test_json_both_ways(site: Site) -> None:
    """What a model keeps as JSON becomes the same StoredFile again; Flask's jsonify takes it as it
    is."""
    with site.app.test_request_context():
        stored = site.uploads.save(posted(picture(), "Köln.png"))
        text = json.dumps(stored.to_dict())
        assert StoredFile.from_dict(json.loads(text)) == stored
        assert StoredFile.from_dict(jsonify(stored).get_json()) == stored


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"name": "a"},
        {"name": "a", "size": "1", "content_type": "b"},
        {"name": 1, "size": 1, "content_type": "b"},
        {"name": "a", "size": 1, "content_type": "b", "storage_type": None},
        {"name": "a", "size": 1, "content_type": "b", "color": "red"},
    ],
)
def test_what_is_no_stored_file(data: dict[str, object]) -> None:
    """Other JSON is a ValueError that shows it."""
    with pytest.raises(ValueError, match="StoredFile"):
        StoredFile.from_dict(data)


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
        with pytest.raises(ValueError, match="no path on disk"):
            _ = stored.absolute_path


def test_a_cdn_stands_in_for_the_bucket(make_s3: MakeSite) -> None:
    """With UPLOADS_S3_CDN_DOMAIN URLs lead there."""
    site = make_s3(UPLOADS_S3_CDN_DOMAIN="cdn.example.com")
    with site.app.app_context():
        stored = site.uploads.save(posted(b"x", "a.txt"))
        assert stored.url.partition("://")[2] == "cdn.example.com/a.txt"


def test_urls_lead_where_the_sdk_is_sent(
    make_local: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that only the SDK's own variables name is where URLs and forms lead, too."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:9000")
    site = make_local(
        UPLOADS_S3_BUCKET_NAME="my-bucket",
        UPLOADS_S3_ACCESS_KEY_ID="of the SDK's store",
        UPLOADS_S3_ACCESS_KEY_SECRET="secret",
    )
    with site.app.app_context():
        url = StoredFile("a.txt", 1, "text/plain", "s3", "my-bucket").url
    assert url == "http://localhost:9000/my-bucket/a.txt"
    assert site.sign(b"x")["url"] == "http://localhost:9000/my-bucket"


def test_amazon_s_urls_are_regional(make_local: MakeSite) -> None:
    """On Amazon, URLs name the bucket and its region; signing asks nothing of the network."""
    site = make_local(
        UPLOADS_S3_BUCKET_NAME="my-bucket",
        UPLOADS_S3_REGION="eu-north-1",
        UPLOADS_S3_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE",
        UPLOADS_S3_ACCESS_KEY_SECRET="secret",
        UPLOADS_PRIVATE=True,
    )
    with site.app.app_context():
        url = StoredFile("a.txt", 1, "text/plain", "s3", "my-bucket").url
        assert url.startswith("https://my-bucket.s3.eu-north-1.amazonaws.com/a.txt?X-Amz-")
        assert url == StoredFile("a.txt", 1, "text/plain", "s3", "my-bucket").url


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
        assert stored.ready()
        for _ in range(2):
            stored.delete()
        assert not stored.ready()
        with pytest.raises(NotFoundError):
            stored.open()


def test_without_an_app_there_is_no_url() -> None:
    """Outside an app's context Flask says so; in an app without uploads, we do."""
    from flask import Flask

    stored = StoredFile("a.txt", 1, "text/plain")
    with pytest.raises(RuntimeError, match="application context"):
        _ = stored.url
    with Flask("bare").app_context(), pytest.raises(ConfigError):
        _ = stored.url
