"""Files on disk are served by the extension's route."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from flask import Response
from sent_files import picture, posted
from upload_site import MakeSite, Site

import flask_s3_upload
from s3_saver import LocalStorage

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
def site(make_local: MakeSite) -> Site:
    return make_local()


def saved(site: Site, data: bytes, name: str) -> str:
    with site.app.test_request_context():
        return site.uploads.save(posted(data, name)).url


def test_ranges(site: Site) -> None:
    """A part of a file can be asked for, as players of videos do."""
    url = saved(site, b"0123456789", "a.txt")
    answer = site.get(url, Range="bytes=2-4")
    assert (answer.status_code, answer.data) == (206, b"234")
    assert answer.headers["Content-Range"] == "bytes 2-4/10"


def test_conditional_requests(site: Site) -> None:
    """A browser that has the file gets a 304, by ETag and by date; one that has an old one gets the
    new one."""
    url = saved(site, b"old", "a.txt")
    first = site.get(url)
    etag = first.headers["ETag"]
    assert site.get(url, **{"If-None-Match": etag}).status_code == 304
    modified = first.headers["Last-Modified"]
    assert site.get(url, **{"If-Modified-Since": modified}).status_code == 304
    with site.app.app_context():
        site.uploads.save(posted(b"new", "a.txt"), to="a.txt", overwrite=True)
    assert site.get(url, **{"If-None-Match": etag}).data == b"new"


@pytest.mark.parametrize(
    ("name", "data", "content_type"),
    [
        ("a.png", picture(), "image/png"),
        ("a.pdf", b"%PDF-1.7", "application/pdf"),
        ("a.txt", b"<script>", "text/plain"),
        ("a.mp4", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "video/mp4"),
    ],
)
def test_what_is_shown(site: Site, name: str, data: bytes, content_type: str) -> None:
    """Pictures, films, text and PDF are shown in the browser's window, and never sniffed."""
    answer = site.get(saved(site, data, name))
    assert answer.mimetype == content_type
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "attachment" not in answer.headers.get("Content-Disposition", "")


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.html", "application/octet-stream"),
        ("a.htm", "application/octet-stream"),
        ("a.xhtml", "application/octet-stream"),
        ("a.js", "application/octet-stream"),
        ("a.mjs", "application/octet-stream"),
        ("a.css", "application/octet-stream"),
        ("a.xml", "application/octet-stream"),
        ("a.swf", "application/octet-stream"),
        ("a.unknown", "image/svg+xml"),
        ("noextension", "image/svg+xml"),
        ("a.svg", "image/svg+xml"),
        ("a.SVG", "image/svg+xml"),
    ],
)
def test_what_can_run_script_is_downloaded(site: Site, name: str, content_type: str) -> None:
    """What a browser could run as the site's own is an attachment, and of no type that a script
    element takes; a sandbox holds it, should it be opened nevertheless."""
    answer = site.get(saved(site, SVG, name))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.mimetype == content_type
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path",
    [
        "missing.txt",
        "../secret",
        "..%2f..%2fetc/passwd",
        "%2e%2e/secret",
        "a/../../secret",
        "a%5c..%5csecret",
        "a%00b",
        "",
        "folder",
    ],
)
def test_what_is_not_there(site: Site, path: str) -> None:
    """Absent files, folders and ways out of the folder are all 404."""
    saved(site, b"x", "folder.txt")
    assert isinstance(site.storage, LocalStorage)
    with site.app.app_context():
        site.uploads.save(posted(b"x"), to="folder/a.txt")
    assert site.client.get(f"/uploads/{path}", buffered=True).status_code == 404


def test_private_files_need_a_link(make_local: MakeSite) -> None:
    """With UPLOADS_PRIVATE a file is given to a signed URL of its own only, and kept by no shared
    cache."""
    site = make_local(UPLOADS_PRIVATE=True)
    url, other = saved(site, b"x", "a.txt"), saved(site, b"y", "b.txt")
    answer = site.get(url)
    assert (answer.status_code, answer.data, answer.cache_control.private) == (200, b"x", True)
    plain, _, query = url.partition("?")
    assert site.get(plain).status_code == 403
    assert site.get(f"{plain}?signature=x").status_code == 403
    assert site.get(f"{plain}?{other.partition('?')[2]}").status_code == 403
    assert query.startswith("signature=")


