"""What is taken for a picture."""

from io import BytesIO

import pytest
from PIL import Image

from example_app.formats import CONTENT_TYPES, NotAPictureError, find_extension

MANY = 1_000_000


def picture(format: str, size: tuple[int, int] = (64, 48), mode: str = "RGB") -> bytes:
    file = BytesIO()
    image = Image.new(mode, size)
    several = {"save_all": True, "append_images": [image]} if format == "MPO" else {}
    image.save(file, format, **several)
    return file.getvalue()


@pytest.mark.parametrize(
    ("format", "extension"),
    [
        ("JPEG", ".jpg"),
        ("MPO", ".jpg"),
        ("PNG", ".png"),
        ("GIF", ".gif"),
        ("WEBP", ".webp"),
        ("AVIF", ".avif"),
    ],
)
def test_the_extension_is_that_of_the_bytes(format: str, extension: str) -> None:
    """Every format that browsers show is known by its bytes, a phone's double JPEG too."""
    assert find_extension(BytesIO(picture(format)), MANY) == extension
    assert extension in CONTENT_TYPES


@pytest.mark.parametrize("format", ["TIFF", "BMP", "ICO", "PPM"])
def test_formats_that_pages_do_not_show_are_refused(format: str) -> None:
    """A real picture is refused if browsers in general would not show it."""
    with pytest.raises(NotAPictureError, match="choose a JPEG, PNG, GIF, WebP or AVIF"):
        find_extension(BytesIO(picture(format)), MANY)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
@pytest.mark.parametrize("kept", [0.2, 0.8])
def test_a_cut_off_picture_is_refused(format: str, kept: float) -> None:
    """A file whose end is missing is no picture, though its beginning looks like one."""
    file = BytesIO()
    Image.effect_noise((64, 48), 100).save(file, format)
    content = file.getvalue()

    with pytest.raises(NotAPictureError):
        find_extension(BytesIO(content[: int(len(content) * kept)]), MANY)


@pytest.mark.parametrize("side", [1001, 10_000, 20_000])
def test_pixels_are_counted_before_they_are_decoded(side: int) -> None:
    """A picture beyond the limit is refused with the limit, be it a bomb to Pillow too or not."""
    with pytest.raises(NotAPictureError, match="1 million is the limit"):
        find_extension(BytesIO(picture("PNG", (side, side), "1")), MANY)


def test_a_stream_is_read_from_its_start() -> None:
    """What has been read before makes no difference."""
    file = BytesIO(picture("PNG"))
    file.seek(0, 2)
    assert find_extension(file, MANY) == ".png"
