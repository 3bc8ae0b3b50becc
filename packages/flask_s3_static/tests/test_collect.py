"""Which files an app has, and under which URL paths."""

import os
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from static_site import Site

from flask_s3_static import CollectError, MissingReferenceError, create_all
from flask_s3_static._settings import Settings
from flask_s3_static.pushing._collect import Collection
from flask_s3_static.pushing._collect import collect as collect_files
from flask_s3_static.serving._folders import static_folders
from flask_s3_static.serving._left_out import LeftOut

LOGGER = "flask_s3_static"


def collect(app: Flask, **options: Any) -> Collection:
    return collect_files(app, LeftOut.of(app, Settings.from_app(app)), **options)


def paths(app: Flask, **options: Any) -> list[str]:
    return [asset.path for asset in collect(app, **options).assets]


def test_app_and_blueprints(site: Site) -> None:
    """The app's files and those of blueprints, nested and with paths of their own, are found."""
    for folder in ["static", "parent/static", "child/static", "odd/static"]:
        site.write(f"{folder}/a/b.css", folder)
    parent, child = site.blueprint("parent"), site.blueprint("child")
    parent.register_blueprint(child)
    app = site.app(parent, site.blueprint("odd", static_url_path="/files", url_prefix="/very/odd"))
    assert paths(app) == [
        "parent/child/static/a/b.css",
        "parent/static/a/b.css",
        "static/a/b.css",
        "very/odd/files/a/b.css",
    ]


def test_blueprint_without_static_folder(site: Site) -> None:
    """A blueprint without a static folder, or whose folder is not there, has no files."""
    site.write("static/a.css", "")
    bare, missing = site.blueprint("bare", static_folder=None), site.blueprint("missing")
    assert paths(site.app(bare, missing)) == ["static/a.css"]


def test_blueprint_registered_twice(site: Site) -> None:
    """A blueprint that is registered under two names has its files under both."""
    site.write("part/static/a.css", "")
    app = Flask("site", root_path=str(site.folder), static_folder=None)
    part = site.blueprint("part")
    app.register_blueprint(part, url_prefix="/one")
    app.register_blueprint(part, url_prefix="/two", name="two")
    assert paths(app) == ["one/static/a.css", "two/static/a.css"]


def test_blueprint_below_a_variable(site: Site) -> None:
    """A blueprint below /<lang> has no one place for its files, so they stay with the app."""
    site.write("static/a.css", "")
    site.write("part/static/b.css", "")
    assert paths(site.app(site.blueprint("part", url_prefix="/<lang>"))) == ["static/a.css"]


def test_overlapping_folders(site: Site) -> None:
    """A blueprint's folder inside the app's is found under both URLs."""
    site.write("static/part/a.css", "")
    part = site.blueprint("part", static_folder="../static/part")
    assert paths(site.app(part)) == ["part/part/a.css", "static/part/a.css"]


def test_two_files_for_one_path(site: Site) -> None:
    """Two files with one URL path are an error that names both."""
    site.write("static/a.css", "1")
    site.write("part/static/a.css", "2")
    app = site.app(site.blueprint("part", url_prefix="", static_url_path="/static"))
    with pytest.raises(CollectError) as caught:
        collect(app)
    assert "/static/a.css" in str(caught.value)
    for folder in ["static", "part/static"]:
        assert repr(f"{site.folder}/{folder}/a.css") in str(caught.value)


def test_one_file_for_one_path(site: Site) -> None:
    """The same folder at the same URL twice is no conflict."""
    site.write("static/a.css", "1")
    folder = str(site.folder / "static")
    app = site.app(
        site.blueprint("part", static_folder=folder, url_prefix="", static_url_path="/static")
    )
    assert paths(app) == ["static/a.css"]


def test_hidden(site: Site) -> None:
    """Hidden files, and files in hidden folders, are left out unless asked for."""
    for name in ["a.css", ".hidden", ".git/config", "b/.DS_Store"]:
        site.write(f"static/{name}", "")
    assert paths(site.app()) == ["static/a.css"]
    assert len(paths(site.app(), include_hidden=True)) == 4


def test_filter(site: Site) -> None:
    """The filter is searched in paths relative to the static folder, as in Flask-S3."""
    for name in ["css/a.css", "js/a.js", "js/css.js"]:
        site.write(f"static/{name}", "")
    assert paths(site.app(), filepath_filter=r"^css") == ["static/css/a.css"]
    assert paths(site.app(), filepath_filter=r"\.js$") == ["static/js/a.js", "static/js/css.js"]


def test_filter_that_matches_nothing(site: Site) -> None:
    """A filter that matches nothing, or is no regular expression, is an error that names it."""
    site.write("static/a.css", "")
    with pytest.raises(CollectError, match=r"the filter '\^none' matches no file"):
        collect(site.app(), filepath_filter="^none")
    with pytest.raises(CollectError, match=r"must be a regular expression, got '\('"):
        collect(site.app(), filepath_filter="(")


def test_links_inside_the_static_folder_are_followed(site: Site) -> None:
    """Links to files and folders of the same static folder are followed."""
    site.write("static/real/a.css", "1")
    os.symlink("real/a.css", site.folder / "static/link.css")
    os.symlink(site.folder / "static/real", site.folder / "static/folder")
    assert paths(site.app()) == ["static/folder/a.css", "static/link.css", "static/real/a.css"]


