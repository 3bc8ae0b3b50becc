"""Thumbnails by imgproxy, as docs/recipes/imgproxy.md has them."""

import io
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from typing import Any

import pytest

from recipes.page import Load
from s3_saver import StoredFile

# Of imgproxy's documents, with what they sign.
KEY = "736563726574"
SALT = "68656c6c6f"
SIGNED = (
    "/oKfUtW34Dvo2BGQehJFR4Nr0_rIjOtdtzJ3QFsUcXH8"
    "/rs:fill:300:400:0/g:sm/aHR0cDovL2V4YW1w/bGUuY29tL2ltYWdl/cy9jdXJpb3NpdHku/anBn.png"
)


@pytest.fixture
def page(load: Load, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The recipe, in a request of its app."""
    monkeypatch.setenv("IMGPROXY_URL", "https://img.example.com")
    monkeypatch.setenv("IMGPROXY_KEY", KEY)
    monkeypatch.setenv("IMGPROXY_SALT", SALT)
    recipe = load("imgproxy")
    with recipe["app"].test_request_context():
        yield recipe


def test_signature(page: dict[str, Any]) -> None:
    """A path is signed as in imgproxy's own documents."""
    assert page["sign"](SIGNED[SIGNED.index("/rs:") :]) == SIGNED


@pytest.mark.parametrize(
    ("crop", "focus", "options"),
    [
        (None, None, "rs:fit:200:0"),
        (None, [30, 40], "rs:fit:200:0"),
        ("fit", None, "rs:fill:200:0"),
        ("smart", None, "rs:fill:200:0/g:sm"),
        ("smart", [30, 40.5], "rs:fill:200:0/g:fp:0.3:0.405"),
    ],
)
def test_url(
    crop: str | None, focus: list[float] | None, options: str, page: dict[str, Any]
) -> None:
    """A URL has what a template asks for, the file's focal point, and the original's own URL."""
    storages = page["uploads"].storages
    metadata = {"focus": focus} if focus else {}
    stored: StoredFile = storages.save("a b.jpg", io.BytesIO(b"x"), metadata=metadata)
    filters = page["app"].jinja_env.filters
    url = filters["imgproxy"](stored, "200x", crop=crop)
    start, _, rest = url.removeprefix("https://img.example.com/").partition("/")
    assert page["sign"](f"/{rest}") == f"/{start}/{rest}"
    asked, _, source = rest.rpartition("/")
    assert asked == options
    encoded, _, format = source.rpartition(".")
    assert format == "webp"
    assert urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode() == stored.url
