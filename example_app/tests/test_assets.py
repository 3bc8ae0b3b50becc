"""Static assets: from the app, or from S3."""

import re
from urllib.parse import urljoin

import pytest
import requests

from example_app import assets
from example_app.tests.support import EMAIL, PASSWORD, Browser, MakeApp, Serve, Settings

PAGES = ["/", "/gallery", "/login", "/admin/", "/admin/picture/", "/admin/picture/new/"]


def addresses(html: str) -> set[str]:
    """Return the URLs of all scripts, style sheets and icons of a page."""
    found = re.findall(r'<(?:link|script)[^>]* (?:href|src)="([^"]+)"', html)
    return set(found)


@pytest.mark.parametrize("place", ["on_disk", "on_s3"])
def test_all_that_pages_load_is_there(
    make_app: MakeApp, serve: Serve, request: pytest.FixtureRequest, place: str
) -> None:
    """Every script and style sheet of every page is at its URL: on S3 for everybody, with the type
    of a script, or with the app; the module of direct uploads has a route of its own.
    """
    settings: Settings = request.getfixturevalue(place)
    app = make_app({**settings, "STATIC_ON_S3": settings["USE_S3"]})
    if settings["USE_S3"]:
        assert assets.push(app) > 20
        assert assets.push(app) == 0
    browser = Browser(app)
    browser.show("GET", "/login")
    wanted = addresses(browser.client.get("/login").text)
    browser.show("POST", "/login", email=EMAIL, password=PASSWORD)
    for page in PAGES:
        wanted |= addresses(browser.client.get(page).text)
    base = serve(app)

    assert len(wanted) > 10
    for address in wanted:
        answer = requests.get(urljoin(base, address), timeout=30)
        assert answer.status_code == 200, address
        is_on_s3 = settings["USE_S3"] and not address.startswith("/uploads/-/")
        assert is_on_s3 == address.startswith(settings.get("S3_ENDPOINT_URL", "//"))
        if address.endswith(".js"):
            assert "javascript" in answer.headers["Content-Type"]


def test_what_users_upload_stays_private(make_app: MakeApp, on_s3: Settings, jpeg: bytes) -> None:
    """That everybody may read the assets opens nothing else in the bucket."""
    app = make_app({**on_s3, "STATIC_ON_S3": True})
    browser = Browser(app)
    browser.upload(jpeg)
    assets.push(app)

    bare_url = browser.original_url.partition("?")[0]

    assert requests.get(bare_url, timeout=10).status_code == 403


def test_pages_and_uploads_may_come_from_elsewhere(make_app: MakeApp, on_s3: Settings) -> None:
    """The bucket lets pages of any origin load scripts and fonts, and send pictures."""
    app = make_app({**on_s3, "STATIC_ON_S3": True})
    assets.push(app)
    with app.test_request_context():
        url = app.url_for("static", filename="admin.js")
    page = {"Origin": "https://www.example"}
    assert requests.get(url, headers=page, timeout=10).headers["Access-Control-Allow-Origin"]
    asking = {**page, "Access-Control-Request-Method": "POST"}
    bucket = f"{on_s3['S3_ENDPOINT_URL']}/{on_s3['S3_BUCKET_NAME']}"
    answer = requests.options(bucket, headers=asking, timeout=10)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"]
