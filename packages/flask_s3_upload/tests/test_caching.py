"""Who may keep what the app answers."""

import pytest

from flask_s3_upload._names import with_id
from flask_s3_upload.serving._caching import file_caching, is_named_by_id, redirect_caching


@pytest.mark.parametrize(
    ("private", "is_asked", "wanted"),
    [
        (True, False, "private, max-age=1800"),
        (True, True, "private, no-cache"),
        (False, True, "private, no-cache"),
        (False, False, "no-cache"),
    ],
)
def test_redirects(private: bool, is_asked: bool, wanted: str) -> None:
    """A redirect is kept by the visitor's browser alone, for half of what the signature has left;
    not at all where the app decides who may read."""
    assert redirect_caching(private=private, is_asked=is_asked, left=3600) == wanted
    assert redirect_caching(private=True, is_asked=False, left=1) == "private, max-age=0"


@pytest.mark.parametrize(
    ("name", "private", "is_asked", "wanted"),
    [
        ("a/0123456789abcdef.png", False, False, "public, max-age=31536000, immutable"),
        ("a/0123456789abcdef.png", True, False, "private, no-cache"),
        ("a/0123456789abcdef.png", False, True, "private, no-cache"),
        ("a/cat.png", False, False, "no-cache"),
    ],
)
def test_files(name: str, private: bool, is_asked: bool, wanted: str) -> None:
    """What is public and can never change is kept for ever; what is private is asked for again."""
    assert file_caching(name, private=private, is_asked=is_asked) == wanted


def test_names_with_an_id() -> None:
    """An id of ours, or a hash, is known; words, dates and numbers are not taken for one."""
    assert is_named_by_id(with_id("cats/tom.png"))
    assert is_named_by_id(with_id("tom"))
    assert is_named_by_id("d41d8cd98f00b204e9800998ecf8427e.pdf")
    for name in ("cat.png", "my-favourite.png", "2026-11-30.pdf", "img-20261130.jpg", "facade.png"):
        assert not is_named_by_id(name)
    assert not is_named_by_id("0123456789abcdef/cat.png")
