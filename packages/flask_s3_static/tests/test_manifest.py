"""The manifest: written whole, read back, or refused."""

import json
from pathlib import Path

import pytest

from flask_s3_static import ManifestError
from flask_s3_static.serving._manifest import (
    Entry,
    Manifest,
    integrity_of,
    read_manifest,
    write_manifest,
)

MANIFEST = Manifest({"static/ü.css": Entry("static/ü.12.css", "sha256-x")})


def test_round_trip(tmp_path: Path) -> None:
    """What is written, in folders that are made for it, is read back; nothing else is left."""
    path = tmp_path / "instance" / "manifest.json"
    assert read_manifest(str(path)) is None
    write_manifest(str(path), MANIFEST)
    assert read_manifest(str(path)) == MANIFEST
    assert json.loads(path.read_text())["version"] == 1
    write_manifest(str(path), Manifest())
    assert read_manifest(str(path)) == Manifest()
    assert list(path.parent.iterdir()) == [path]


def test_same_bytes() -> None:
    """The order of files makes no difference."""
    entries = [("b", Entry("b", "")), ("a", Entry("a", ""))]
    assert Manifest(dict(entries)).to_bytes() == Manifest(dict(reversed(entries))).to_bytes()


@pytest.mark.parametrize(
    "damage", [b"", b"[]", b'{"version": 1}', b'{"version":1,"files":[1]}', b"[" * 100_000]
)
def test_damage(damage: bytes) -> None:
    """What is no manifest is refused, with its place and what to do."""
    with pytest.raises(
        ManifestError, match="there is no manifest of static files: .*flask s3-static push"
    ):
        Manifest.from_bytes(damage, "there")


def test_integrity() -> None:
    """The attribute has the algorithm and the digest in base64, as the standard's example."""
    digest = bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    assert integrity_of(digest) == "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
