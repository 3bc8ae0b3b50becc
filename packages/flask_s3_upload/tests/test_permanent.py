"""Addresses that stay: stored.permanent_url, and who may read by it."""

from io import BytesIO

import pytest
from sent_files import picture, posted
from test_cli import run
from test_signing import mutations
from upload_site import MakeSite, Site
from web import fetch, path_of

from flask_s3_upload import StoredFile, Uploads, upload
from s3_saver import BucketNotFoundError, FileInfo, S3Storage, content_etag
from s3_saver.testing import S3Server


@pytest.fixture
def private(make_site: MakeSite) -> Site:
    return make_site(UPLOADS_PRIVATE=True)


def saved(site: Site, name: str = "cat.png") -> StoredFile:
    with site.app.test_request_context():
        return site.uploads.save(posted(picture(), name), to="cats/")


def permanent_url(site: Site, stored: StoredFile) -> str:
    with site.app.test_request_context():
        return stored.permanent_url


def read(site: Site, url: str) -> bytes:
    """Follow a permanent URL."""
    answer = site.get(url)
    if answer.status_code == 302:
        found = fetch(answer.headers["Location"])
        assert found.status == 200
        return found.body
    assert answer.status_code == 200, answer.text
    data: bytes = answer.data
    return data


def test_it_leads_to_the_file(private: Site) -> None:
    """A private file's permanent URL is the app's own, the same each time, and gives its bytes; no
    shared cache keeps the answer."""
    stored = saved(private, "Grüße aus Köln.png")
    url = permanent_url(private, stored)
    assert url == permanent_url(private, stored)
    assert url.startswith("http://localhost/uploads/-/stored/")
    assert read(private, url) == picture()
    answer = private.get(url)
    assert answer.cache_control.private
    assert answer.status_code == (302 if private.on_s3 else 200)


def test_open_event_s_upload_gives_it(private: Site) -> None:
    """upload() returns the URL that never ends."""
    with private.app.test_request_context():
        url = upload(posted(picture()), "users/1/avatar")
    assert "/-/stored/" in url
    assert read(private, url) == picture()


def test_a_public_file_s_own_url_is_permanent(make_site: MakeSite) -> None:
    """What anybody may read needs no second address."""
    site = make_site()
    stored = saved(site)
    with site.app.test_request_context():
        assert stored.permanent_url == stored.url


def test_no_mutated_url_is_accepted(make_local: MakeSite) -> None:
    """Of 200 changed signatures none leads anywhere."""
    site = make_local(UPLOADS_PRIVATE=True)
    token = permanent_url(site, saved(site)).split("/")[-2]
    for changed in mutations(token, 200):
        if "/" not in changed and "?" not in changed:
            assert site.get(f"/uploads/-/stored/{changed}/cat.png").status_code == 404


@pytest.mark.parametrize("private", [True, False])
def test_the_app_may_decide_who_reads(make_site: MakeSite, private: bool) -> None:
    """With authorize_read each request is asked about, with the stored file; its no is a 403, and
    then a public file's permanent URL leads through the app as well."""
    asked: list[StoredFile] = []
    allowed = [True, False]

    def authorize(stored: StoredFile) -> bool:
        asked.append(stored)
        return allowed[len(asked) - 1]

    site = make_site(Uploads(authorize_read=authorize), UPLOADS_PRIVATE=private)
    stored = saved(site)
    url = permanent_url(site, stored)
    assert site.get(url).status_code in (200, 302)
    assert site.get(url).status_code == 403
    assert [(one.name, one.size, one.content_type, one.filename) for one in asked] == [
        (stored.name, stored.size, "image/png", "cat.png")
    ] * 2
    with site.app.app_context(), asked[0].open() as file:
        assert file.read() == picture()


def test_it_stays_when_the_file_moves(make_s3: MakeSite) -> None:
    """After flask uploads migrate, there and back, the same URL leads to the file where it is."""
    site = make_s3(UPLOADS_USE_S3=False, UPLOADS_PRIVATE=True)

    class Row:
        file = saved(site)

    url = permanent_url(site, Row.file)
    assert read(site, url) == picture()
    moved = make_s3(UPLOADS_PRIVATE=True)
    moved.uploads.register_model("rows", lambda: [Row], "file", commit=lambda row: None)
    assert read(moved, url) == picture()  # it is on disk still
    assert "1 moved to s3, 0 failed" in run(moved, "migrate", "--to", "s3").output
    assert site.names() == []
    assert site.get(url).status_code == 404  # an app whose new files go to the disk looks there
    assert read(moved, url) == picture()
    on_s3 = permanent_url(moved, Row.file)
    assert "1 moved to local, 0 failed" in run(moved, "migrate", "--to", "local").output
    assert read(site, on_s3) == picture()


