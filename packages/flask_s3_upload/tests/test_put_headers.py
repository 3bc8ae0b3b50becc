"""A presigned PUT or part does what it was made for and nothing else, whatever the store obeys."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from obeying_store import Store, Way, running_store
from sent_files import PART, big, picture
from upload_site import MakeSite, Site
from web import fetch

from s3_saver import S3Storage

SECRET = b"what only the owner may read".ljust(len(picture()))

#: On a real server these would try what moto is made to do here.
moto_only = pytest.mark.skipif(
    "S3_TEST_ENDPOINT" in os.environ, reason="the proxy changes the host, which is signed"
)

MakeStore = Callable[[Way], tuple[Site, Store]]


@pytest.fixture
def make_store(make_s3: MakeSite, s3_server: object) -> Iterator[MakeStore]:
    """Makes a site whose store has one of the three ways."""
    with ExitStack() as stack:

        def make(way: Way) -> tuple[Site, Store]:
            store = stack.enter_context(running_store(s3_server.endpoint_url, way))  # type: ignore[attr-defined]
            site = make_s3(
                UPLOADS_S3_ENDPOINT_URL=store.endpoint_url,
                UPLOADS_S3_DIRECT_METHOD="PUT",
                UPLOADS_S3_ALLOW_UNSIGNED_HEADERS=False,
            )
            return site, store

        yield make


def copy_source(site: Site) -> dict[str, str]:
    """The header by which an upload would be a copy of what the app's keys can read."""
    assert isinstance(site.storage, S3Storage)
    site.storage.client.put_object(
        Bucket=site.storage.bucket_name, Key="private/salaries.csv", Body=SECRET
    )
    return {"x-amz-copy-source": f"/{site.storage.bucket_name}/private/salaries.csv"}


def pending(site: Site) -> list[bytes]:
    return [site.read(name) for name in site.names("pending/")]


@pytest.mark.servers
@pytest.mark.parametrize("declared", ["the setting", "the default"])
def test_an_upload_is_no_copy(make_s3: MakeSite, declared: str) -> None:
    """A browser that adds x-amz-copy-source to its presigned PUT gets 403, and nothing of the other
    object; without the header the same URL works."""
    site = make_s3(
        UPLOADS_S3_DIRECT_METHOD="PUT",
        UPLOADS_S3_ALLOW_UNSIGNED_HEADERS=declared == "the setting",
    )
    header = copy_source(site)
    way = site.sign(picture())
    status = fetch(way["url"], "PUT", picture(), {**way["headers"], **header}).status
    assert (status, pending(site)) == (403, [])
    assert fetch(way["url"], "PUT", picture(), way["headers"]).status == 200
    assert site.read(site.claim(way["token"]).name) == picture()


@pytest.mark.servers
@pytest.mark.parametrize(
    "header",
    [
        {"x-amz-acl": "public-read"},
        {"x-amz-grant-read": 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'},
        {"x-amz-website-redirect-location": "https://evil.example/"},
        {"x-amz-tagging": "a=b"},
        {"x-amz-storage-class": "REDUCED_REDUNDANCY"},
    ],
    ids=lambda header: next(iter(header)),
)
def test_an_upload_opens_nothing(make_s3: MakeSite, header: dict[str, str]) -> None:
    """No header that changes how the object is kept, or who may read it, can be added."""
    site = make_s3(UPLOADS_S3_DIRECT_METHOD="PUT")
    way = site.sign(picture())
    assert fetch(way["url"], "PUT", picture(), {**way["headers"], **header}).status == 403
    assert pending(site) == []


@pytest.mark.servers
@pytest.mark.parametrize("sent", [b"", b"x" * 99])
def test_a_part_is_no_copy(make_s3: MakeSite, sent: bytes) -> None:
    """A part cannot be made of another object either, whose size and hash would be listed."""
    site = make_s3()
    header = {**copy_source(site), "x-amz-copy-source-range": "bytes=0-9"}
    token = site.sign(big(), parts=True)["token"]
    url = site.ask("part", token=token, part=2)["url"]
    for unsigned in (header, {"x-amz-copy-source": header["x-amz-copy-source"]}):
        assert fetch(url, "PUT", sent, unsigned).status == 403
    assert site.ask("parts", token=token) == []
    assert fetch(url, "PUT", big()[PART:]).status == 200


@moto_only
@pytest.mark.parametrize("way", ["refuses", "holds"])
def test_stores_that_can_be_served(make_store: MakeStore, way: Way) -> None:
    """A store that refuses unsigned headers gets plain URLs, as it may refuse others; of one that
    holds to what a URL declares, every URL declares these headers. Both are asked once."""
    site, store = make_store(way)
    header = copy_source(site)
    answer = site.sign(picture())
    assert ("x-amz-copy-source" in answer["url"]) == (way == "holds")
    assert fetch(answer["url"], "PUT", picture(), {**answer["headers"], **header}).status == 403
    assert site.send(answer, picture()) == 200
    assert site.read(site.claim(answer["token"]).name) == picture()
    store.requests.clear()
    site.sign(picture())
    assert store.requests == []
    token = site.sign(big(), parts=True)["token"]
    url = site.ask("part", token=token, part=2)["url"]
    assert fetch(url, "PUT", big()[PART:], header).status == 403
    assert site.names("pending/trial") == []


@moto_only
def test_a_store_that_obeys_everything(
    make_store: MakeStore, caplog: pytest.LogCaptureFixture
) -> None:
    """Where nothing keeps an upload from being a copy, no PUT and no part is signed; the log names
    the setting that would."""
    site, _ = make_store("obeys")
    question = {"filename": "a.png", "size": len(picture()), "type": "image/png"}
    for size, parts in ((len(picture()), False), (len(big()), True)):
        answer = site.client.post(
            "/uploads/-/sign", json={**question, "size": size, "parts": parts}
        )
        assert (answer.status_code, answer.is_json) == (500, True)
        assert "amz" not in answer.text
    assert "UPLOADS_S3_ALLOW_UNSIGNED_HEADERS = True" in caplog.text
    assert site.names() == []


@moto_only
def test_forms_ask_nothing(make_s3: MakeSite) -> None:
    """Where all goes by forms the store is not tried out."""
    site = make_s3(UPLOADS_S3_ALLOW_UNSIGNED_HEADERS=False)
    assert site.sign(picture())["method"] == "POST"
    assert site.claim(site.upload(picture())).name == "cat.png"


def test_amazon_is_never_asked(make_s3: MakeSite) -> None:
    """For Amazon's hosts a PUT is signed without a request."""
    site = make_s3(
        UPLOADS_S3_BUCKET_NAME="a-bucket-that-nobody-asks",
        UPLOADS_S3_ENDPOINT_URL=None,
        UPLOADS_S3_REGION="eu-north-1",
        UPLOADS_S3_DIRECT_METHOD="PUT",
        UPLOADS_S3_ALLOW_UNSIGNED_HEADERS=False,
    )
    url = site.sign(picture())["url"]
    assert url.startswith("https://a-bucket-that-nobody-asks.s3.eu-north-1.amazonaws.com/")
    assert "copy-source" not in url