def test_a_static_folder_that_is_a_link_is_followed(site: Site) -> None:
    """The static folder itself may be a link, as where releases are folders of their own."""
    site.write("release/a.css", "1")
    os.symlink("release", site.folder / "static")
    assert paths(site.app()) == ["static/a.css"]


@pytest.mark.parametrize("target", ["elsewhere/secret.txt", "elsewhere", ".", "static-2/a.css"])
def test_links_out_of_the_static_folder_are_refused(site: Site, target: str) -> None:
    """A link to what is not in the static folder is an error that names both, since a push would
    make that public; FLASKS3_EXCLUDE may name it.
    """
    site.write("static/a.css", "")
    site.write("elsewhere/secret.txt", "hush")
    site.write("static-2/a.css", "")
    os.symlink(site.folder / target, site.folder / "static/link")
    with pytest.raises(CollectError, match=r"leads out of its static folder") as caught:
        collect(site.app())
    assert repr(str(site.folder / "static/link")) in str(caught.value)
    assert repr(os.path.realpath(site.folder / target)) in str(caught.value)
    assert paths(site.app(FLASKS3_EXCLUDE=["link"])) == ["static/a.css"]


def test_links_that_lead_nowhere(site: Site) -> None:
    """A link that leads nowhere, or back to a folder above it, is an error that names it."""
    site.write("static/a.css", "")
    os.symlink("none", site.folder / "static/broken")
    with pytest.raises(CollectError, match=r"static/broken' is no file: it is a link"):
        collect(site.app())
    os.remove(site.folder / "static/broken")
    os.symlink(".", site.folder / "static/circle")
    with pytest.raises(CollectError, match=r"static/circle.* leads back"):
        collect(site.app())


def test_unreadable(site: Site) -> None:
    """A link to itself, and a static folder that is a file, are reported with their names."""
    site.write("static/a.css", "")
    os.symlink("loop", site.folder / "static/loop")
    with pytest.raises(CollectError, match=r"cannot be read: .*static/loop"):
        site.push()
    os.remove(site.folder / "static/loop")
    site.write("part/static", "")
    with pytest.raises(CollectError, match=r"cannot be read: .*part/static"):
        create_all(site.app(site.blueprint("part")))


@pytest.mark.parametrize("name", [b"a\\b.js", b"a\nb.js", b"\xff.js"])
def test_names_that_no_key_can_have(site: Site, name: bytes) -> None:
    """A file whose name no key can have is named before anything is uploaded."""
    site.write("static/a.css", "")
    with open(os.fsencode(site.folder / "static") + b"/" + name, "wb"):
        pass
    for config in [{}, {"FLASKS3_HASHED_NAMES": True}]:
        with pytest.raises(CollectError, match=r"\.js' can't be in a bucket: name .* is not safe"):
            site.push(config=config)


def test_folders(site: Site) -> None:
    """Static folders are those that Flask has endpoints for, with their URL paths."""
    app = site.app(site.blueprint("part"))
    assert [root for _, root in static_folders(app)] == ["static", "part/static"]


DECOMPOSED, COMPOSED = "cafe\u0301", "caf\u00e9"


@pytest.mark.parametrize("hashed_names", [False, True])
def test_a_decomposed_name_is_stored_composed(site: Site, hashed_names: bool) -> None:
    """A name as macOS writes it has the key that url_for leads to, and a warning."""
    config = {"FLASKS3_HASHED_NAMES": hashed_names}
    path = site.write(f"static/{DECOMPOSED}/{DECOMPOSED}.css", "a {}")
    site.write("static/b.css", f"@import '{COMPOSED}/{DECOMPOSED}.css';")
    if not hashed_names:  # which would write it composed
        with pytest.raises(MissingReferenceError, match=r"b\.css refers to .* decomposed"):
            site.push(config=config, strict=True)
    report = site.push(config=config, strict=hashed_names)
    assert f"static/{COMPOSED}/{COMPOSED}.css" in report.new
    (warning,) = report.warnings
    assert warning.startswith(f"{path} has a decomposed name")
    assert "FLASKS3_HASHED_NAMES rewrites the others" in warning
    app = site.app(**config)
    urls = {site.url(app, f"{form}/{form}.css") for form in (COMPOSED, DECOMPOSED)}
    assert len(urls) == 1
    key = unquote(urls.pop().partition(f"{site.bucket}/")[2])
    assert site.read(key) == b"a {}"


def test_both_forms_of_a_name(site: Site) -> None:
    """Two files whose names differ by their form alone are an error that names both."""
    site.write(f"static/{DECOMPOSED}.css", "a")
    site.write(f"static/{COMPOSED}.css", "b")
    with pytest.raises(CollectError, match="two files have the URL path"):
        site.push()


def test_what_a_push_does_is_logged(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """A static folder that is not there is a warning, and each upload a line for debugging."""
    site.write("static/a.css", "a")
    caplog.set_level("DEBUG", "flask_s3_static")
    create_all(site.app(site.blueprint("shop")))
    records = [(one.levelname, one.message) for one in caplog.records if one.name == LOGGER]
    assert records == [
        ("WARNING", f"the static folder {site.folder}/shop/static does not exist"),
        ("DEBUG", "static/a.css: sent"),
    ]
