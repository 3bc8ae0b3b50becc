"""How a permanent URL leads to its file: a redirect, the app itself, or the server in front."""

import os
from urllib.parse import quote

import pytest
from sent_files import picture, posted
from upload_site import MakeSite, Site
from web import fetch, path_of

from flask_s3_upload import StoredFile, Uploads
from s3_saver import S3Storage


def saved(site: Site, data: bytes = b"0123456789", name: str = "a.txt") -> tuple[StoredFile, str]:
    with site.app.test_request_context():
        stored = site.uploads.save(posted(data, name), to="a/")
        return stored, path_of(stored.permanent_url)


@pytest.fixture
def streaming(make_site: MakeSite) -> Site:
    return make_site(UPLOADS_PRIVATE=True, UPLOADS_SERVE="stream")


def test_a_stream_is_the_whole_file(streaming: Site) -> None:
    """The app sends the bytes, from S3 too, with the headers that a stranger's file needs, and no
    shared cache keeps them."""
    _, url = saved(streaming, picture(), "me.png")
    answer = streaming.get(url)
    assert (answer.status_code, answer.data, answer.mimetype) == (200, picture(), "image/png")
    assert answer.content_length == len(picture())
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    _, url = saved(streaming, b"<script>alert(1)</script>", "x.html")
    assert streaming.get(url).headers["Content-Disposition"].startswith("attachment")


def test_a_stream_has_ranges(streaming: Site) -> None:
    """A player seeks: it gets the part that it asks for, or the size of the file."""
    _, url = saved(streaming)
    for asked, found in {"bytes=2-4": b"234", "bytes=7-": b"789", "bytes=-2": b"89"}.items():
        answer = streaming.get(url, Range=asked)
        assert (answer.status_code, answer.data) == (206, found)
    assert answer.headers["Content-Range"] == "bytes 8-9/10"
    assert streaming.get(url, Range="bytes=10-").status_code == 416
    etag = streaming.get(url).headers["ETag"]
    part = {"Range": "bytes=2-4"}
    assert streaming.get(url, **part, **{"If-Range": etag}).status_code == 206
    assert streaming.get(url, **part, **{"If-Range": '"another"'}).data == b"0123456789"


