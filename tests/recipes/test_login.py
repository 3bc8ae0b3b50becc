"""Files behind the app's own login, as docs/recipes/login.md has it."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from recipes.page import Load, close_database

Recipe = dict[str, Any]


@pytest.fixture
def recipe(load: Load) -> Iterator[Recipe]:
    """What the recipe defines."""
    names = load("login")
    yield names
    close_database(names)


def visitor(recipe: Recipe, name: str) -> FlaskClient:
    """Somebody who has signed in."""
    client: FlaskClient = recipe["app"].test_client()
    with client.session_transaction() as session:
        session["user"] = name
    return client


def add(recipe: Recipe) -> str:
    """Store a file of Ann's, and return its permanent URL."""
    sent = {"file": (io.BytesIO(b"%PDF-1.7 private"), "a.pdf")}
    return str(visitor(recipe, "ann").post("/documents", data=sent).get_json()["url"])


def test_owner(recipe: Recipe, place: str) -> None:
    """The owner gets the file, or is led to a URL on S3 that is signed."""
    with visitor(recipe, "ann").get(add(recipe)) as answer:
        if place == "disk":
            assert (answer.status_code, answer.data) == (200, b"%PDF-1.7 private")
        else:
            assert answer.status_code == 302
            assert "X-Amz-Signature=" in answer.headers["Location"]
        assert answer.headers["Cache-Control"] == "private, no-cache"


def test_somebody_else(recipe: Recipe) -> None:
    """Another visitor may not read it, and one who is not signed in is asked to sign in."""
    url = add(recipe)
    assert visitor(recipe, "bob").get(url).status_code == 403
    answer = recipe["app"].test_client().get(url)
    assert (answer.status_code, answer.headers["Location"][:9]) == (302, "/sign-in?")


def test_streamed(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the app is to stream files, those on S3 come from it, too."""
    monkeypatch.setenv("FLASK_UPLOADS_SERVE", "stream")
    recipe = load("login")
    with visitor(recipe, "ann").get(add(recipe)) as answer:
        assert (answer.status_code, answer.data) == (200, b"%PDF-1.7 private")
    close_database(recipe)
