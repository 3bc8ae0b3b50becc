"""Films in pieces behind cookies, as docs/recipes/hls.md has it."""

import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urljoin
from urllib.request import HTTPCookieProcessor, HTTPSHandler, build_opener

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask import Flask, session
from werkzeug.serving import make_server

from recipes.edge import Cdn
from recipes.page import Load
from recipes.web import make_certificate
from s3_saver.testing import S3Server

FILM = {
    "index.m3u8": b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=800000\n720p/index.m3u8\n",
    "720p/index.m3u8": b"#EXTM3U\n#EXTINF:6,\n0001.ts\n#EXTINF:6,\n0002.ts\n#EXT-X-ENDLIST\n",
    "720p/0001.ts": b"G" + bytes(187) * 100,
    "720p/0002.ts": b"G" + bytes(187) * 90,
}


class Browser:
    """What a browser does here: it keeps cookies, and follows relative addresses."""

    def __init__(self, certificate: Path) -> None:
        context = ssl.create_default_context(cafile=str(certificate))
        self.cookies = CookieJar()
        self._opener = build_opener(
            HTTPCookieProcessor(self.cookies), HTTPSHandler(context=context)
        )

    def get(self, url: str) -> tuple[int, str, bytes]:
        """Return the status, the type and the body of an answer."""
        try:
            with self._opener.open(url) as answer:
                return answer.status, answer.headers.get_content_type(), answer.read()
        except HTTPError as error:
            with error:
                return error.code, "", error.read()

    def watch(self, page: str) -> list[tuple[int, str, bytes]]:
        """Look at a page, and play what it shows to the end."""
        status, _, body = self.get(page)
        assert status == 200
        found = re.search(r'src="([^"]+)"', body.decode())
        assert found
        waiting, answers = [urljoin(page, found[1])], []
        while waiting:
            url = waiting.pop(0)
            answer = self.get(url)
            answers.append(answer)
            if answer[1] == "application/vnd.apple.mpegurl":
                lines = answer[2].decode().splitlines()
                waiting += [urljoin(url, line) for line in lines if not line.startswith("#")]
        return answers


@dataclass(frozen=True)
class Site:
    """A site of films, with the CDN that it has or none."""

    url: str
    browser: Browser
    recipe: dict[str, Any]
    cdn: str


@contextmanager
def running(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def site(
    place: str,
    load: Load,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Site]:
    """The recipe: on disk, and on S3 behind a CDN."""
    certificate = tmp_path / "localhost.pem"
    make_certificate("localhost", certificate)
    with ExitStack() as stack:
        domain = ""
        if place == "s3":
            key = ec.generate_private_key(ec.SECP256R1())
            server: S3Server = request.getfixturevalue("s3_server")
            bucket: str = request.getfixturevalue("s3_bucket")
            cdn = Cdn({"K1": key.public_key()}, lambda: server.storage(bucket))
            edge = stack.enter_context(cdn.serving(certificate))
            cdn.domain = domain = f"localhost:{edge.port}"
            pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
            monkeypatch.setenv("FLASK_S3_CDN_DOMAIN", domain)
            monkeypatch.setenv("FLASK_S3_CLOUDFRONT_KEY_ID", "K1")
            monkeypatch.setenv("FLASK_S3_CLOUDFRONT_PRIVATE_KEY", pem)
        recipe = load("hls")
        app: Flask = recipe["app"]

        @app.get("/buy/<int:film>")
        def buy(film: int) -> str:
            session["films"] = [*session.get("films", ()), film]
            return ""

        for name, data in FILM.items():
            path = tmp_path / "film" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        with app.app_context():
            recipe["add_film"](42, tmp_path / "film")
            recipe["add_film"](43, tmp_path / "film")
        url = stack.enter_context(running(app))
        yield Site(url, Browser(certificate), recipe, domain)


def folder_of(site: Site, film: int) -> str:
    host = f"https://{site.cdn}" if site.cdn else site.url
    return f"{host}/uploads/films/{film}/"


def test_playing(site: Site) -> None:
    """Who may watch a film gets its playlists and all of its pieces, by their relative names."""
    site.browser.get(f"{site.url}/buy/42")
    answers = site.browser.watch(f"{site.url}/films/42")
    assert [body for _, _, body in answers] == list(FILM.values())
    assert {status for status, _, _ in answers} == {200}
    assert answers[-1][1] == "video/mp2t"


def test_others(site: Site) -> None:
    """Who may not watch a film sees neither its page nor a piece, and the cookies of one film open
    no other.
    """
    assert site.browser.get(f"{site.url}/films/42")[0] == 403
    assert site.browser.get(folder_of(site, 42) + "720p/0001.ts")[0] == 403
    site.browser.get(f"{site.url}/buy/42")
    site.browser.get(f"{site.url}/films/42")
    assert site.browser.get(folder_of(site, 42) + "720p/0001.ts")[0] == 200
    assert site.browser.get(folder_of(site, 43) + "720p/0001.ts")[0] == 403
    assert site.browser.get(folder_of(site, 42) + "720p/0003.ts")[0] == 404


def test_cookies_of_another_film(site: Site) -> None:
    """Even if a browser sends the cookies of one film for another, it gets nothing."""
    site.browser.get(f"{site.url}/buy/42")
    site.browser.get(f"{site.url}/films/42")
    cookies = list(site.browser.cookies)
    site.browser.cookies.clear()
    for cookie in cookies:
        cookie.path = "/"
        site.browser.cookies.set_cookie(cookie)
    status, _, body = site.browser.get(folder_of(site, 43) + "index.m3u8")
    assert status == 403
    assert body == b"another resource" or not site.cdn


def test_what_the_cookies_are(site: Site) -> None:
    """They are sent for the film's folder alone, until the browser is closed, and no script reads
    them.
    """
    site.browser.get(f"{site.url}/buy/42")
    site.browser.get(f"{site.url}/films/42")
    own = [one for one in site.browser.cookies if one.name != "session"]
    assert len(own) == (4 if site.cdn else 1)
    for cookie in own:
        assert (cookie.path, cookie.expires) == ("/uploads/films/42/", None)
        assert cookie.secure or not site.cdn
        assert cookie.has_nonstandard_attr("HttpOnly")
