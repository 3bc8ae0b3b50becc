"""What is taken for a picture."""

from io import BytesIO

import pytest
from flask import Flask
from PIL import Image

from example_app.formats import EXTENSIONS, check_picture
from untrusted_files import RejectedError, extension_of


def picture(format: str) -> bytes:
    file = BytesIO()
    image = Image.new("RGB", (64, 48))
    several = {"save_all": True, "append_images": [image]} if format == "MPO" else {}
    image.save(file, format, **several)
    return file.getvalue()


@pytest.mark.parametrize(
    ("format", "extension"),
    [
        ("JPEG", "jpg"),
        ("MPO", "jpg"),
        ("PNG", "png"),
        ("GIF", "gif"),
        ("WEBP", "webp"),
        ("AVIF", "avif"),
    ],
)
def test_the_extension_is_that_of_the_bytes(app: Flask, format: str, extension: str) -> None:
    """Every format that browsers show is known by its bytes, a phone's double JPEG too."""
    with app.app_context():
        assert extension_of(check_picture(BytesIO(picture(format))).name) == extension
    assert extension in EXTENSIONS


@pytest.mark.parametrize("format", ["TIFF", "BMP", "ICO", "PPM"])
def test_formats_that_pages_do_not_show_are_refused(app: Flask, format: str) -> None:
    """A real picture is refused if browsers in general would not show it."""
    with app.app_context(), pytest.raises(RejectedError, match="Choose a JPEG, PNG, WebP, AVIF"):
        check_picture(BytesIO(picture(format)))
