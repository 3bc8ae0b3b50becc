"""Fixtures: a place on each storage, and images. The S3 server is s3_saver.testing's."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from image_files import ImageFile, OpenImage
from PIL import Image
from thumbnail_place import Place

from flask_thumbnails_s3._thumbnails import Thumbnails
from s3_saver.testing import S3Server

pytest_plugins = ["s3_saver.testing.pytest_plugin"]


@pytest.fixture(params=["disk", "s3"])
def place(request: pytest.FixtureRequest) -> Place:
    """The same on disk and on S3."""
    place: Place = request.getfixturevalue(request.param)
    return place


@pytest.fixture
def disk(tmp_path: Path) -> Place:
    return Place(str(tmp_path), None, "")


@pytest.fixture
def s3(s3_server: S3Server, s3_bucket: str, tmp_path: Path) -> Place:
    return Place(str(tmp_path), s3_server, s3_bucket)


@pytest.fixture(scope="session")
def image_file() -> ImageFile:
    """Make an image's file: left half red, right half blue, or the image that is given."""

    def make(
        size: tuple[int, int] = (80, 60),
        format: str = "JPEG",
        *,
        image: Image.Image | None = None,
        **options: Any,
    ) -> bytes:
        if image is None:
            image = Image.new("RGB", size, "red")
            image.paste("blue", (size[0] // 2, 0, *size))
        out = BytesIO()
        image.save(out, format, **options)
        return out.getvalue()

    return make


@pytest.fixture(scope="session")
def open_image() -> OpenImage:
    def load(data: bytes) -> Image.Image:
        image = Image.open(BytesIO(data))
        image.load()
        return image

    return load


def thumbnails_of(app: Flask) -> Thumbnails:
    thumbnails: Thumbnails = app.extensions["flask_thumbnails_s3"].first
    return thumbnails


@pytest.fixture(scope="session")
def state_of() -> Callable[[Flask], Thumbnails]:
    """The thumbnails of an app's only store."""
    return thumbnails_of
