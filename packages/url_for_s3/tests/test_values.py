from typing import Any

import pytest

from url_for_s3 import (
    ArgumentError,
    ArgumentTypeError,
    S3Credentials,
    presign_post_for_s3,
    presign_url_for_s3,
    url_for_s3,
)
from url_for_s3._values import _PARAMETERS

CREDENTIALS = S3Credentials("id", "secret")


def link(**values: Any) -> str:
    return url_for_s3("", "bucket", filename="a", **values)


def presigned(**values: Any) -> str:
    return presign_url_for_s3(
        "", "bucket", filename="a", region="eu-north-1", credentials=CREDENTIALS, **values
    )


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("region_name", "region"),
        ("regoin", "region"),
        ("Region", "region"),
        ("expire", "expires"),
        ("expires_in", "expires"),
        ("ExpiresIn", "expires"),
        ("download_name", "download_as"),
        ("bucket", "bucket_name"),
        ("endpoint_ur", "endpoint_url"),
        ("anchor", "_anchor"),
        ("schema", "scheme"),
        ("content_lenght_range", "content_length_range of presign_post_for_s3"),
    ],
)
@pytest.mark.parametrize("make", [link, presigned])
def test_near_misses(make: Any, name: str, meant: str) -> None:
    """A near miss of an argument's name is refused with the right one, and never ends in the URL;
    what is truly the query goes by query.
    """
    with pytest.raises(ArgumentTypeError, match=f"did you mean {meant}") as caught:
        make(**{name: "value"})
    assert (caught.value.argument, caught.value.value) == (name, "value")
    assert f"query={{'{name}': ...}}" in caught.value.hint
    assert f"{name}=value" in make(query={name: "value"})


@pytest.mark.parametrize(
    "name",
    ["credentials", "credential", "access_key_secret", "aws_secret_access_key", "secret_key"],
)
def test_secrets(name: str) -> None:
    """Credentials by whatever name never end in a URL, nor in the error's message."""
    with pytest.raises(ArgumentTypeError, match="credentials of presign_url_for_s3") as caught:
        link(**{name: "hush"})
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("expires", "presign_url_for_s3"),
        ("download_as", "presign_url_for_s3"),
        ("forbid", "presign_url_for_s3"),
        ("metadata", "presign_post_for_s3"),
    ],
)
def test_arguments_of_other_functions(name: str, function: str) -> None:
    """An argument of another function is refused with that function's name."""
    with pytest.raises(ArgumentTypeError, match=f"did you mean {name} of {function}"):
        link(**{name: 5})


@pytest.mark.parametrize(
    "name",
    ["v", "version", "versionId", "partNumber", "uploadId", "w", "h", "token", "page", "q", "name"],
)
def test_other_names_are_the_query(name: str) -> None:
    """Any other name is part of the query, as it always was."""
    assert link(**{name: 1}).endswith(f"?{name}=1")
    assert f"?{name}=1&X-Amz-" in presigned(**{name: 1})


def test_values_and_query() -> None:
    """What query says stands after the other values, and counts where both have a name."""
    assert link(v=1, w=2, query={"v": 3, "region": 4}).endswith("?v=3&w=2&region=4")


@pytest.mark.parametrize("query", ["v=1", [("v", 1)], 5])
def test_bad_query(query: Any) -> None:
    """A query that is no dict is refused, and so is one with a name that is no text."""
    for bad in (query, {5: query}):
        with pytest.raises(ArgumentError, match="query must be"):
            link(query=bad)


def test_all_arguments_are_known() -> None:
    """The names that are looked for are all arguments of the three functions, and no others."""
    found: dict[str, str] = {}
    for function in (url_for_s3, presign_url_for_s3, presign_post_for_s3):
        code = function.__code__
        for name in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]:
            found.setdefault(name, function.__name__)
    assert found == _PARAMETERS


@pytest.mark.parametrize("value", [b"1", bytearray(b"1"), {"a": 1}])
def test_a_value_that_only_python_can_read_is_refused(value: Any) -> None:
    """No URL has b'1' in it, whichever way the value came."""
    for arguments in ({"v": value}, {"query": {"v": value}}):
        with pytest.raises(ArgumentTypeError, match="query must be of texts and numbers"):
            link(**arguments)


def test_every_collection_repeats_the_name() -> None:
    """A frozenset as well as a set."""
    assert link(v=frozenset({1})).endswith("?v=1")
