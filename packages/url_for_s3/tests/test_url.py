import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from url_for_s3 import ArgumentError, ArgumentTypeError, url_for_s3

text = st.text(st.characters(exclude_categories=["Cs"]))


def is_legal(key: str) -> bool:
    return (
        key[:1] not in {"", "/"}
        and not {".", ".."} & set(key.split("/"))
        and len(key.encode()) <= 1024
    )


legal_keys = st.text(
    st.one_of(
        st.sampled_from("/.+#%?&()= \\~'\"<>"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    ),
    min_size=1,
).filter(is_legal)


def test_original_example() -> None:
    """The example of url-for-s3 0.1 gives the URL that it always gave."""
    url = url_for_s3(
        "static", bucket_name="my-cool-foobar-bucket", scheme="https", filename="pics/logo.png"
    )
    assert url == "https://my-cool-foobar-bucket.s3.amazonaws.com/static/pics/logo.png"


def test_positional_order() -> None:
    """The positional arguments stand in the order of url-for-s3 0.1."""
    assert url_for_s3("e", "bucket", "s3.test", "http", "path", None, "f") == (
        "http://s3.test/bucket/e/f"
    )
    assert url_for_s3("e", "bucket", "s3.test", "http", "path", "cdn.test", "f") == (
        "http://cdn.test/e/f"
    )


def test_https_by_default() -> None:
    """The scheme is https unless another is asked for."""
    assert url_for_s3("", "bucket", filename="a").startswith("https://")


def test_region_and_endpoint_url() -> None:
    """region and endpoint_url choose the host."""
    assert url_for_s3("", "bucket", filename="a", region="eu-north-1") == (
        "https://bucket.s3.eu-north-1.amazonaws.com/a"
    )
    assert url_for_s3("", "bucket", filename="a", endpoint_url="http://127.0.0.1:9000/s3") == (
        "http://127.0.0.1:9000/s3/bucket/a"
    )


def test_values_are_the_query() -> None:
    """Other values are the query, as flask.url_for takes them."""
    url = url_for_s3("s", "bucket", filename="a", v="1 +/&", tag=["x", "y"], none=None)
    assert url == "https://bucket.s3.amazonaws.com/s/a?v=1%20%2B%2F%26&tag=x&tag=y"


def test_values_that_are_all_none() -> None:
    """Values that are all None leave no question mark behind."""
    assert url_for_s3("", "bucket", filename="a", v=None).endswith("/a")


def test_flask_arguments() -> None:
    """The underscored arguments of flask.url_for are taken, and are no part of the query."""
    url = url_for_s3(
        "",
        "bucket",
        filename="a.pdf",
        _scheme="http",
        _anchor="page=2",
        _external=False,
        _method="GET",
        v=1,
    )
    assert url == "http://bucket.s3.amazonaws.com/a.pdf?v=1#page=2"


def test_credentials_are_refused() -> None:
    """Credentials, which ask for a signature, never end in an unsigned URL."""
    with pytest.raises(TypeError, match="presign_url_for_s3"):
        url_for_s3("", "bucket", filename="a", credentials=object())


@given(legal_keys)
@example("a+b#c%d?e&f(g) h/ü/日本.txt")
@example("%41%2F%25")
@example(".hidden/..double/trailing.")
@example("a//b/")
def test_path_decodes_to_key(key: str) -> None:
    """Keys with + # % ? & ( ), spaces and non-ASCII are encoded, and exactly once: the URL's path
    decodes to the key, and nothing of the key ends in the query or the fragment.
    """
    parts = urlsplit(url_for_s3("", "bucket", filename=key))
    assert unquote(parts.path, errors="strict") == f"/{key}"
    assert (parts.netloc, parts.query, parts.fragment) == ("bucket.s3.amazonaws.com", "", "")


@given(st.dictionaries(st.from_regex(r"[a-z]{1,5}[0-9]", fullmatch=True), text, max_size=4))
def test_query_decodes_to_values(values: dict[str, Any]) -> None:
    """The URL's query decodes to the values."""
    url = url_for_s3("", "bucket", filename="a", **values)
    assert parse_qsl(urlsplit(url).query, keep_blank_values=True) == list(values.items())


def test_no_cryptography(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unsigned URL touches no crypto: nothing is signed only to be stripped again."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError

    monkeypatch.setattr(hmac, "digest", refuse)
    monkeypatch.setattr(hashlib, "sha256", refuse)
    monkeypatch.setattr("url_for_s3._sigv4.sha256", refuse)
    assert url_for_s3("", "bucket", filename="a").endswith("/a")


@pytest.mark.parametrize("bad", ["a/../b", "", None, "a\0b", "a" * 1025])
def test_bad_filename(bad: str | None) -> None:
    """A bad filename is refused."""
    with pytest.raises(ArgumentError, match="filename must be") as caught:
        url_for_s3("", "bucket", filename=bad)
    assert (caught.value.argument, caught.value.value) == ("filename", bad)


@pytest.mark.parametrize(
    "change", [{"filename": 5}, {"filename": b"a"}, {"endpoint": None}, {"endpoint": 5}]
)
def test_wrong_types(change: dict[str, Any]) -> None:
    """An endpoint or filename that is no text is refused by its name."""
    arguments: dict[str, Any] = {"endpoint": "", "filename": "a", **change}
    with pytest.raises(ArgumentTypeError, match=rf"{next(iter(change))} must be a str such as"):
        url_for_s3(bucket_name="bucket", **arguments)


def test_scheme_and_endpoint_url() -> None:
    """_scheme wins over that of endpoint_url, which wins over scheme."""

    def scheme(**changes: Any) -> str:
        return url_for_s3("", "bucket", filename="a", **changes).partition(":")[0]

    assert scheme(scheme="https", _scheme="http") == "http"
    assert scheme(scheme="https", endpoint_url="http://s3.test") == "http"
    assert scheme(endpoint_url="http://s3.test", _scheme="https") == "https"
    assert scheme(scheme="http", endpoint_url="https://s3.test", cdn_domain="cdn.test") == "http"


@pytest.mark.parametrize("argument", ["scheme", "_scheme"])
def test_bad_scheme(argument: str) -> None:
    """A scheme that no URL here has is refused, also where another one wins."""
    changes: Any = {argument: "ftp"}
    with pytest.raises(ArgumentError, match="scheme must be"):
        url_for_s3("", "bucket", filename="a", endpoint_url="http://s3.test", **changes)


@pytest.mark.parametrize("argument", ["bucket_name", "region", "endpoint_url", "cdn_domain"])
def test_values_without_a_hash(argument: str) -> None:
    """An argument that cannot be hashed is refused by its name like another wrong one."""
    arguments: dict[str, Any] = {"bucket_name": "bucket", argument: ["a"]}
    with pytest.raises(ArgumentTypeError, match=rf"{argument} must be a str .*, got \['a'\]"):
        url_for_s3("", filename="a", **arguments)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://localhost:9000",
        "https://s3.amazonaws.com/",
        "localhost:9000",
        "s3.eu-north-1.amazonaws.com",
        "https://ann:hush@s3.test",
    ],
)
def test_a_server_as_the_endpoint(endpoint: str) -> None:
    """A server in place of the start of the key is refused, with the argument for servers."""
    with pytest.raises(ArgumentError, match="did you mean endpoint_url") as caught:
        url_for_s3(endpoint, "bucket", filename="a")
    assert caught.value.argument == "endpoint"
    assert "hush" not in str(caught.value)


def test_bad_endpoint() -> None:
    """A fault of the endpoint is said of the endpoint."""
    with pytest.raises(ArgumentError, match=r"endpoint must be .*, got '\.\./a': a segment"):
        url_for_s3("../a", "bucket", filename="b")


def test_lone_surrogates() -> None:
    """Text that has no UTF-8 form is refused by the argument's name, wherever it stands."""
    for changes in ({"query": {"a": "\ud800"}}, {"_anchor": "\ud800"}, {"v": "\ud800"}):
        options: Any = changes
        with pytest.raises(ArgumentError, match="UTF-8"):
            url_for_s3("", "bucket", filename="a", **options)