def test_what_is_gone(make_s3: MakeSite, make_local: MakeSite) -> None:
    """A deleted file, and one in a bucket that the app has no more, is a 404, and never a 500."""
    local = make_local(UPLOADS_PRIVATE=True)
    stored = saved(local)
    url = permanent_url(local, stored)
    with local.app.app_context():
        stored.delete()
    assert local.get(url).status_code == 404
    site = make_s3(UPLOADS_PRIVATE=True)
    assert isinstance(site.storage, S3Storage)
    assert make_local(UPLOADS_PRIVATE=True).get(permanent_url(site, saved(site))).status_code == 404


def test_a_worker_makes_it_too(make_local: MakeSite) -> None:
    """With UPLOADS_DOMAIN a command or a worker, which has no request, can write it into a mail."""
    site = make_local(UPLOADS_PRIVATE=True, UPLOADS_DOMAIN="https://www.example.com")
    with site.app.app_context():
        stored = site.uploads.save(posted(picture(), "ä b.png"))
        url, own = stored.permanent_url, stored.url
    assert url.startswith("https://www.example.com/uploads/-/stored/")
    assert site.get(path_of(url)).data == site.get(path_of(own)).data == picture()


def streamed(site: Site, data: bytes = b"old") -> tuple[str, StoredFile]:
    """A file on S3, and the permanent URL by which the app sends it."""
    with site.app.test_request_context():
        stored = site.uploads.save(posted(data, "a.txt"), to="a.txt")
    return permanent_url(site, stored), stored


def test_a_file_that_is_replaced_meanwhile(
    make_s3: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Headers and bytes are of one version, also where another one comes between the two requests
    that the app sends to S3."""
    site = make_s3(UPLOADS_PRIVATE=True, UPLOADS_SERVE="stream")
    url, _ = streamed(site)
    stat = S3Storage.stat
    newer = [b"a newer one", b"the newest"]

    def stat_and_replace(storage: S3Storage, name: str) -> FileInfo:
        info = stat(storage, name)
        if newer:
            storage.save(name, BytesIO(newer.pop(0)), content_type="text/plain")
        return info

    monkeypatch.setattr(S3Storage, "stat", stat_and_replace)
    answer = site.get(url)
    assert (answer.status_code, answer.data) == (200, b"the newest")
    assert answer.content_length == len(b"the newest")
    assert answer.headers["ETag"] == f'"{content_etag(BytesIO(answer.data), in_parts=False)}"'


def test_while_s3_does_not_answer(make_s3: MakeSite, caplog: pytest.LogCaptureFixture) -> None:
    """A file that the app would send is a 503 for the visitor, and one line in the log."""
    site = make_s3(UPLOADS_PRIVATE=True, UPLOADS_SERVE="stream")
    url, _ = streamed(site)
    token = url.partition("http://localhost")[2]
    away = make_s3(
        UPLOADS_PRIVATE=True, UPLOADS_SERVE="stream", UPLOADS_S3_ENDPOINT_URL="http://127.0.0.1:9"
    )
    assert away.client.get(token).status_code == 503
    (record,) = [one for one in caplog.records if "a file cannot be sent" in one.getMessage()]
    assert record.exc_info is None


def test_a_bucket_that_has_gone(make_s3: MakeSite, s3_server: S3Server) -> None:
    """Who asks for a file of it, or goes on with an upload into it, gets no page of somebody
    else's and no traceback: the questions answer in JSON."""
    site = make_s3(UPLOADS_PRIVATE=True, UPLOADS_SERVE="stream")
    url, _ = streamed(site)
    token = site.upload(picture())
    assert isinstance(site.storage, S3Storage)
    s3_server.remove_bucket(site.storage.bucket_name)
    answer = site.client.get(path_of(url))
    assert answer.status_code == 503
    asked = site.client.post("/uploads/-/arrived", json={"token": token})
    assert (asked.status_code, asked.is_json) == (500, True)
    with pytest.raises(BucketNotFoundError, match="there is no bucket"):
        site.claim(token)
