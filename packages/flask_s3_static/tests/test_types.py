"""Content types: right, and the same on every machine."""

import gzip
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from static_site import Site

from flask_s3_static.pushing._types import is_packed, kind_of


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
        ("a.tgz", "application/gzip"),
        ("data.gz", "application/gzip"),
        (".gz", "application/octet-stream"),
        ("a.0123456789abcdef.css", "text/css; charset=utf-8"),
        ("LICENSE", "application/octet-stream"),
        ("dir.css/file", "application/octet-stream"),
        ("a.none-of-these", "application/octet-stream"),
    ],
)
def test_types(path: str, wanted: str) -> None:
    """A type goes by the extension; text has the charset that Flask gives it."""
    assert kind_of(path) == (wanted, "")


def test_packed() -> None:
    """What is compressed by its format is not compressed again."""
    packed = ["a.png", "a.webp", "a.woff2", "a.mp4", "a.zip", "a.gz"]
    assert all(is_packed(kind_of(path).content_type) for path in packed)
    assert not any(
        is_packed(kind_of(path).content_type) for path in ["a.svg", "a.css", "a.ttf", "a"]
    )


@pytest.mark.parametrize(
    "path",
    ["a.svgz", "a.js.gz", "a.css.gz", "a.wasm.gz", "a.wasm.br", "a.json.br", "a.csv.gz", "a.js"],
)
def test_packed_files_are_as_flask_sends_them(tmp_path: Path, path: str) -> None:
    """A packed file has the type of what is in it, and the encoding that Flask gives it."""
    (tmp_path / path).write_bytes(b"x")
    app = Flask("site", static_folder=str(tmp_path), static_url_path="/static")
    with app.test_client().get(f"/static/{path}") as answer:
        kind = kind_of(path)
        assert answer.headers.get("Content-Encoding", "") == kind.encoding
        if not path.lower().startswith("a.wasm"):  # not in every machine's table
            assert answer.mimetype == kind.content_type.partition(";")[0]
    assert kind_of("a.wasm.br").content_type == "application/wasm"


def test_packed_files_go_up_as_they_are(site: Site) -> None:
    """A packed file is stored with its encoding, packed no further, with or without an index."""
    packed = gzip.compress(b"a {}" * 1000)
    site.write("static/a.css.gz", packed)
    config = {"FLASKS3_GZIP": True}
    site.push(config=config)
    head = site.head("static/a.css.gz")
    assert (head["ContentType"], head["ContentEncoding"]) == ("text/css; charset=utf-8", "gzip")
    assert site.read("static/a.css.gz") == packed
    site.lose_index()
    assert not site.push(config=config).sent
    site.storage.save("static/a.css.gz", BytesIO(packed), content_type="text/css; charset=utf-8")
    site.lose_index()
    assert list(site.push(config=config).sent) == ["static/a.css.gz"]
