"""Fixtures: a site whose static files go to S3. The S3 server is s3_saver.testing's."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from proxy import Proxy
from static_site import Site

from s3_saver.testing import S3Server

pytest_plugins = ["s3_saver.testing.pytest_plugin"]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide what would configure the app, or lead its requests elsewhere."""
    for name in list(os.environ):
        if name.startswith("FLASK_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def only_on_moto() -> None:
    """For what real S3 servers other than Amazon's don't have."""
    if S3Server.from_environment():
        pytest.skip("needs a service that only moto's server has")


@pytest.fixture
def site(tmp_path: Path, s3_server: S3Server) -> Iterator[Site]:
    """A site without files, and a bucket that does not exist yet."""
    made = Site(tmp_path / "site", s3_server)
    made.folder.mkdir()
    yield made
    made.remove()


@pytest.fixture
def proxy(site: Site, s3_server: S3Server) -> Iterator[Proxy]:
    """What the site's pushes go through from now on."""
    with Proxy(s3_server.endpoint_url) as running:
        site.config["FLASKS3_ENDPOINT_URL"] = running.url
        yield running
