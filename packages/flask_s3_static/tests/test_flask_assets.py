"""Flask-Assets: its bundles lead to the bucket, and what was built too late is reported."""

import logging

import pytest
from flask import Flask, render_template_string
from flask_assets import Bundle, Environment  # type: ignore[import-untyped]
from static_site import Site

from flask_s3_static import ConfigError, create_all
from flask_s3_static.bucket._check import Finding, check

PAGE = "{% assets 'all' %}{{ ASSET_URL }}{% endassets %}"


@pytest.fixture
def site_with_bundle(site: Site) -> Site:
    site.write("static/a.css", "a { background: url(i.png) }")
    site.write("static/b.css", "b {}")
    site.write("static/i.png", "i")
    return site


def app_of(site: Site, **config: object) -> tuple[Flask, Environment]:
    app = site.app(FLASKS3_HASHED_NAMES=True, **config)
    app.config["ASSETS_AUTO_BUILD"] = False
    environment = Environment(app)
    bundle = Bundle("a.css", "b.css", filters="cssrewrite", output="gen/all.css")
    environment.register("all", bundle)
    return app, environment


def build(app: Flask, environment: Environment) -> None:
    with app.app_context():
        environment["all"].build(force=True)


def shown(app: Flask) -> str:
    with app.test_request_context():
        return render_template_string(PAGE)


def changes(app: Flask) -> Finding:
    (finding,) = (one for one in check(app) if one.what.startswith("the bucket has what"))
    return finding


def test_a_bundle_leads_to_the_bucket(site_with_bundle: Site) -> None:
    """A bundle that was built before the push has its hashed URL, as have its pictures."""
    site = site_with_bundle
    app, environment = app_of(site)
    build(app, environment)
    create_all(app, strict=True)
    url = "http:" + shown(app).partition("?")[0]  # Flask-Assets takes the scheme off
    assert url.startswith(f"{site.config['FLASKS3_ENDPOINT_URL']}/{site.bucket}/static/gen/all.")
    key = url.partition(f"/{site.bucket}/")[2]
    assert key != "static/gen/all.css"
    assert b"url(../i." in site.read(key)
    assert changes(app).is_good


def test_a_bundle_that_was_made_after_the_push(
    site_with_bundle: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says once that the manifest lacks it, and check names it."""
    app, environment = app_of(site_with_bundle)
    create_all(app)
    build(app, environment)
    with caplog.at_level(logging.WARNING):
        assert shown(app) == shown(app)
    words = "the manifest of static files has no /static/gen/all.css"
    assert sum(words in record.getMessage() for record in caplog.records) == 1
    assert not changes(app).is_good
    assert "static/gen/all.css" in changes(app).fix


def test_a_bundle_that_was_made_again_after_the_push(site_with_bundle: Site) -> None:
    """A bundle that is in the bucket with other bytes is named by check."""
    site = site_with_bundle
    app, environment = app_of(site)
    build(app, environment)
    create_all(app)
    site.write("static/b.css", "b { color: red }")
    build(app, environment)
    assert not changes(app).is_good
    for name in ("static/b.css", "static/gen/all.css"):
        assert name in changes(app).fix


def test_flask_assets_switch_for_flask_s3(site: Site) -> None:
    """FLASK_ASSETS_USE_S3 is refused when the app starts, with what to do."""
    with pytest.raises(ConfigError, match="take it out") as caught:
        site.app(FLASK_ASSETS_USE_S3=True)
    assert caught.value.setting == "FLASK_ASSETS_USE_S3"
    site.app(FLASK_ASSETS_USE_S3=False)
