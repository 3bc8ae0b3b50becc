"""Errors in words."""

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from example_app.errors import in_words
from example_app.tests.support import MakeApp, Settings
from s3_saver import AccessDeniedError, NotFoundError, StorageUnavailableError


@pytest.fixture
def disk_app(make_app: MakeApp, on_disk: Settings) -> Flask:
    return make_app(on_disk)


def test_an_error_page_leads_back(disk_app: Flask) -> None:
    """A wrong address gets a page like the others, with the way back."""
    answer = disk_app.test_client().get("/nowhere")

    assert answer.status_code == 404
    assert "There is no such page." in answer.text
    assert 'href="/"' in answer.text


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/", "/"),
        ("/delete", "/"),
        ("/gallery", "/gallery"),
        ("/gallery/1/delete", "/gallery"),
        ("/admin/picture/new/", "/admin/picture/new/"),
        ("/admin/picture/delete/", "/admin/picture/"),
    ],
)
def test_an_expired_form_leads_back_to_itself(disk_app: Flask, path: str, page: str) -> None:
    """Whose form has expired, as sessions do, gets a link to the page that has a new one."""
    answer = disk_app.test_client().post(path)

    assert answer.status_code == 400
    assert "The form has expired:" in answer.text
    assert f'<a class="btn btn-primary" href="{page}">' in answer.text


def test_a_wrong_method_keeps_its_status(disk_app: Flask) -> None:
    """An error without a message of the app shows HTTP's own."""
    answer = disk_app.test_client().get("/delete")

    assert answer.status_code == 405
    assert "not allowed" in answer.text


def test_a_bug_shows_nothing_of_itself(disk_app: Flask) -> None:
    """An error that nobody thought of gets a page in words, without a traceback."""

    @disk_app.get("/bug")
    def bug() -> str:
        raise RuntimeError("a secret of ours")

    answer = disk_app.test_client().get("/bug")

    assert answer.status_code == 500
    assert "Something went wrong on the server:" in answer.text
    assert "a secret of ours" not in answer.text


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OperationalError("SELECT", {}, Exception("a secret")), "The database does not answer:"),
        (StorageUnavailableError("a secret"), "The storage does not answer:"),
        (AccessDeniedError("a secret"), "The storage reports an error:"),
    ],
)
def test_what_is_gone_for_a_while_is_told(disk_app: Flask, error: Exception, words: str) -> None:
    """While database or storage are gone, pages that need them say so, with the status for that."""

    @disk_app.get("/gone")
    def gone() -> str:
        raise error

    answer = disk_app.test_client().get("/gone")

    assert answer.status_code == 503
    assert words in answer.text
    assert "a secret" not in answer.text


def test_the_nearest_kind_of_error_tells() -> None:
    """Every error of a storage has words, the special ones their own."""
    assert in_words(StorageUnavailableError("…")).startswith("The storage does not answer:")
    assert in_words(NotFoundError("…")) == "The storage reports an error: try again later."
