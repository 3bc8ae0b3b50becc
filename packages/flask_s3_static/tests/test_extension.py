"""When the extension is active, what it reads, and what it leaves alone."""

import hashlib
import logging
from base64 import b64encode
from typing import Any

import pytest
from flask import Flask
from proxy import Proxy
from static_site import Site

from flask_s3_static import (
    ConfigError,
    FlaskS3,
    ManifestError,
    S3StaticError,
    create_all,
    static_integrity,
)

LOCAL = "/static/a.css"
REMOTE = "https://bucket.s3.amazonaws.com/static/a.css"


def make_app(**config: Any) -> Flask:
    app = Flask("site", static_folder="static")
    app.config.update({"FLASKS3_BUCKET_NAME": "bucket", **config})
    FlaskS3(app)
    return app


def url(app: Flask) -> str:
    with app.test_request_context():
        return app.url_for("static", filename="a.css")


@pytest.mark.parametrize(
    ("config", "is_active"),
    [
        ({}, True),
        ({"FLASKS3_ACTIVE": False}, False),
        ({"DEBUG": True}, False),
        ({"DEBUG": True, "FLASKS3_DEBUG": True}, True),
        ({"DEBUG": True, "FLASKS3_DEBUG": True, "FLASKS3_ACTIVE": False}, False),
        ({"TESTING": True}, True),
        ({"TESTING": True, "FLASKS3_OVERRIDE_TESTING": False}, False),
        ({"TESTING": True, "FLASKS3_OVERRIDE_TESTING": True}, True),
    ],
)
@pytest.mark.parametrize("late", [False, True])
def test_active(config: dict[str, Any], is_active: bool, late: bool) -> None:
    """Whether URLs lead to S3 goes by FLASKS3_ACTIVE, debug and testing, as they are now."""
    app = make_app(**({} if late else config))
    app.config.update(config)
    before = dict(app.config)
    assert url(app) == (REMOTE if is_active else LOCAL)
    assert app.config == before
    assert app.config["FLASKS3_ACTIVE"] is is_active or late


def test_debug_that_is_switched_off_again() -> None:
    """Asking in debug mode changes nothing: without it URLs lead to S3 again."""
    app = make_app()
    app.debug = True
    assert url(app) == LOCAL
    app.debug = False
    assert url(app) == REMOTE


def test_inactive_without_a_bucket() -> None:
    """Without a bucket's name URLs lead to the app; the name is read when the app is made."""
    app = make_app(FLASKS3_BUCKET_NAME=None)
    assert url(app) == LOCAL
    assert app.config["FLASKS3_ACTIVE"] is False

    app = make_app()
    app.config["FLASKS3_BUCKET_NAME"] = None
    assert url(app) == REMOTE


def test_debug_switched_on_by_run() -> None:
    """app.debug = True after the extension was initialised, as app.run does, switches it off."""
    app = make_app()
    app.debug = True
    assert url(app) == LOCAL


def test_init_app() -> None:
    """One extension may serve several apps, each with its settings."""
    extension = FlaskS3()
    first, second = Flask("first", static_folder="s"), Flask("second", static_folder="s")
    first.config["FLASKS3_BUCKET_NAME"] = "first"
    second.config["FLASKS3_BUCKET_NAME"] = "second"
    for app in (first, second):
        extension.init_app(app)
    assert url(first) == "https://first.s3.amazonaws.com/s/a.css"
    assert url(second) == "https://second.s3.amazonaws.com/s/a.css"
    first.config["FLASKS3_ACTIVE"] = False
    assert url(first) == "/s/a.css"


def test_a_second_init_app_is_refused() -> None:
    """An app has one FlaskS3: a second one would wrap url_for twice."""
    app = make_app()
    with pytest.raises(ConfigError, match="app 'site' has a FlaskS3 already"):
        FlaskS3(app)
    assert url(app) == REMOTE


def test_the_app_s_settings_stay_its_own() -> None:
    """The extension writes no defaults into app.config, but for the three that it asks there."""
    app = Flask("site", static_folder="static")
    app.config["FLASKS3_BUCKET_NAME"] = "bucket"
    before = dict(app.config)
    FlaskS3(app)
    new = {name: value for name, value in app.config.items() if name not in before}
    assert new == {
        "FLASKS3_ACTIVE": True,
        "FLASKS3_DEBUG": False,
        "FLASKS3_OVERRIDE_TESTING": True,
    }


def test_no_bucket(caplog: pytest.LogCaptureFixture) -> None:
    """Without a bucket's name static files stay with the app, which one line of log says."""
    caplog.set_level(logging.INFO)
    app = make_app(FLASKS3_BUCKET_NAME=None)
    assert url(app) == LOCAL
    assert [record.levelno for record in caplog.records] == [logging.INFO]
    assert "S3_BUCKET_NAME is not set" in caplog.text


