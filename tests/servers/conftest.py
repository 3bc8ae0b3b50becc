"""Fixtures: Chromium, and a site that it uploads to, on each kind of storage."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from flask_s3_upload import Uploads
from s3_saver import S3Storage
from s3_saver.testing import S3Server
from servers.uploads_album import PART, Page, png, serve
from servers.webdriver import Browser
from untrusted_files import Rules


@pytest.fixture(scope="session")
def driver() -> Iterator[str]:
    process = subprocess.Popen(
        ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout
    for line in process.stdout:
        if "on port " in line and "started" in line:
            break
    port = line.rpartition(" ")[2].strip(".\n")
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait()
    process.stdout.close()


@pytest.fixture
def browser(driver: str, tmp_path: Path) -> Iterator[Browser]:
    browser = Browser(driver, tmp_path / "profile")
    yield browser
    browser.close()


@pytest.fixture(params=["disk", "s3", "s3 by PUT"])
def page(
    request: pytest.FixtureRequest, tmp_path: Path, storage: S3Storage, s3_server: S3Server
) -> Iterator[Page]:
    """The site, on each kind of storage in turn."""
    app = Flask(__name__, instance_path=str(tmp_path))
    app.config.update(SECRET_KEY="not a secret", UPLOADS_PARTS_ABOVE=PART, UPLOADS_PART_BYTES=PART)
    if request.param != "disk":
        app.config.update(
            UPLOADS_S3_BUCKET_NAME=storage.bucket_name,
            UPLOADS_S3_PREFIX="",
            UPLOADS_S3_REGION="us-east-1",
            UPLOADS_S3_ENDPOINT_URL=s3_server.endpoint_url,
            UPLOADS_S3_ACCESS_KEY_ID=s3_server.access_key_id,
            UPLOADS_S3_ACCESS_KEY_SECRET=s3_server.access_key_secret,
            UPLOADS_S3_DIRECT_METHOD="PUT" if "PUT" in request.param else "POST",
        )
    uploads = Uploads(app)
    rules = Rules(max_bytes=20_000_000, types=("image/*",))
    uploads.allow_direct("photo", rules=rules, authorize=lambda upload: True)
    yield from serve(app, uploads, storage if request.param != "disk" else None)


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """Files to choose: two small, one of two parts."""
    files = {"one.png": png(), "two.png": png(10), "big.png": png(PART)}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    return [tmp_path / name for name in files]
