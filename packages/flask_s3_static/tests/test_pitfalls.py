"""What users of such tools reported, line by line, and what ours does."""

import os
import time

import flask
import pytest
from flask_admin import Admin  # type: ignore[import-untyped]
from flask_babel import Babel  # type: ignore[import-untyped]
from proxy import Proxy
from static_site import Site

from flask_s3_static import CollectError, create_all
from flask_s3_static.bucket._bucket import cors_rules
from flask_s3_static.bucket._check import check

HASHED = {"FLASKS3_HASHED_NAMES": True}


def test_reuploads_everything(site: Site, proxy: Proxy) -> None:
    """Re-uploads everything, as an ETag is no MD5 for multipart or gzip, and CI checkouts have
    fresh mtimes: own content hash; the second run makes no PUT.
    """
    site.config["FLASKS3_GZIP"] = True
    paths = [
        site.write("static/app.js", "var a;" * 500),
        site.write("static/big.bin", os.urandom(9 * 1024 * 1024)),
    ]
    site.push()
    for path in paths:
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content)
        os.utime(path, (time.time() + 99, time.time() + 99))
    proxy.requests.clear()
    site.push()
    assert {method for method, _ in proxy.requests} <= {"GET", "HEAD"}


def test_rolling_deploy(site: Site, proxy: Proxy) -> None:
    """Rolling deploy or rollback gives 404s, which CDNs then cache: hashed names, old ones kept,
    manifest last, pruning only of our own keys, by age, when asked.
    """
    site.write("static/app.css", "one")
    site.push(config=HASHED)
    old = site.app(**HASHED)
    site.write("static/app.css", "two")
    proxy.requests.clear()
    site.push(config=HASHED)
    new = site.app(**HASHED)
    for app, content in ((old, b"one"), (new, b"two")):
        assert site.read(site.url(app, "app.css").partition(f"{site.bucket}/")[2]) == content
    puts = [path.partition("?")[0] for method, path in proxy.requests if method == "PUT"]
    assert [path.rpartition("/")[2] for path in puts[-2:]] == ["manifest.json", "index.json.gz"]


def test_url_for_override_lost(site: Site) -> None:
    """url_for override lost in Python code, relative endpoints, Flask-Admin."""
    app = site.app(SECRET_KEY="x")
    part = site.blueprint("part")
    part.add_url_rule("/", "index", lambda: flask.url_for(".static", filename="a.css"))
    app.register_blueprint(part)
    Babel(app)
    Admin(app)
    base = f"{site.config['FLASKS3_ENDPOINT_URL']}/{site.bucket}"
    client = app.test_client()
    assert client.get("/part/").text == f"{base}/part/static/a.css"
    assert f'"{base}/admin/static/' in client.get("/admin/").text


def test_blueprint_without_static_folder(site: Site) -> None:
    """Blueprint without a static folder crashes; nested blueprints."""
    site.write("child/static/a.css", "a")
    bare, child = site.blueprint("bare", static_folder=None), site.blueprint("child")
    bare.register_blueprint(child)
    app = site.app(bare)
    flask_key = "bare/child/static/a.css"
    assert create_all(app).new == [flask_key]
    assert site.url(app, "a.css", "bare.child.static").endswith(flask_key)


def test_breaks_tests_and_development(site: Site) -> None:
    """Breaks tests and development: off in debug, under testing if so set, and without a bucket."""
    for config in (
        {"DEBUG": True},
        {"TESTING": True, "FLASKS3_OVERRIDE_TESTING": False},
        {"TESTING": True, "FLASKS3_BUCKET_NAME": None},
    ):
        app = site.app(**config)
        assert site.url(app, "a.css") == "/static/a.css"
        assert app.config["FLASKS3_ACTIVE"] is False


def test_filter_matches_nothing(site: Site) -> None:
    """A filter matches nothing, silently: an error."""
    site.write("static/a.css", "a")
    with pytest.raises(CollectError, match="matches no file"):
        site.push(filepath_filter_regex="^none")


def test_missing_source_map(site: Site) -> None:
    """A missing source map fails the build, or 500s in production: here it only warns."""
    site.write("static/a.js", "1\n//# sourceMappingURL=a.js.map")
    assert len(site.push(config=HASHED, strict=True).warnings) == 1
    assert len(site.push(config=HASHED).warnings) == 1
    app = site.app(**HASHED)
    assert "/static/a." in site.url(app, "a.js")
    assert site.url(app, "a.js.map").endswith("/static/a.js.map")


def test_web_fonts_and_headers(site: Site, proxy: Proxy) -> None:
    """Web fonts blocked cross-origin; headers not applied again when only they changed."""
    site.write("static/f.woff2", "f")
    site.push(write_public_policy=True)
    proxy.hidden = {"access-control-allow-origin"}
    cors = list(check(site.app()))[-1]
    assert not cors.is_good
    assert str(cors_rules()["CORSRules"][0]["MaxAgeSeconds"]) in cors.fix
    report = site.push(config={"FLASKS3_HEADERS": {"Cache-Control": "max-age=1"}})
    assert list(report.sent) == report.headers_changed == ["static/f.woff2"]
    assert site.head("static/f.woff2")["CacheControl"] == "max-age=1"


def test_hard_coded_public_read(site: Site, proxy: Proxy) -> None:
    """Hard-coded public-read: no ACL is sent unless asked for."""
    site.write("static/a.css", "a")
    site.push()
    acl = site.storage.client.get_object_acl(Bucket=site.bucket, Key="static/a.css")
    assert [grant["Permission"] for grant in acl["Grants"]] == ["FULL_CONTROL"]
    assert not [path for _, path in proxy.requests if "acl" in path]
