"""Fixtures: a place on each storage, an admin to post to. The S3 server is s3_saver.testing's."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from admin_site import AdminSite, MakeSite
from jinja2 import FileSystemBytecodeCache
from places import DiskPlace, Place, S3Place
from sqlalchemy import Engine, event

from s3_saver.testing import S3Server

pytest_plugins = ["s3_saver.testing.pytest_plugin"]


@event.listens_for(Engine, "connect")
def _hurry(connection: Any, _: Any) -> None:
    """Let SQLite not wait until the disk has what it writes: no test cuts the power."""
    connection.execute("PRAGMA synchronous = OFF")


@pytest.fixture
def disk(tmp_path: Path) -> DiskPlace:
    return DiskPlace(tmp_path / "static" / "uploads")


@pytest.fixture
def s3(s3_server: S3Server, s3_bucket: str, tmp_path: Path) -> S3Place:
    return S3Place(s3_server, s3_bucket, tmp_path / "static" / "uploads")


@pytest.fixture(params=["disk", "s3"])
def place(request: pytest.FixtureRequest) -> Place:
    """Somewhere to save to: every test that takes this runs on disk and on S3."""
    found: Place = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Compiled templates, which all apps share: else most of the time would go to compiling."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def make_site(tmp_path: Path, templates: FileSystemBytecodeCache) -> Iterator[MakeSite]:
    """Makes an app with an admin, on a database of its own."""
    made: list[AdminSite] = []

    def make(field_class: Any, options: dict[str, Any], **settings: Any) -> AdminSite:
        database = tmp_path / f"{len(made)}.db"
        site = AdminSite.make(tmp_path, database, field_class, options, **settings)
        site.app.jinja_env.bytecode_cache = templates
        made.append(site)
        return site

    yield make
    for site in made:
        site.close()