def test_a_stream_has_conditions(streaming: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that has the file gets a 304, and one that asks for the head gets that: neither
    reads a byte of the storage."""
    _, url = saved(streaming)
    first = streaming.get(url)
    monkeypatch.delattr(type(streaming.storage), "open")
    assert streaming.get(url, **{"If-None-Match": first.headers["ETag"]}).status_code == 304
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert streaming.get(url, **since).status_code == 304
    head = streaming.client.head(url, buffered=True)
    assert (head.status_code, head.content_length, head.data) == (200, 10, b"")
    assert head.headers["ETag"] == first.headers["ETag"]


def test_a_stream_of_what_is_gone(streaming: Site) -> None:
    """A deleted file is a 404, before any byte was sent."""
    stored, url = saved(streaming)
    with streaming.app.app_context():
        stored.delete()
    assert streaming.get(url).status_code == 404
    assert streaming.client.head(url).status_code == 404


def test_the_app_is_asked_before_a_stream(make_site: MakeSite) -> None:
    """authorize_read's no is a 403 in place of the bytes; its yes holds for this one request."""
    site = make_site(
        Uploads(authorize_read=lambda stored: stored.name != "a/a.txt"),
        UPLOADS_PRIVATE=False,
        UPLOADS_SERVE="stream",
    )
    _, refused = saved(site)
    _, allowed = saved(site, b"x", "b.txt")
    assert site.get(refused).status_code == 403
    answer = site.get(allowed)
    assert (answer.data, answer.headers["Cache-Control"]) == (b"x", "private, no-cache")


def test_a_redirect_is_kept_for_half_of_its_signature(make_s3: MakeSite) -> None:
    """Within a window the same signed URL is answered, and signed once; a browser may keep it for
    half of what it has left at least."""
    site = make_s3(UPLOADS_PRIVATE=True, UPLOADS_URL_EXPIRES=86_400)
    _, url = saved(site)
    first, second = site.get(url), site.get(url)
    assert first.status_code == 302
    assert first.headers["Location"] == second.headers["Location"]
    assert first.headers["Cache-Control"] == "private, max-age=43200"
    assert fetch(first.headers["Location"]).body == b"0123456789"


def test_a_kept_url_is_of_today_s_credentials(
    make_s3: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Temporary credentials may change within the window: a URL that the old ones have signed ends
    with them, and is kept no longer."""
    site = make_s3(UPLOADS_PRIVATE=True)
    stored, _ = saved(site)
    assert isinstance(site.storage, S3Storage)
    with site.app.app_context(), monkeypatch.context() as later:
        assert stored.url == stored.url
        later.setattr(site.storage.credentials, "access_key", "ROTATED")
        assert "ROTATED" in stored.url


@pytest.mark.parametrize("name", ["a b.txt", "ä%2F.txt"])
def test_nginx_sends_what_is_on_disk(make_local: MakeSite, name: str) -> None:
    """With x-accel-redirect the answer names the file below an internal location, and has no bytes;
    both of a file's URLs do so."""
    site = make_local(UPLOADS_PRIVATE=True, UPLOADS_SERVE="x-accel-redirect")
    with site.app.test_request_context():
        stored = site.uploads.save(posted(b"x"), to=f"a/{name}")
        urls = [path_of(url) for url in (stored.url, stored.permanent_url)]
    for url in urls:
        answer = site.get(url)
        assert (answer.status_code, answer.data) == (200, b"")
        assert answer.headers["X-Accel-Redirect"] == f"/uploads-files/a/{quote(name)}"
        assert answer.mimetype == "text/plain"
        assert answer.headers["Cache-Control"] == "private, no-cache"
    with site.app.app_context():
        stored.delete()
    assert [site.get(url).status_code for url in urls] == [404, 404]


def test_apache_sends_what_is_on_disk(make_local: MakeSite) -> None:
    """With x-sendfile the answer names the file's path."""
    site = make_local(UPLOADS_PRIVATE=True, UPLOADS_SERVE="x-sendfile")
    stored, url = saved(site)
    with site.app.app_context():
        path = stored.absolute_path
    answer = site.get(url)
    assert (answer.data, answer.headers["X-Sendfile"]) == (b"", path)
    assert os.path.isabs(path)


@pytest.mark.parametrize("way", ["x-accel-redirect", "x-sendfile"])
def test_what_is_on_s3_is_redirected_to(make_s3: MakeSite, way: str) -> None:
    """The server in front has no file to send then."""
    site = make_s3(UPLOADS_PRIVATE=True, UPLOADS_SERVE=way)
    _, url = saved(site)
    assert site.get(url).status_code == 302


@pytest.mark.parametrize("private", [True, False])
@pytest.mark.parametrize(
    ("data", "name", "shown"),
    [(picture(), "Grüße, 日本.png", "inline"), (b"<svg/>", 'a"b\\c.svg', "attachment")],
)
def test_downloads(make_site: MakeSite, private: bool, data: bytes, name: str, shown: str) -> None:
    """A file is saved under the client's own name; shown in the browser only where that is safe,
    with the name for whoever saves it from there."""
    site = make_site(UPLOADS_PRIVATE=private)
    with site.app.test_request_context():
        stored = site.uploads.save(posted(data, name), to="a/x.bin")
        urls = {
            "attachment": stored.download_url(),
            shown: stored.download_url(inline=True),
        }
    for kind, url in urls.items():
        if site.on_s3:
            found = fetch(url)
            status, body, headers = found.status, found.body, dict(found.headers.items())
        else:
            local = site.get(url)
            status, body, headers = local.status_code, local.data, dict(local.headers)
        assert (status, body) == (200, data)
        disposition = {key.lower(): value for key, value in headers.items()}["content-disposition"]
        assert disposition.startswith(f"{kind}; filename=")
        if not name.isascii():
            assert f"filename*=UTF-8''{quote(name, safe='')}" in disposition.replace(",", "%2C")


def test_nobody_else_names_a_download(make_local: MakeSite) -> None:
    """On disk the name is signed for its file: a link that somebody made up saves nothing as
    another kind of file."""
    site = make_local()
    with site.app.test_request_context():
        one, other = (site.uploads.save(posted(b"x", name)) for name in ("a.txt", "b.txt"))
        url = path_of(one.download_url())
        mine, _, query = url.partition("?")
        theirs = path_of(other.url)
    assert site.get(url).status_code == 200
    assert site.get(f"{theirs}?{query}").status_code == 403
    assert site.get(f"{mine}?download=evil.bat").status_code == 403
