"""Old uploads, as docs/recipes/old-uploads.md has it."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from recipes.page import Load, close_database

Recipe = dict[str, Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of uploads, as another extension has left it."""
    folder = tmp_path / "old"
    (folder / "posts").mkdir(parents=True)
    (folder / "posts" / "cat.jpg").write_bytes(b"meow")
    return folder


@pytest.fixture
def recipe(load: Load, folder: Path) -> Iterator[Recipe]:
    """What the recipe defines, and one row with an old name."""
    names = load("old-uploads", **{"/srv/site/uploads": str(folder)})
    db = names["db"]
    with names["app"].test_request_context():
        db.create_all()
        db.session.add(names["Post"](image="posts/cat.jpg"))
        db.session.commit()
        yield names
        db.session.remove()
    close_database(names)


def test_old_names_are_shown(recipe: Recipe) -> None:
    """A row that has nothing but a name has a URL that leads to its file."""
    url = recipe["url_of"](recipe["db"].session.get(recipe["Post"], 1))
    with recipe["app"].test_client().get(url) as answer:
        assert answer.data == b"meow"


def test_old_files_are_replaced(recipe: Recipe, folder: Path, place: str) -> None:
    """An assigned file takes the place of the old one, which is deleted after the commit."""
    post = recipe["db"].session.get(recipe["Post"], 1)
    post.image = io.BytesIO(b"a new cat")
    recipe["db"].session.commit()
    assert not (folder / "posts" / "cat.jpg").exists()
    assert post.image_storage_type == {"disk": "", "s3": "s3"}[place]
    with recipe["images"].get(post).open() as file:
        assert file.read() == b"a new cat"


def test_old_files_are_moved(recipe: Recipe, folder: Path, place: str) -> None:
    """`flask uploads migrate` finds the followed columns, and moves what they name."""
    if place == "disk":
        pytest.skip("they are on disk already")
    ran = recipe["app"].test_cli_runner().invoke(args=["uploads", "migrate", "--to", "s3"])
    assert ran.exit_code == 0, ran.output
    recipe["db"].session.expire_all()
    post = recipe["db"].session.get(recipe["Post"], 1)
    assert (post.image, post.image_storage_type) == ("posts/cat.jpg", "s3")
    assert not (folder / "posts" / "cat.jpg").exists()
