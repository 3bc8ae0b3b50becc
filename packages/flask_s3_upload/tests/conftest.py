"""Fixtures: an app per kind of storage. The S3 server is s3_saver.testing's."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sent_files import PART
from upload_site import PICTURES, MakeSite, Site

from flask_s3_upload import Uploads
from flask_s3_upload._state import current_state
from s3_saver import LocalStorage, S3Storage
from s3_saver.testing import S3Server
from untrusted_files import Rules

pytest_plugins = ["s3_saver.testing.pytest_plugin"]


@pytest.fixture(autouse=True)
def _no_bucket_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide what would turn an app to S3."""
    monkeypatch.delenv("BUCKET_NAME", raising=False)


@pytest.fixture
def on_s3(s3_server: S3Server, s3_bucket: str) -> dict[str, Any]:
    """The settings of an app that stores on S3."""
    return {
        "UPLOADS_S3_BUCKET_NAME": s3_bucket,
        "UPLOADS_S3_REGION": s3_server.region,
        "UPLOADS_S3_ENDPOINT_URL": s3_server.endpoint_url,
        "UPLOADS_S3_ACCESS_KEY_ID": s3_server.access_key_id,
        "UPLOADS_S3_ACCESS_KEY_SECRET": s3_server.access_key_secret,
        "UPLOADS_S3_PREFIX": "",
        # moto checks no signature, so it obeys every header: see test_put_headers.py.
        "UPLOADS_S3_ALLOW_UNSIGNED_HEADERS": True,
    }


@pytest.fixture
def make_local(tmp_path: Path) -> MakeSite:
    """Makes a site that stores on disk; settings, rules of uploads and options of Uploads
    override."""

    def make(uploads: Uploads | None = None, *, rules: Rules = PICTURES, **settings: Any) -> Site:
        app = Flask(__name__, instance_path=str(tmp_path))
        app.config.update(SECRET_KEY="not a secret", UPLOADS_FOLDER=tmp_path / "files")
        app.config.update(UPLOADS_PRIVATE=False)  # what is private by default has its own tests
        app.config.update({"UPLOADS_PART_BYTES": PART, **settings})
        uploads = uploads or Uploads()
        uploads.init_app(app)
        uploads.allow_direct(rules=rules, authorize=lambda upload: True)
        with app.app_context():
            storage = current_state().storages.current
        assert isinstance(storage, LocalStorage | S3Storage)
        return Site(app, uploads, storage)

    return make


@pytest.fixture
def make_s3(make_local: MakeSite, on_s3: dict[str, Any]) -> MakeSite:
    """Makes a site that stores on S3."""

    def make(uploads: Uploads | None = None, **settings: Any) -> Site:
        return make_local(uploads, **{**on_s3, **settings})

    return make


@pytest.fixture(params=["disk", "s3", "s3 with prefix"])
def make_site(request: pytest.FixtureRequest) -> MakeSite:
    """Makes a site of each kind in turn."""
    if request.param == "disk":
        made: MakeSite = request.getfixturevalue("make_local")
        return made
    make: MakeSite = request.getfixturevalue("make_s3")
    if request.param == "s3":
        return make
    return lambda uploads=None, **settings: make(
        uploads, **{"UPLOADS_S3_PREFIX": "some/folder", **settings}
    )


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    """A site of each kind in turn, as it is without further settings."""
    return make_site()
