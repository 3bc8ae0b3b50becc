"""Headers of all answers."""

import re

import pytest
from flask import request

from example_app.tests.support import EMAIL, PASSWORD, Browser, MakeApp, Settings


@pytest.mark.parametrize("path", ["/", "/gallery", "/sizes", "/status", "/login", "/nowhere"])
def test_every_page_has_them(make_app: MakeApp, on_disk: Settings, path: str) -> None:
    """No page can be framed, sniffed, or made to load what is not ours."""
    headers = make_app(on_disk).test_client().get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "script-src 'self';" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in headers


def test_pages_may_load_from_the_bucket(make_app: MakeApp, on_s3: Settings) -> None:
    """Where files are on S3, pages may load from there, and send pictures there."""
    policy = make_app(on_s3).test_client().get("/").headers["Content-Security-Policy"]
    assert f"default-src 'self' {on_s3['S3_ENDPOINT_URL']};" in policy


def test_the_admins_scripts_bear_a_nonce(make_app: MakeApp, on_disk: Settings) -> None:
    """Inline scripts of the admin run by a nonce, another one for each answer."""
    browser = Browser(make_app(on_disk))
    browser.show("GET", "/login")
    browser.show("POST", "/login", email=EMAIL, password=PASSWORD)
    nonces = []
    for _ in range(2):
        answer = browser.client.get("/admin/thingy/")
        (nonce,) = set(re.findall(r'<script[^>]* nonce="([^"]+)"', answer.text))
        assert f"'nonce-{nonce}'" in answer.headers["Content-Security-Policy"]
        nonces.append(nonce)
    assert nonces[0] != nonces[1]


def test_cookies_are_kept_from_scripts(make_app: MakeApp, on_disk: Settings) -> None:
    """The session's cookie is not for scripts, nor for forms of other sites."""
    cookie = make_app(on_disk).test_client().get("/").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_behind_a_proxy_all_is_https(make_app: MakeApp, on_disk: Settings) -> None:
    """Behind a proxy that speaks HTTPS, cookies and browsers keep to it; URLs are its."""
    app = make_app({**on_disk, "BEHIND_HTTPS_PROXY": True})
    app.add_url_rule("/where", view_func=lambda: request.url_root)
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "www.example"}
    answer = app.test_client().get("/", headers=forwarded)
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"]
    assert app.test_client().get("/where", headers=forwarded).text == "https://www.example/"
