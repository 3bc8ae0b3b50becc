"""The page that says what is in use."""

import pytest

from example_app.tests.support import MakeApp, Settings


def page(make_app: MakeApp, settings: Settings) -> str:
    return make_app(settings).test_client().get("/status").text


def test_on_disk(make_app: MakeApp, on_disk: Settings) -> None:
    """With nothing configured, everything is in this process and on this disk."""
    html = page(make_app, on_disk)
    for words in ("the disk", "SQLite", "in each process", "from the app", "none is needed"):
        assert words in html


def test_on_s3_and_redis(make_app: MakeApp, on_s3: Settings) -> None:
    """Bucket, endpoint, cache and queue are named, and no secret is."""
    html = page(
        make_app,
        {
            **on_s3,
            "S3_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "S3_ACCESS_KEY_SECRET": "hushhush",
            "REDIS_URL": "redis://me:hushhush@127.0.0.1:1/0",
            "THUMBNAIL_MODE": "queue",
        },
    )
    assert on_s3["S3_BUCKET_NAME"] in html
    assert on_s3["S3_ENDPOINT_URL"] in html
    assert html.count("Redis at 127.0.0.1:1") == 2
    assert "hushhush" not in html
    assert "AKIDEXAMPLE" not in html


@pytest.mark.parametrize(
    ("mode", "words"), [("queue", "threads of each process"), ("lazy", "when the browser asks")]
)
def test_how_thumbnails_are_made(
    make_app: MakeApp, on_disk: Settings, mode: str, words: str
) -> None:
    """The mode of thumbnails is explained."""
    assert words in page(make_app, {**on_disk, "THUMBNAIL_MODE": mode})
