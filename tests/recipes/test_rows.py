"""Files of a model, as docs/recipes/rows.md has it."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from recipes.page import Load, close_database

Recipe = dict[str, Any]


def picture() -> dict[str, Any]:
    """A form that has a picture."""
    file = io.BytesIO()
    Image.new("RGB", (8, 6), "red").save(file, "PNG")
    return {"photo": (io.BytesIO(file.getvalue()), "cat.png")}


@pytest.fixture
def recipe(load: Load) -> Iterator[Recipe]:
    """What the recipe defines."""
    names = load("rows")
    yield names
    close_database(names)


@pytest.fixture
def client(recipe: Recipe) -> FlaskClient:
    """A visitor, who has added a cat."""
    client: FlaskClient = recipe["app"].test_client()
    assert client.post("/cats", data=picture()).headers["Location"] == "/cats/1"
    return client


def stored(recipe: Recipe) -> list[str]:
    with recipe["app"].app_context():
        return [info.name for info in recipe["uploads"].storages.current.find("cats/")]


def test_replaced(recipe: Recipe, client: FlaskClient) -> None:
    """Another photo takes the place of the first one, whose file is deleted."""
    before = stored(recipe)
    client.post("/cats/1/photo", data=picture())
    assert (len(before), len(stored(recipe))) == (1, 1)
    assert before != stored(recipe)


def test_deleted(recipe: Recipe, client: FlaskClient) -> None:
    """A photo that is deleted leaves its row, and no file."""
    client.post("/cats/1/photo/delete")
    assert client.get("/cats/1").get_json() == {"photo": None}
    assert stored(recipe) == []


def test_row_deleted(recipe: Recipe, client: FlaskClient) -> None:
    """A row that is deleted takes its file along."""
    client.post("/cats/1/delete")
    assert client.get("/cats/1").status_code == 404
    assert stored(recipe) == []


def test_empty_input(recipe: Recipe, client: FlaskClient) -> None:
    """A file input that was left empty changes nothing."""
    before = stored(recipe)
    client.post("/cats/1/photo", data={"photo": (io.BytesIO(), "")})
    assert stored(recipe) == before
