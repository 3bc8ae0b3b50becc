"""The URLs of files: signed or public, of a CDN, of the app."""

from pathlib import Path
from typing import Any

import pytest
from admin_site import MakeSite
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask import Flask
from places import DiskPlace

from flask_admin_s3_upload import S3FileUploadField, S3ImageUploadField
from flask_admin_s3_upload._settings import Settings
from flask_admin_s3_upload.fields.finding._options import FileOptions
from flask_admin_s3_upload.fields.showing._urls import Urls, _signer_of
from s3_saver import ArgumentError, ConfigError, LocalStorage, S3Storage, UnsafeNameError
from s3_saver.testing import MemoryStorage

KEYS: dict[str, Any] = {"access_key_id": "id", "access_key_secret": "secret"}


def urls(**options: Any) -> Urls:
    """What a field with these options has, in no app."""
    return Urls.of(FileOptions(**{"storage_type": "", **options}), Settings.current())


@pytest.mark.parametrize("name", ["../a", "/a", "a/../b", "a\\b", "", "a//b", "a\0b"])
@pytest.mark.parametrize("storage", [LocalStorage("/srv"), S3Storage("my-bucket"), MemoryStorage()])
def test_no_url_leads_out(storage: Any, name: str) -> None:
    """For no storage is there a URL of an unsafe name."""
    with pytest.raises(UnsafeNameError):
        urls(endpoint="static").find(storage, name)


def test_urls_on_s3() -> None:
    """The region's host, or the endpoint's; signed unless the public may read."""
    amazon = S3Storage("my-bucket", region="eu-north-1", **KEYS)
    public = urls(private=False)
    assert public.find(amazon, "a b.txt") == (
        "https://my-bucket.s3.eu-north-1.amazonaws.com/a%20b.txt"
    )
    minio = S3Storage("my-bucket", endpoint_url="http://127.0.0.1:9000", region="x", **KEYS)
    assert public.find(minio, "a.txt") == "http://127.0.0.1:9000/my-bucket/a.txt"
    signed = urls().find(amazon, "a.txt")
    assert signed is not None
    assert "X-Amz-Signature=" in signed
    assert "%2Feu-north-1%2Fs3%2F" in signed
    assert urls(acl="public-read").find(amazon, "a.txt") == public.find(amazon, "a.txt")
    assert "X-Amz-Signature=" in (urls(acl="public-read", private=True).find(amazon, "a") or "")
    cdn = urls(cdn_domain="cdn.example.com").find(amazon, "a.txt")
    assert cdn == "https://cdn.example.com/a.txt"


def test_a_signed_url_is_the_same_for_a_while() -> None:
    """So that browsers cache the preview: it changes by the hour, not by the page."""
    storage = S3Storage("my-bucket", region="eu-north-1", **KEYS)
    found = {urls().find(storage, "a.txt") for _ in range(3)}

    assert len(found) <= 2  # the hour may turn in between


def test_private_excludes_a_cdn() -> None:
    """Asked for signed, it never returns unsigned."""
    with pytest.raises(ArgumentError, match="private must be left out with cdn_domain='cdn.ex"):
        urls(private=True, cdn_domain="cdn.example.com")


