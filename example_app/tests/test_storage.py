"""The URLs of uploads."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask

from example_app.storage import file_url, uploads
from example_app.tests.support import Browser, MakeApp, Settings, stored_files, the_name
from s3_saver import AccessDeniedError, StoredFile

PUBLIC = {
    "USE_S3": True,
    "S3_PRIVATE": False,
    "S3_BUCKET_NAME": "pictures",
    "S3_REGION": "eu-north-1",
}
PRIVATE = {
    **PUBLIC,
    "S3_PRIVATE": True,
    "S3_ACCESS_KEY_ID": "key",
    "S3_ACCESS_KEY_SECRET": "secret",
}


def url_in(app: Flask, storage_type: str = "s3", bucket_name: str = "pictures") -> str:
    file = StoredFile("thingy/a b.jpg", storage_type=storage_type, bucket_name=bucket_name)
    with app.test_request_context():
        return file_url(file.bind(uploads.storages)) or ""


def test_the_path_is_the_same_everywhere(make_app: MakeApp) -> None:
    """An upload has the same path on disk and on S3: a bucket can be filled from the folder."""
    app = make_app(PUBLIC)
    assert url_in(app, "", "") == "/uploads/thingy/a%20b.jpg"
    assert url_in(app) == "https://pictures.s3.eu-north-1.amazonaws.com/uploads/thingy/a%20b.jpg"


def test_browsers_may_reach_the_store_by_another_address(make_app: MakeApp) -> None:
    """URLs are for the address that browsers reach, and pages may load from there."""
    addresses = {
        "S3_ENDPOINT_URL": "http://s3:9000",
        "S3_PUBLIC_ENDPOINT_URL": "https://files.example.com",
        "S3_URL_STYLE": "path",
    }
    app = make_app({**PRIVATE, **addresses})
    assert url_in(app).startswith("https://files.example.com/pictures/uploads/thingy/a%20b.jpg?")
    policy = app.test_client().get("/status").headers["Content-Security-Policy"]
    assert "default-src 'self' https://files.example.com;" in policy


def test_no_row_leads_into_another_bucket(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    """A row that names a bucket which the settings don't has no URL, and the log says why."""
    assert url_in(make_app(PRIVATE), bucket_name="secrets") == ""
    assert "s3://secrets is not one of the buckets that may be reached" in caplog.text
    allowed = make_app({**PRIVATE, "S3_ALLOWED_BUCKETS": ["secrets"]})
    assert url_in(allowed, bucket_name="secrets").startswith("https://secrets.s3.eu-north-1.")


def test_pages_outlive_the_settings_of_s3(
    make_app: MakeApp, on_s3: Settings, on_disk: Settings, jpeg: bytes
) -> None:
    """A picture on S3 in an app whose settings for S3 are gone is a placeholder; it is neither
    reached nor deleted, and can be replaced.
    """
    before = make_app(on_s3)
    Browser(before).upload(jpeg)
    app = make_app(on_disk)

    browser = Browser(app)
    assert (browser.status, browser.page.original_url) == (200, None)
    assert browser.thumbnail_url.startswith("data:image/svg")
    browser.upload(jpeg)

    assert browser.fetch(browser.original_url) == (200, jpeg)
    assert len(stored_files(before)) == 1


def test_private_pictures_are_signed(make_app: MakeApp) -> None:
    """The URL of a private picture is signed, for an hour at least, and for the bucket's region."""
    query = parse_qs(urlsplit(url_in(make_app(PRIVATE))).query)
    assert "/eu-north-1/s3/" in query["X-Amz-Credential"][0]
    assert int(query["X-Amz-Expires"][0]) >= 3600
    assert query["X-Amz-Signature"]


def test_temporary_credentials_are_signed_in(
    make_app: MakeApp, environment: pytest.MonkeyPatch
) -> None:
    """A session token is part of the URL, without which S3 would refuse temporary credentials."""
    # A region of its own: s3_saver keeps a client, and its keys, for each way to reach S3.
    keys = {"S3_ACCESS_KEY_ID": None, "S3_ACCESS_KEY_SECRET": None, "S3_REGION": "eu-south-2"}
    app = make_app({**PRIVATE, **keys})
    environment.setenv("AWS_ACCESS_KEY_ID", "key")
    environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    environment.setenv("AWS_SESSION_TOKEN", "token")
    assert "X-Amz-Security-Token=token" in url_in(app)


def test_credentials_come_from_the_sdk_otherwise(
    make_app: MakeApp, environment: pytest.MonkeyPatch
) -> None:
    """Without keys in the settings, the AWS SDK finds them: here in its own variables."""
    # A region of its own, as above.
    keys = {"S3_ACCESS_KEY_ID": None, "S3_ACCESS_KEY_SECRET": None, "S3_REGION": "eu-central-2"}
    app = make_app({**PRIVATE, **keys})
    environment.setenv("AWS_ACCESS_KEY_ID", "found")
    environment.setenv("AWS_SECRET_ACCESS_KEY", "found")
    assert "X-Amz-Credential=found" in url_in(app)


def test_no_credentials_are_told(make_app: MakeApp) -> None:
    """Where there are no credentials at all, the error says what to set."""
    app = make_app({"USE_S3": True, "S3_BUCKET_NAME": "pictures", "S3_REGION": "eu-west-3"})
    with pytest.raises(AccessDeniedError, match="set AWS_ACCESS_KEY_ID and AWS_SECRET"):
        url_in(app)


def test_an_unknown_storage_type_is_an_error(make_app: MakeApp) -> None:
    """A row that names a storage which nobody knows gets no URL."""
    with pytest.raises(ValueError, match="storage_type must be 's3', or '' .*, got 'ftp'"):
        url_in(make_app(PUBLIC), "ftp")


def test_a_private_picture_needs_its_signature(
    make_app: MakeApp, on_s3: Settings, jpeg: bytes
) -> None:
    """Without its signature the URL of a picture in a private bucket leads to nothing."""
    browser = Browser(make_app(on_s3))
    browser.upload(jpeg)

    bare_url = browser.original_url.partition("?")[0]

    assert requests.get(bare_url, timeout=10).status_code == 403


@pytest.mark.servers
def test_a_signature_is_for_one_picture(make_app: MakeApp, on_s3: Settings, jpeg: bytes) -> None:
    """A signature with one character changed, or for another picture, is refused."""
    app = make_app(on_s3)
    browser = Browser(app)
    browser.upload(jpeg)
    url = browser.original_url
    last = "0" if url[-1] != "0" else "1"

    answers = [
        requests.get(changed, timeout=10)
        for changed in (url[:-1] + last, url.replace(the_name(app), "thingy/other.jpg"))
    ]

    assert browser.fetch(url) == (200, jpeg)
    assert [answer.status_code for answer in answers] == [403, 403]
