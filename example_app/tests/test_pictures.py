"""Faults in the middle: the row always names a file that is there, and no other file is left."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError

from example_app.check import make_jpeg
from example_app.models import db
from example_app.tests.faulty_s3 import refusing_lists
from example_app.tests.support import (
    Browser,
    MakeApp,
    Serve,
    Settings,
    stored_files,
    stored_thumbnails,
    the_name,
)


def let_commits_fail(app: Flask, change: str) -> None:
    """Make the database refuse an ``'INSERT'`` or an ``'UPDATE'`` of the row."""
    with app.app_context():
        db.session.execute(
            text(
                f"CREATE TRIGGER refuse AFTER {change} ON thingy "
                "BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END"
            )
        )
        db.session.commit()


def test_a_failed_commit_keeps_the_old_picture(app: Flask, jpeg: bytes, other_jpeg: bytes) -> None:
    """If the row cannot be changed, the old picture is shown still and the new file is deleted."""
    browser = Browser(app)
    browser.upload(jpeg)
    before = stored_files(app)
    let_commits_fail(app, "UPDATE")

    browser.upload(other_jpeg)

    assert browser.status == 200
    assert browser.page.words.startswith("Nothing was changed.")
    assert browser.fetch(browser.original_url) == (200, jpeg)
    assert stored_files(app) == before


def test_a_failed_first_commit_leaves_nothing(app: Flask, jpeg: bytes) -> None:
    """If the first row cannot be made, its file is deleted and the page is as before."""
    let_commits_fail(app, "INSERT")
    browser = Browser(app)

    browser.upload(jpeg)

    assert browser.page.words.startswith("Nothing was changed.")
    assert browser.page.original_url is None
    assert stored_files(app) == []


def test_a_failed_commit_deletes_nothing(app: Flask, jpeg: bytes) -> None:
    """If the row cannot be emptied, its file stays."""
    browser = Browser(app)
    browser.upload(jpeg)
    let_commits_fail(app, "UPDATE")

    browser.delete()

    assert browser.page.words.startswith("Nothing was changed.")
    assert browser.fetch(browser.original_url) == (200, jpeg)


@pytest.mark.parametrize("is_first", [True, False])
def test_of_many_changes_at_once_no_file_is_left(app: Flask, jpeg: bytes, is_first: bool) -> None:
    """After saves and deletes at the same time, what the row names is all that is stored."""
    if not is_first:
        Browser(app).upload(jpeg)
    changes: list[Callable[[Browser], None]] = [
        partial(Browser.upload, content=make_jpeg()) for _ in range(8)
    ]
    changes[3:3] = [Browser.delete]
    browsers = [Browser(app) for _ in changes]

    with ThreadPoolExecutor(len(changes)) as threads:
        list(threads.map(lambda change, browser: change(browser), changes, browsers))

    assert {browser.status for browser in browsers} == {200}
    shown = {browser.page.words for browser in browsers}
    # If the delete of a picture comes first, all others may find that they came too late.
    assert "Picture saved." in shown or (not is_first and "Picture deleted." in shown)
    assert stored_files(app) == [name for name in [the_name(app)] if name]


@pytest.mark.parametrize("is_done", [True, False])
def test_a_lost_answer_of_the_database_loses_no_file(
    app: Flask, jpeg: bytes, other_jpeg: bytes, is_done: bool
) -> None:
    """If the connection breaks at the commit, the row names a file that is there, whether the
    database committed or not.
    """
    browser = Browser(app)
    browser.upload(jpeg)

    def cut(connection: Connection) -> None:
        if is_done:
            connection.connection.commit()
        error = DBAPIError("COMMIT", {}, Exception("gone"), connection_invalidated=True)
        connection.connection.rollback()
        raise error

    with app.app_context():
        event.listen(db.engine, "commit", cut)
        engine = db.engine
    browser.upload(other_jpeg)
    event.remove(engine, "commit", cut)

    browser.show("GET", "/")
    content = other_jpeg if is_done else jpeg
    assert browser.fetch(browser.original_url) == (200, content)
    assert the_name(app) in stored_files(app)


def test_an_absent_storage_loses_nothing(
    make_app: MakeApp,
    on_s3: Settings,
    closed_endpoint: str,
    jpeg: bytes,
    other_jpeg: bytes,
) -> None:
    """While the storage does not answer, the page says so and the old picture stays."""
    Browser(make_app(on_s3)).upload(jpeg)

    browser = Browser(make_app({**on_s3, "S3_ENDPOINT_URL": closed_endpoint}))
    browser.upload(other_jpeg)

    assert browser.status == 200
    assert browser.page.words == (
        "Nothing was changed. The storage does not answer: try again in a moment."
    )
    later = Browser(make_app(on_s3))
    assert later.fetch(later.original_url) == (200, jpeg)


def test_a_missing_bucket_is_told(
    make_app: MakeApp, on_s3: Settings, jpeg: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """If the bucket is missing, the page says that the storage fails; the log names the bucket."""
    browser = Browser(make_app({**on_s3, "S3_BUCKET_NAME": "no-such-bucket-here"}))

    browser.upload(jpeg)

    assert browser.status == 200
    assert "The storage reports an error:" in browser.page.words
    assert "no-such-bucket-here" in caplog.text
    assert "no-such-bucket-here" not in browser.page.words


@pytest.mark.servers
def test_wrong_credentials_are_told(make_app: MakeApp, on_s3: Settings, jpeg: bytes) -> None:
    """If the storage refuses the keys, the page says so, and nothing breaks."""
    browser = Browser(make_app({**on_s3, "S3_ACCESS_KEY_SECRET": "wrong"}))

    browser.upload(jpeg)

    assert browser.status == 200
    assert "The storage reports an error:" in browser.page.words


def test_a_file_that_could_not_be_deleted_is_logged(
    make_app: MakeApp,
    on_s3: Settings,
    closed_endpoint: str,
    jpeg: bytes,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The log has the name of a file that stays although nothing names it any more."""
    Browser(make_app(on_s3)).upload(jpeg)
    app = make_app({**on_s3, "S3_ENDPOINT_URL": closed_endpoint})
    name = the_name(app)

    browser = Browser(app)
    with caplog.at_level(logging.ERROR):
        browser.delete()

    assert browser.page.original_url is None
    assert name in caplog.text


def test_thumbnails_that_could_not_be_deleted_are_logged(
    make_app: MakeApp,
    serve: Serve,
    on_s3: Settings,
    jpeg: bytes,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The log has the original whose thumbnails stay when it goes."""
    app = make_app({**on_s3, "S3_ENDPOINT_URL": serve(refusing_lists(on_s3))})
    browser = Browser(app)
    browser.upload(jpeg)
    name = the_name(app)

    with caplog.at_level(logging.ERROR):
        browser.delete()

    assert browser.page.original_url is None
    assert name in caplog.text
    healthy = make_app(on_s3)
    assert stored_files(healthy) == []
    assert len(stored_thumbnails(healthy)) == 2  # that of the page, and the preview in its form
