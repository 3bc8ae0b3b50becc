"""Releases: each keeps its manifest, and one of them is what apps load."""

import re
from datetime import timedelta
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from static_site import Site

from flask_s3_static import create_all
from flask_s3_static._cli import s3_static
from flask_s3_static.bucket._prune import prune

CONFIG: dict[str, Any] = {"FLASKS3_HASHED_NAMES": True, "FLASKS3_MANIFEST_FROM_BUCKET": True}


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(s3_static, arguments)


@pytest.fixture
def pushed(site: Site) -> Site:
    """Two releases: a.css changes, b.css is new, c.css stays."""
    site.config.update(CONFIG)
    site.write("static/a.css", "1")
    site.write("static/c.css", "same")
    create_all(site.app())
    site.write("static/a.css", "2")
    site.write("static/b.css", "2")
    create_all(site.app())
    return site


def served(site: Site, name: str = "a.css") -> str:
    """What a page of an app that starts now has under the name."""
    key = site.url(site.app(), name).partition(f"/{site.bucket}/")[2]
    return site.read(key).decode()


def listed(site: Site) -> list[str]:
    result = run(site.app(), "releases")
    assert result.exit_code == 0
    return [
        re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "TIME", line) for line in result.output.splitlines()
    ]


def test_releases_are_listed(pushed: Site) -> None:
    """The list has number and time of each release, and which one is active."""
    assert listed(pushed) == ["   2  TIME UTC  active", "   1  TIME UTC"]


def test_activating_an_older_release(pushed: Site) -> None:
    """Apps that start afterwards lead to the files of that release, until another is activated."""
    assert served(pushed) == "2"
    result = run(pushed.app(), "activate", "1")
    assert result.output == "release 1 is active: start the app's processes again to load it\n"
    assert served(pushed) == "1"
    assert listed(pushed) == ["   2  TIME UTC", "   1  TIME UTC  active"]
    run(pushed.app(), "activate", "2")
    assert (served(pushed), served(pushed, "b.css")) == ("2", "2")


def test_a_push_is_active(pushed: Site) -> None:
    """A push after that makes its release the active one, although no file has to go up."""
    run(pushed.app(), "activate", "1")
    report = create_all(pushed.app())
    assert not report.sent
    assert served(pushed) == "2"
    assert listed(pushed)[0] == "   3  TIME UTC  active"
    assert len(listed(pushed)) == 3
    create_all(pushed.app())
    assert len(listed(pushed)) == 3


def test_the_active_release_is_not_pruned(pushed: Site) -> None:
    """prune leaves the files of the active release, however old it is."""
    run(pushed.app(), "activate", "1")
    assert prune(pushed.app(), keep=1, older_than=timedelta(0)).deleted == {}
    assert served(pushed) == "1"


def test_a_release_that_was_pruned(pushed: Site) -> None:
    """A release whose files were deleted is listed so while others share files with it, and cannot
    be activated."""
    assert len(prune(pushed.app(), keep=1, older_than=timedelta(0)).deleted) == 1
    before = served(pushed)
    result = run(pushed.app(), "activate", "1")
    assert result.exit_code == 1
    assert "Error: " in result.output
    assert served(pushed) == before
    assert not any(" 1  " in line and "pruned" not in line for line in listed(pushed))


def test_a_release_that_lacks_a_file(pushed: Site) -> None:
    """A release is not activated if the index does not have all of its files."""
    manifest = pushed.read(".flask-s3-static/releases/1.json")
    assert len(prune(pushed.app(), keep=1, older_than=timedelta(0)).deleted) == 1
    site_file = pushed.folder / "manifest"
    site_file.write_bytes(manifest)
    with site_file.open("rb") as file:
        pushed.storage.save(".flask-s3-static/releases/2.json", file)
    result = run(pushed.app(), "activate", "2")
    assert result.exit_code == 1
    assert "release 2 lacks 1 of its files, such as static/a." in result.output


@pytest.mark.parametrize(
    ("number", "words"),
    [("7", "there is no release 7 in the bucket"), ("0", "0 is not in the range")],
)
def test_a_release_that_is_none(pushed: Site, number: str, words: str) -> None:
    """A number that no release has is refused in words."""
    result = run(pushed.app(), "activate", number)
    assert result.exit_code != 0
    assert words in result.output


def test_an_app_that_does_not_load_its_manifest(pushed: Site) -> None:
    """An app with a manifest of its own is warned that activating changes nothing for it."""
    app = pushed.app(FLASKS3_MANIFEST_FROM_BUCKET=False)
    result = run(app, "activate", "1")
    assert "warning: FLASKS3_MANIFEST_FROM_BUCKET is off" in result.output


@pytest.mark.parametrize("arguments", [["releases"], ["activate", "1"]])
def test_without_hashed_names(pushed: Site, arguments: list[str]) -> None:
    """Without hashed names there is nothing to go back to, which is said."""
    result = run(pushed.app(FLASKS3_HASHED_NAMES=False), *arguments)
    assert result.exit_code == 1
    assert "FLASKS3_HASHED_NAMES is off" in result.output
