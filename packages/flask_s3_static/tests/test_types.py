"""Content types: right, and the same on every machine."""

import pytest

from flask_s3_static.pushing._types import content_type_of, is_packed


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("a.css", "text/css; charset=utf-8"),
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.MJS", "text/javascript; charset=utf-8"),
        ("a.html", "text/html; charset=utf-8"),
        ("a.json", "application/json"),
        ("a.js.map", "application/json"),
        ("a.svg", "image/svg+xml"),
        ("a.webp", "image/webp"),
        ("a.avif", "image/avif"),
        ("a.woff2", "font/woff2"),
        ("a.wasm", "application/wasm"),
        ("a.webmanifest", "application/manifest+json"),
        ("a.ico", "image/vnd.microsoft.icon"),
        ("a.tar.gz", "application/gzip"),
        ("a.0123456789abcdef.css", "text/css; charset=utf-8"),
        ("LICENSE", "application/octet-stream"),
        ("dir.css/file", "application/octet-stream"),
        ("a.none-of-these", "application/octet-stream"),
    ],
)
def test_types(path: str, wanted: str) -> None:
    """A type goes by the extension; text has the charset that Flask gives it."""
    assert content_type_of(path) == wanted


def test_packed() -> None:
    """What is compressed by its format is not compressed again."""
    packed = ["a.png", "a.webp", "a.woff2", "a.mp4", "a.zip", "a.gz"]
    assert all(is_packed(content_type_of(path)) for path in packed)
    assert not any(is_packed(content_type_of(path)) for path in ["a.svg", "a.css", "a.ttf", "a"])