def test_a_folder_by_its_cookie(make_local: MakeSite) -> None:
    """A browser that was given the cookie of a folder reads all of it, and nothing else, until the
    cookie ends; public files need none."""
    site = make_local(UPLOADS_PRIVATE=True)
    names = ("films/42/1.ts", "films/42/2.ts", "films/43/1.ts", "films/4.ts")
    with site.app.app_context():
        for name in names:
            site.uploads.save(posted(b"x"), to=name)

    @site.app.get("/film")
    def film() -> Response:
        site.uploads.set_cookies(response := Response("film"), "films/42/")
        return response

    assert [site.get(f"/uploads/{name}").status_code for name in names] == [403] * 4
    cookie = site.get("/film").headers["Set-Cookie"]
    assert "HttpOnly; Path=/uploads/films/42/; SameSite=Lax" in cookie
    assert [site.get(f"/uploads/{name}").status_code for name in names] == [200, 200, 403, 403]
    stolen = {"Cookie": cookie.partition(";")[0]}
    assert [site.get(f"/uploads/{name}", **stolen).status_code for name in names[2:]] == [403, 403]
    signer = site.app.extensions["flask_s3_upload"][""].signer
    for value in (signer.sign_folder("films/42/", -1), "x", signer.sign_url("films/42/", 60)):
        site.client.set_cookie("uploads_folder", value, path="/uploads/films/42/")
        assert site.get(f"/uploads/{names[0]}").status_code == 403


@pytest.mark.parametrize("folder", ["", "/", "films", "pending/", "pending/x/", "../", "a//", 3])
def test_cookies_of_no_folder(make_local: MakeSite, folder: Any) -> None:
    """What is no folder of stored files gets no cookies: a whole store has pending uploads."""
    site = make_local(UPLOADS_PRIVATE=True)
    with site.app.test_request_context(), pytest.raises(ValueError, match="folder|name|'"):
        site.uploads.set_cookies(Response(), folder)


def test_the_module_is_served(site: Site) -> None:
    """The ES module and all that it imports are there, as JavaScript; a browser that has them asks
    whether they have changed, whatever the app says of its static files."""
    site.app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 31_536_000
    waiting, seen = ["/uploads/-/direct-upload.js"], set[str]()
    while waiting:
        seen.add(url := waiting.pop())
        answer = site.get(url)
        assert (answer.status_code, answer.mimetype) == (200, "text/javascript")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.cache_control.no_cache
        assert site.get(url, **{"If-None-Match": answer.headers["ETag"]}).status_code == 304
        imported = re.findall(r'^(?:import|export)\b.*"(\./[^"]+)";$', answer.text, re.MULTILINE)
        waiting += {urljoin(url, name) for name in imported} - seen
    assert len(seen) == len(list(Path(flask_s3_upload.__file__).parent.rglob("static/**/*.js")))
    assert site.get("/uploads/-/direct-upload/%2e%2e/direct-upload.js").status_code == 404
    assert site.get("/uploads/-/direct-upload/nothing.js").status_code == 404


def test_the_prefix_is_a_setting(make_local: MakeSite) -> None:
    """UPLOADS_URL_PREFIX moves all of the extension's URLs."""
    site = make_local(UPLOADS_URL_PREFIX="/files")
    assert saved(site, b"x", "a.txt") == "http://localhost/files/a.txt"
    assert site.get("/files/-/direct-upload.js").status_code == 200


@pytest.mark.parametrize("name", ["a.png", "a.unknown"])
def test_a_file_that_is_deleted_meanwhile(
    make_local: MakeSite, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Between the look at it and its sending a file may go: it is not found then."""
    site = make_local()
    url = saved(site, picture(), name)
    find = LocalStorage.path

    def delete_and_find(storage: LocalStorage, name: str) -> str:
        storage.delete(name)
        return find(storage, name)

    monkeypatch.setattr(LocalStorage, "path", delete_and_find)
    assert site.get(url).status_code == 404
