from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from url_for_s3 import ArgumentError
from url_for_s3._encode import (
    check_key,
    encode_anchor,
    encode_key,
    encode_query,
    join_key,
    query_pairs,
)

text = st.text(st.characters(exclude_categories=["Cs"]))


@given(text)
def test_encode_key(key: str) -> None:
    """A key is encoded as RFC 3986 has it: all but the unreserved characters and the slash."""
    assert encode_key(key) == quote(key, safe="/~")


@given(text)
def test_encode_query(value: str) -> None:
    """In a query the slash is encoded too, and a space is %20."""
    assert encode_query(value) == quote(value, safe="~")


def test_encode_anchor() -> None:
    """A fragment keeps what flask.url_for keeps in one."""
    assert encode_anchor("page=2&zoom=50,1/2?#!%41 ü") == "#page=2&zoom=50,1/2?#!%41%20%C3%BC"


@pytest.mark.parametrize(
    ("endpoint", "filename", "key"),
    [
        ("static", "pics/logo.png", "static/pics/logo.png"),
        ("", "logo.png", "logo.png"),
        ("a/b", "c", "a/b/c"),
        ("/static/", "/logo.png", "static/logo.png"),
        ("/", "a", "a"),
        ("static", "a//b", "static/a//b"),
        ("static", "folder/", "static/folder/"),
        ("static", ".htaccess", "static/.htaccess"),
        ("static", "...", "static/..."),
        ("static", "a/..b/c.", "static/a/..b/c."),
        ("", "a" * 1024, "a" * 1024),
        ("", "ü" * 512, "ü" * 512),
    ],
)
def test_join_key(endpoint: str, filename: str, key: str) -> None:
    """The key is the endpoint and the filename, with one slash between them."""
    assert join_key(endpoint, filename) == key


@pytest.mark.parametrize(
    ("filename", "message"),
    [
        (None, "filename must be the object's key, below the endpoint, got"),
        ("", "filename must be the object's key, below the endpoint, got"),
        ("//", "filename must be the object's key, below the endpoint, got"),
        (".", r"segment '\.' or '\.\.' is removed"),
        ("..", r"segment '\.' or '\.\.' is removed"),
        ("a/../b", r"got 'a/\.\./b': a segment"),
        ("a/./b", r"segment '\.' or '\.\.' is removed"),
        ("a/..", r"segment '\.' or '\.\.' is removed"),
        ("/../a", r"segment '\.' or '\.\.' is removed"),
        ("a\0b", "NUL"),
        ("\udcff", "no UTF-8 form"),
        ("a" * 1020, "at most 1,024 bytes, this 1,027"),
        ("ü" * 509, "at most 1,024 bytes, this 1,025"),
    ],
)
def test_bad_filename(filename: str | None, message: str) -> None:
    """A filename that no URL can carry to S3 is refused, with the rule."""
    with pytest.raises(ArgumentError, match=message) as caught:
        join_key("static", filename)
    assert caught.value.argument == "filename"


def test_bad_endpoint() -> None:
    """The rules for segments hold for the endpoint too."""
    with pytest.raises(ArgumentError, match=r"endpoint must be .*, got '\.\.': a segment"):
        join_key("..", "a")


@pytest.mark.parametrize("key", ["a", "/a", "a//b/", "ü" * 512])
def test_check_key(key: str) -> None:
    """A key is taken as it is stored, with the slashes that it has."""
    assert check_key(key) == key


@pytest.mark.parametrize("key", ["", "a/../b", "a\0", "\udcff", "ü" * 513, 5, None])
def test_bad_key(key: object) -> None:
    """A key that no URL can carry to S3 is refused."""
    with pytest.raises(ArgumentError, match="key must be a") as caught:
        check_key(key)
    assert (caught.value.argument, caught.value.value) == ("key", key)


def test_query_pairs() -> None:
    """Lists repeat the name, None is left out, anything else is text."""
    values = {"a b": 1, "c": ["x", None, "y&z"], "d": None, "e": (), "f": "", "g": True}
    assert query_pairs(values) == [
        ("a%20b", "1"),
        ("c", "x"),
        ("c", "y%26z"),
        ("f", ""),
        ("g", "True"),
    ]