def test_no_bucket_but_active() -> None:
    """Set active without a bucket's name, the extension fails at once."""
    with pytest.raises(ConfigError, match="S3_BUCKET_NAME is missing: set it"):
        make_app(FLASKS3_BUCKET_NAME=None, FLASKS3_ACTIVE=True)


def test_without_the_extension(site: Site) -> None:
    """An app that makes no URLs to S3 can be pushed all the same, as with Flask-S3."""
    site.write("static/a.css", "a {}")
    app = Flask("site", root_path=str(site.folder))
    app.config.update(site.config)
    assert list(create_all(app).sent) == ["static/a.css"]
    assert url(app) == LOCAL
    with app.app_context(), pytest.raises(S3StaticError, match="has no FlaskS3: call FlaskS3"):
        static_integrity("a.css")


def test_settings_that_changed_since(site: Site) -> None:
    """A push goes by the settings that the app has now, as Flask-S3's did."""
    site.write("static/a.css", "a {}")
    app = site.app()
    app.config["FLASKS3_PREFIX"] = "later"
    assert list(create_all(app).sent) == ["later/static/a.css"]


def test_manifest_missing(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """Before the first push there is no manifest: plain names, and a line of log."""
    app = site.app(FLASKS3_HASHED_NAMES=True)
    assert site.url(app, "a.css").endswith("/static/a.css")
    assert "there is no manifest" in caplog.text


def test_manifest_damaged(site: Site) -> None:
    """A damaged manifest, or one of another version, fails when the app starts."""
    site.write("instance/static-manifest.json", "{")
    with pytest.raises(ManifestError, match="static-manifest.json is no manifest"):
        site.app(FLASKS3_HASHED_NAMES=True)
    site.write("instance/static-manifest.json", '{"version": 2, "files": {}}')
    with pytest.raises(ManifestError, match="version 2, this package reads 1"):
        site.app(FLASKS3_HASHED_NAMES=True)


def test_manifest_at_another_place(site: Site) -> None:
    """FLASKS3_MANIFEST says where the manifest is written and read."""
    site.write("static/a.css", "a {}")
    site.config.update(FLASKS3_HASHED_NAMES=True, FLASKS3_MANIFEST=str(site.folder / "m.json"))
    assert site.push().manifest == str(site.folder / "m.json")
    digest = hashlib.sha256(b"a {}").hexdigest()[:16]
    assert site.url(site.app(), "a.css").endswith(f"/static/a.{digest}.css")


def test_manifest_from_the_bucket(site: Site, proxy: Proxy) -> None:
    """FLASKS3_MANIFEST_FROM_BUCKET loads it at start: one request, then none for URLs."""
    site.write("static/a.css", "a {}")
    site.config.update(FLASKS3_HASHED_NAMES=True, FLASKS3_MANIFEST_FROM_BUCKET=True)
    assert site.url(site.app(), "a.css").endswith("/static/a.css")
    site.push()
    (site.folder / "instance/static-manifest.json").unlink()
    proxy.requests.clear()
    app = site.app()
    digest = hashlib.sha256(b"a {}").hexdigest()[:16]
    assert site.url(app, "a.css").endswith(f"/static/a.{digest}.css")
    assert len(proxy.requests) == 1


def test_integrity_of_plain_names(site: Site) -> None:
    """static_integrity gives the file's SHA-256 as the attribute integrity has it."""
    site.write("static/a.js", "first")
    site.write("part/static/b.js", "other")
    app = site.app(site.blueprint("part"))
    with app.test_request_context():
        wanted = f"sha256-{b64encode(hashlib.sha256(b'first').digest()).decode()}"
        assert static_integrity("a.js") == wanted
        assert app.jinja_env.from_string("{{ static_integrity('a.js') }}").render() == wanted
        other = f"sha256-{b64encode(hashlib.sha256(b'other').digest()).decode()}"
        assert static_integrity("b.js", "part.static") == other
        with pytest.raises(FileNotFoundError, match=r"'static' has no static file 'none.js'"):
            static_integrity("none.js")
    site.write("static/a.js", "second, and longer")
    with app.test_request_context():
        assert static_integrity("a.js") != wanted


def test_integrity_of_hashed_names(site: Site) -> None:
    """For hashed names it is that of the rewritten file, and in debug that of the local one."""
    site.write("static/a.css", "b { background: url(i.png) }")
    site.write("static/i.png", b"png")
    site.config["FLASKS3_HASHED_NAMES"] = True
    site.push()
    app = site.app()
    with app.test_request_context():
        key = app.url_for("static", filename="a.css").partition(f"{site.bucket}/")[2]
        stored = hashlib.sha256(site.read(key)).digest()
        assert static_integrity("a.css") == f"sha256-{b64encode(stored).decode()}"
        local = hashlib.sha256((site.folder / "static/a.css").read_bytes()).digest()
        app.config["DEBUG"] = True
        assert static_integrity("a.css") == f"sha256-{b64encode(local).decode()}"
