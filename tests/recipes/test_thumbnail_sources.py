"""Thumbnails of documents and videos, as docs/recipes/thumbnail-sources.md has them."""

import io
import logging
import subprocess
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from PIL import Image

from recipes.page import Load
from s3_saver import StoredFile

pdf = pytest.mark.skipif(not which("pdftoppm"), reason="needs pdftoppm: install poppler-utils")
video = pytest.mark.skipif(not which("ffmpeg"), reason="needs ffmpeg: install ffmpeg")


@pytest.fixture
def page(load: Load) -> Iterator[dict[str, Any]]:
    """The recipe, in a request of its app."""
    recipe = load("thumbnail-sources")
    with recipe["app"].test_request_context():
        yield recipe


def make_pdf() -> bytes:
    out = io.BytesIO()
    pages = [Image.new("RGB", (400, 300), color) for color in ("red", "blue")]
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:])
    return out.getvalue()


def make_video(folder: Path) -> bytes:
    path = folder / "made.mp4"
    source = "color=c=red:size=320x180:duration=0.4:rate=10"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p"]
    subprocess.run([*command, str(path)], check=True)
    return path.read_bytes()


def save(page: dict[str, Any], name: str, data: bytes) -> StoredFile:
    stored: StoredFile = page["uploads"].storages.save(name, io.BytesIO(data))
    return stored


def thumbnail_of(page: dict[str, Any], stored: StoredFile) -> Image.Image:
    """The thumbnail that is made, read where it is kept."""
    assert "_300x300_" in page["preview"](stored)
    state = page["app"].extensions["flask_thumbnails_s3"].first
    storage = state.files.thumbnails(stored.bucket_name)
    (name,) = [info.name for info in storage.find(stored.name.partition(".")[0])]
    with storage.open(name) as file:
        image = Image.open(io.BytesIO(file.read()))
    image.load()
    return image


def is_red(image: Image.Image) -> bool:
    red, green, blue = image.convert("RGB").resize((1, 1)).tobytes()
    return red > 200 and max(green, blue) < 60


@pdf
def test_pdf(page: dict[str, Any]) -> None:
    """A PDF is shown by its first page, whatever it is called; with the file its thumbnail goes."""
    for name in ("d/a.pdf", "d/b.bin"):
        stored = save(page, name, make_pdf())
        image = thumbnail_of(page, stored)
        assert image.size == (300, 225)
        assert is_red(image)
        stored.delete()
        assert page["preview"](stored).startswith("data:")


@video
def test_video(page: dict[str, Any], tmp_path: Path) -> None:
    """A video is shown by one of its first frames."""
    image = thumbnail_of(page, save(page, "d/a.mp4", make_video(tmp_path)))
    assert image.width == 300
    assert is_red(image)


@pdf
def test_a_broken_file(page: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    """What the program does not read is the placeholder, and one line says why."""
    stored = save(page, "a.pdf", b"%PDF-1.4\n%%EOF\n")
    with caplog.at_level(logging.WARNING, "flask_thumbnails_s3"):
        assert page["preview"](stored).startswith("data:")
    (line,) = caplog.messages
    assert "no picture of application/pdf" in line
    assert "pdftoppm" in line


@video
def test_a_playlist_leads_nowhere(page: dict[str, Any], tmp_path: Path) -> None:
    """A file that names another is not followed, to another host or to a file of this one."""
    secret = tmp_path / "secret.mp4"
    secret.write_bytes(make_video(tmp_path))
    for address in ("http://127.0.0.1:9/x.ts", f"concat:{secret}"):
        playlist = f"#EXTM3U\n#EXTINF:1,\n{address}\n#EXT-X-ENDLIST\n"
        with pytest.raises(RuntimeError, match="ffmpeg"):
            page["still"](io.BytesIO(playlist.encode()))
