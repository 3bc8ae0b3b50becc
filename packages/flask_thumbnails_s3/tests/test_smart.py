"""Crops whose place is found in the picture."""

from io import BytesIO

import pytest
from image_files import ImageFile, OpenImage
from PIL import Image, ImageDraw
from thumbnail_place import Place

from flask_thumbnails_s3.naming._options import parse_spec
from flask_thumbnails_s3.pictures._pictures import Original, Reading
from flask_thumbnails_s3.pictures._smart import find_focus

SIZE = (120, 60)


def scene(size: tuple[int, int], middle: tuple[int, int]) -> Image.Image:
    """A sky with a checkered thing in it."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    draw = ImageDraw.Draw(image)
    x, y = middle
    for row in range(-8, 8, 4):
        for column in range(-8, 8, 4):
            color = "red" if (row + column) % 8 else "white"
            draw.rectangle((x + column, y + row, x + column + 3, y + row + 3), color)
    return image


@pytest.mark.parametrize("x", [12, 35, 60, 85, 108])
def test_across(x: int) -> None:
    """Of a wide picture, the part with most edges is kept, from the left to the right."""
    focus = find_focus(scene(SIZE, (x, 30)), (10, 10))
    left = min(max(SIZE[0] * focus[0] - 30, 0), SIZE[0] - 60)
    assert left <= x - 8
    assert x + 8 <= left + 60
    assert focus[1] == 0.5


@pytest.mark.parametrize("y", [12, 60, 108])
def test_down(y: int) -> None:
    """So it is of a tall one."""
    focus = find_focus(scene((60, 120), (30, y)), (10, 10))
    top = min(max(120 * focus[1] - 30, 0), 60)
    assert top <= y - 8
    assert y + 8 <= top + 60


@pytest.mark.parametrize("size", [(120, 60), (60, 120), (60, 60), (1, 90), (2, 2), (4, 3)])
def test_nothing_to_see(size: tuple[int, int]) -> None:
    """The middle of a plain picture is as good as any place."""
    x, y = find_focus(Image.new("L", size, 128), (10, 10))
    assert abs(x - 0.5) <= 0.5 / size[0]
    assert abs(y - 0.5) <= 0.5 / size[1]


def test_noise_is_nothing() -> None:
    """The grain of a photograph does not outweigh a thing on the other side."""
    image = scene((160, 60), (20, 30))
    noise = Image.effect_noise((80, 60), 20).convert("RGB")
    image.paste(Image.blend(image.crop((80, 0, 160, 60)), noise, 0.5), (80, 0))
    assert find_focus(image, (10, 10))[0] < 0.3


@pytest.mark.parametrize("orientation", [1, 6])
def test_thumbnail(orientation: int, open_image: OpenImage) -> None:
    """A thumbnail shows what is there to see, of a photograph that lies on its side, too."""
    image = scene((1200, 600), (1100, 300))
    if orientation == 6:
        image = image.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = BytesIO()
    image.save(out, "JPEG", exif=exif, quality=95)
    reading = Reading(max_pixels=10**7, max_decoded_pixels=10**7)
    original = Original(out.getvalue(), reading)
    smart, middle = (
        open_image(original.render(parse_spec("600x600", {}, {"crop": crop}), "jpeg").data)
        for crop in ("smart", "fit")
    )
    assert smart.size == (600, 600)
    red = []
    for one in (smart, middle):
        data = one.convert("RGB").resize((60, 60)).tobytes()
        red.append(max(r - b for r, b in zip(data[::3], data[2::3], strict=True)))
    assert red[0] > 60 > red[1]


def test_filter(place: Place, image_file: ImageFile) -> None:
    """The filter takes it, and its name says so."""
    place.save("a.jpg", image_file(image=scene((240, 120), (200, 60))))
    app = place.app()
    with app.test_request_context():
        url = app.jinja_env.filters["thumbnail"]("a.jpg", "20x20", crop="smart")
    assert url == place.url("a_20x20_smart_85.jpg")
    assert (url.width, url.height) == (20, 20)
    assert place.count("open") == 1
