import pytest
from PIL import Image, ImageCms

from flask_thumbnails_s3._color import flatten, to_web_mode

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (Image.new("1", (1, 1), 1), 255),
        (Image.new("L", (1, 1), 7), 7),
        (Image.new("LA", (1, 1), (7, 9)), (7, 7, 7, 9)),
        (Image.new("PA", (1, 1)), (0, 0, 0, 0)),
        (Image.new("RGB", (1, 1), (1, 2, 3)), (1, 2, 3)),
        (Image.new("RGBX", (1, 1), (1, 2, 3, 4)), (1, 2, 3)),
        (Image.new("RGBA", (1, 1), (1, 2, 3, 4)), (1, 2, 3, 4)),
        (Image.new("RGBA", (1, 1), (255, 0, 0, 255)).convert("RGBa"), (255, 0, 0, 255)),
        (Image.new("LA", (1, 1), (7, 255)).convert("La"), (7, 7, 7, 255)),
        (Image.new("CMYK", (1, 1), (255, 0, 0, 0)), (0, 255, 255)),
        (Image.new("RGB", (1, 1), "red").convert("YCbCr"), (254, 0, 0)),
        (Image.new("RGB", (1, 1), "red").convert("HSV"), (255, 0, 0)),
        (Image.new("LAB", (1, 1), (255, 128, 128)), (254, 255, 254)),
        (Image.new("I", (1, 1), 200), 200),
        (Image.new("I", (1, 1), 65535), 255),
        (Image.new("I;16", (1, 1), 65535), 255),
        (Image.new("I;16", (1, 1), 128), 0),
        (Image.new("I;16B", (1, 1), 32896), 128),
        (Image.new("F", (1, 1), 0.5), 127),
        (Image.new("F", (1, 1), 200.0), 200),
    ],
    ids=lambda value: value.mode if isinstance(value, Image.Image) else "",
)
def test_modes(image: Image.Image, expected: object) -> None:
    """Every mode becomes one that web formats take, and white stays white."""
    converted, _ = to_web_mode(image)
    assert converted.mode in ("L", "RGB", "RGBA")
    assert converted.getpixel((0, 0)) == expected


def test_palette() -> None:
    """An image with a palette keeps its transparent color, if it has one."""
    image = Image.new("RGB", (2, 1), "red").quantize()
    assert to_web_mode(image)[0].mode == "RGB"
    image.info["transparency"] = 0
    assert to_web_mode(image)[0].getpixel((0, 0)) == (255, 0, 0, 0)


def test_transparent_color_of_rgb() -> None:
    """A color that the file declares transparent becomes transparent."""
    image = Image.new("RGB", (1, 1), (1, 2, 3))
    image.info["transparency"] = (1, 2, 3)
    assert to_web_mode(image)[0].getpixel((0, 0)) == (1, 2, 3, 0)


def test_float_range() -> None:
    """Numbers beyond the usual ranges are stretched from the least to the greatest."""
    image = Image.new("F", (2, 1))
    image.putpixel((0, 0), -500.0)
    image.putpixel((1, 0), 500.0)
    converted, _ = to_web_mode(image)
    assert [converted.getpixel((x, 0)) for x in (0, 1)] == [0, 255]


def test_profile_is_kept() -> None:
    """An ICC profile is kept if it describes the colors that come out."""
    image = Image.new("RGB", (1, 1))
    image.info["icc_profile"] = SRGB
    assert to_web_mode(image)[1] == SRGB
    gray = Image.new("L", (1, 1))
    gray.info["icc_profile"] = SRGB
    assert to_web_mode(gray)[1] is None


@pytest.mark.parametrize("profile", [b"", b"no profile", LAB, b"\0" * 16 + b"CMYK" + b"\0" * 200])
def test_wrong_profile_of_cmyk(profile: bytes) -> None:
    """A CMYK image without a profile that can be used is converted all the same."""
    image = Image.new("CMYK", (1, 1), (255, 0, 0, 0))
    image.info["icc_profile"] = profile
    assert to_web_mode(image)[0].getpixel((0, 0)) == (0, 255, 255)


def test_flatten() -> None:
    """What is transparent shows the color behind it."""
    image = Image.new("RGBA", (2, 1), (255, 0, 0, 0))
    image.putpixel((1, 0), (255, 0, 0, 255))
    flat = flatten(image, "#00f")
    assert [flat.getpixel((x, 0)) for x in (0, 1)] == [(0, 0, 255), (255, 0, 0)]
