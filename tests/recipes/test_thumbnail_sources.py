"""Thumbnails of documents and videos, as docs/recipes/thumbnail-sources.md has them."""

import io
import logging
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from flask_s3_upload import Uploads
from flask_thumbnails_s3 import Thumbnail
from recipes.page import Load
from s3_saver import StoredFile

pdf = pytest.mark.skipif(not which("pdftoppm"), reason="needs pdftoppm: install poppler-utils")
video = pytest.mark.skipif(not which("ffmpeg"), reason="needs ffmpeg: install ffmpeg")

vips = pytest.mark.skipif(
    not find_spec("pyvips"), reason="needs pyvips: pip install 'pyvips[binary]'"
)


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


class Shrinking:
    """An app whose PNG and WebP are shrunk by libvips, or are not."""

    def __init__(self, page: dict[str, Any], folder: Path, *, by_libvips: bool) -> None:
        self.returned: list[bytes] = []

        def shrunk(file: Any) -> bytes:
            self.returned.append(page["shrunk"](file))
            return self.returned[-1]

        self.app = Flask("shrinking", instance_path=str(folder))
        self.app.config.update(SECRET_KEY="secret", THUMBNAIL_MAX_DECODED_PIXELS=page["PIXELS"])
        self.app.config.from_prefixed_env()
        self.uploads = Uploads(self.app)
        types = ("image/png", "image/webp") if by_libvips else ()
        self.thumbnail = Thumbnail(
            self.app, originals=self.uploads, sources=dict.fromkeys(types, shrunk)
        )

    def thumbnail_of(self, name: str, data: bytes) -> Image.Image | None:
        """The thumbnail of a new file, read where it is kept, if there is one."""
        with self.app.test_request_context():
            stored = self.uploads.storages.save(name, io.BytesIO(data))
            if self.thumbnail.thumbnail(stored, "300x300").stands_in:
                return None
            files = self.app.extensions["flask_thumbnails_s3"].first.files
            storage = files.thumbnails(stored.bucket_name)
            (made,) = [info.name for info in storage.find(f"{stored.name.partition('.')[0]}_")]
            with storage.open(made) as file:
                image = Image.open(io.BytesIO(file.read()))
            image.load()
            return image


def encoded(format: str, size: tuple[int, int], **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, format, **options)
    return out.getvalue()


@vips
@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_large_pictures_by_libvips(format: str, load: Load, tmp_path: Path) -> None:
    """A large one is shrunk before Pillow reads it; a small one and an animation are left alone."""
    site = Shrinking(load("thumbnail-sources"), tmp_path / "own", by_libvips=True)
    image = site.thumbnail_of(f"a.{format.lower()}", encoded(format, (1800, 1500)))
    assert image
    assert image.size == (300, 250)
    assert is_red(image)
    assert Image.open(io.BytesIO(site.returned[0])).size == (1600, 1333)
    frames = [Image.new("RGB", (1800, 1450), color) for color in ("blue", "green")]
    moving = encoded(format, (1800, 1450), save_all=True, append_images=frames)
    for name, data in (("small", encoded(format, (400, 300))), ("moving", moving)):
        image = site.thumbnail_of(f"{name}.{format.lower()}", data)
        assert image
        assert getattr(image, "n_frames", 1) == (3 if name == "moving" else 1)
        assert site.returned[-1] == data


@vips
@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_the_verdict_is_pillows(
    format: str, load: Load, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What is broken or has too many pixels is refused in the same words without libvips."""
    page, name = load("thumbnail-sources", **{"24_000_000": "3_000_000"}), f"a.{format.lower()}"
    whole = encoded(format, (1800, 1500))
    for data in (whole[: len(whole) // 2], encoded(format, (2000, 1600)), b"x"):
        said = []
        for by_libvips in (True, False):
            caplog.clear()
            site = Shrinking(page, tmp_path / f"{by_libvips}", by_libvips=by_libvips)
            assert site.thumbnail_of(name, data) is None
            said.append([one for one in caplog.record_tuples if one[0] == "flask_thumbnails_s3"])
        assert said[0] == said[1]
        assert len(said[0]) == 1