def test_a_shared_cdn_serves_private_files_with_cloudfront_s_key_only() -> None:
    """Without the key, they are signed for S3 itself."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    storage = S3Storage("my-bucket", region="eu-north-1", **KEYS)
    app = Flask("site")
    app.config["S3_CDN_DOMAIN"] = "cdn.example.com"
    with app.app_context():
        by_s3 = urls().find(storage, "a.txt") or ""
        app.config.update(S3_CLOUDFRONT_KEY_ID="K123", S3_CLOUDFRONT_PRIVATE_KEY=pem)
        by_cdn = urls().find(storage, "a.txt") or ""

    assert by_s3.startswith("https://my-bucket.s3.eu-north-1.amazonaws.com/a.txt?X-Amz-")
    assert by_cdn.startswith("https://cdn.example.com/a.txt?Expires=")
    assert "Key-Pair-Id=K123" in by_cdn


def test_a_key_that_cannot_sign_is_refused_by_its_setting() -> None:
    """When the settings are read, and not by a page; it is not shown."""
    app = Flask("site")
    app.config["S3_CDN_DOMAIN"] = "cdn.example.com"
    app.config.update(S3_CLOUDFRONT_KEY_ID="K123", S3_CLOUDFRONT_PRIVATE_KEY="hush")
    with pytest.raises(ConfigError, match="S3_CLOUDFRONT_PRIVATE_KEY must be") as raised:
        Settings.from_app(app)

    assert "hush" not in str(raised.value)


def test_a_key_is_read_once_for_all_pages() -> None:
    """A field is made for each page, and what it signs within an hour is signed once."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    storage = S3Storage("my-bucket", region="eu-north-1", **KEYS)
    app = Flask("site")
    app.config.update(S3_CDN_DOMAIN="cdn.example.com", S3_CLOUDFRONT_KEY_ID="K123")
    app.config["S3_CLOUDFRONT_PRIVATE_KEY"] = pem
    _signer_of.cache_clear()
    with app.app_context():
        assert all(urls().find(storage, "a.txt") for _ in range(3))

    assert _signer_of.cache_info().misses == 1


def test_a_cdn_serves_the_field_s_own_bucket_alone() -> None:
    """What a row names in a bucket that is allowed besides has the URL of that bucket."""
    found = Urls.of(
        FileOptions(storage_type="", private=False, cdn_domain="cdn.example.com"),
        Settings.current(),
        "a-b",
    )
    assert found.find(S3Storage("a-b", region="eu-north-1", **KEYS), "a") == (
        "https://cdn.example.com/a"
    )
    assert found.find(S3Storage("older", region="eu-north-1", **KEYS), "a") == (
        "https://older.s3.eu-north-1.amazonaws.com/a"
    )


def test_files_in_the_static_folder_have_a_url_without_an_endpoint(tmp_path: Path) -> None:
    """By where they are."""
    app = Flask("site", static_folder=str(tmp_path / "static"))
    with app.test_request_context():
        inside = LocalStorage(tmp_path / "static" / "up")
        assert urls().find(inside, "a.txt") == "/static/up/a.txt"
        assert urls().find(LocalStorage(tmp_path / "private"), "a.txt") is None
        assert urls().find(MemoryStorage(), "a.txt") is None


def test_the_static_endpoint_serves_what_is_in_its_folder_alone(tmp_path: Path) -> None:
    """It is the default of pictures: one that is kept elsewhere has no link that leads nowhere."""
    app = Flask("site", static_folder=str(tmp_path / "static"))
    with app.test_request_context():
        static = urls(endpoint="static")
        assert static.find(LocalStorage(tmp_path / "instance"), "a.png") is None
        assert static.find(LocalStorage(tmp_path / "static"), "a.png") == "/static/a.png"
        found = urls(endpoint="static", url_relative_path="cats")
        assert found.find(LocalStorage(tmp_path / "instance"), "a.png") == "/static/cats/a.png"


def test_a_region_that_is_not_known_is_said_once_in_words(
    make_site: MakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is signed for us-east-1 in silence, and the page is shown without the link."""
    options = {"storage_type": "s3", "bucket_name": "my-bucket", **KEYS}
    site = make_site(S3ImageUploadField, options)
    site.insert(title="one", file="a.png")

    page = site.form()

    assert (page.pictures, page.links("a.png")) == ([], [])
    (record,) = caplog.records
    assert "region must be the bucket's own, such as 'eu-north-1', to sign for" in record.message
    assert "set it by the field's option, or by S3_REGION for all" in record.message


def test_a_route_that_takes_no_file_name_breaks_no_page(
    make_site: MakeSite, disk: DiskPlace, caplog: pytest.LogCaptureFixture
) -> None:
    """The endpoint is there, but of another kind."""
    site = make_site(S3FileUploadField, {**disk.options, "endpoint": "by_number"})
    site.app.add_url_rule("/files/<int:number>", "by_number", lambda number: "")
    site.insert(title="one", file="a.txt")

    assert site.form().links("a.txt") == []
    assert "'a.txt' is shown without a link: Could not build url" in caplog.text
