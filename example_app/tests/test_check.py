"""The check passes where all is well, and says what is not."""

from collections.abc import Callable
from wsgiref.types import WSGIApplication

import pytest
from flask import Flask

from example_app.check import check as check_app
from example_app.tests.faulty_s3 import corrupting, keeping, keeping_thumbnails, shrinking
from example_app.tests.support import (
    EMAIL,
    PASSWORD,
    Browser,
    MakeApp,
    Serve,
    Settings,
    stored_files,
    stored_thumbnails,
)
from example_app.visitor import CheckError


def check(url: str) -> None:
    check_app(url, EMAIL, PASSWORD)


def test_it_passes_and_leaves_nothing(
    app: Flask, serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a storage that works every step is printed with URL and status, and nothing stays."""
    url = serve(app)

    check(url)

    steps = capsys.readouterr().out
    assert f"  200 GET  {url}\n" in steps
    for path in ("", "delete", "gallery", "login", "admin/picture/new/", "admin/picture/delete/"):
        assert f"  302 POST {url}{path}, then 200\n" in steps
    assert f"  200 POST {url}uploads/-/sign\n" in steps
    assert steps.count("bytes came back") == 6
    assert steps.count("it has 480 x 360 pixels") == 2
    assert steps.count("it has 300 x 300 pixels") == 1
    assert steps.count("  404 GET  ") == 8
    assert stored_files(app) == []
    assert stored_thumbnails(app) == []


@pytest.mark.servers
@pytest.mark.servers
def test_it_passes_on_a_private_bucket(make_app: MakeApp, serve: Serve, on_s3: Settings) -> None:
    """The round trip works on a server that checks signatures, whose bucket is private."""
    check(serve(make_app(on_s3)))


@pytest.mark.parametrize(
    ("faulty", "message"),
    [
        (corrupting, "bytes that are not those that were uploaded"),
        (keeping, r"/uploads/thingy/\S+\.jpg\?… answers 200, not 404"),
        (shrinking, "has 1 x 1 pixels, not 480 x 360"),
        (keeping_thumbnails, r"/thumbnails/thingy/\S+\.jpg\?… answers 200, not 404"),
    ],
)
def test_a_faulty_storage_is_found(
    make_app: MakeApp,
    serve: Serve,
    on_s3: Settings,
    faulty: Callable[[Settings], WSGIApplication],
    message: str,
) -> None:
    """A storage that returns other pictures, or keeps what it should delete, fails the check."""
    endpoint_url = serve(faulty(on_s3))
    app = make_app({**on_s3, "S3_ENDPOINT_URL": endpoint_url})

    with pytest.raises(CheckError, match=message):
        check(serve(app))


def test_an_absent_storage_is_told(
    make_app: MakeApp, serve: Serve, on_s3: Settings, closed_endpoint: str
) -> None:
    """If the picture could not be saved, the check fails with the message of the page."""
    app = make_app({**on_s3, "S3_ENDPOINT_URL": closed_endpoint})

    with pytest.raises(CheckError, match="The storage does not answer"):
        check(serve(app))


def test_a_picture_that_is_there_is_left_alone(
    make_app: MakeApp, serve: Serve, on_disk: Settings, jpeg: bytes
) -> None:
    """The check does not begin where somebody's picture is."""
    app = make_app(on_disk)
    Browser(app).upload(jpeg)

    with pytest.raises(CheckError, match="There is a picture already"):
        check(serve(app))

    assert len(stored_files(app)) == 1


def test_an_absent_app_is_told(closed_endpoint: str) -> None:
    """If nobody answers, the check says who."""
    with pytest.raises(CheckError, match=f"GET {closed_endpoint}/ has no answer"):
        check(f"{closed_endpoint}/")
