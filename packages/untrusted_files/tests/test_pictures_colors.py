"""Colors: everything becomes sRGB or gray."""

import struct
from io import BytesIO

import PIL
import pytest
from picture_samples import SRGB, chunk, png, profile, saved, segment, two_colors, with_segments
from PIL import Image, ImageCms

from untrusted_files.pictures import OUTPUTS, Resize, render
from untrusted_files.pictures._color import _transform, flatten, to_plain_mode, to_srgb
from untrusted_files.pictures._structure import Structure

MODES = [
    "1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX",
    "CMYK", "YCbCr", "LAB", "HSV", "I", "I;16", "I;16B", "I;16L", "F",
]  # fmt: skip
LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
STRUCTURE = Structure(format="PNG", size=(1, 1), pixels=list)


def pixel(
    file: BytesIO, format: str = "png", resize: Resize | None = None, xy: tuple[int, int] = (0, 0)
) -> object:
    """Return a pixel of what is made of a picture, in the mode it has."""
    image: Image.Image = Image.open(BytesIO(render(file, resize or Resize(), format).data))
    if image.mode == "P":
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image.getpixel(xy)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (Image.new("1", (1, 1), 1), 255),
        (Image.new("L", (1, 1), 7), 7),
        (Image.new("LA", (1, 1), (7, 9)), (7, 9)),
        (Image.new("PA", (1, 1)), (0, 0, 0, 0)),
        (Image.new("RGB", (1, 1), (1, 2, 3)), (1, 2, 3)),
        (Image.new("RGBX", (1, 1), (1, 2, 3, 4)), (1, 2, 3)),
        (Image.new("RGBA", (1, 1), (1, 2, 3, 4)), (1, 2, 3, 4)),
        (Image.new("RGBA", (1, 1), (255, 0, 0, 255)).convert("RGBa"), (255, 0, 0, 255)),
        (Image.new("LA", (1, 1), (7, 255)).convert("La"), (7, 255)),
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
def test_every_mode_becomes_one_of_the_web_and_keeps_white_and_gray(
    image: Image.Image, expected: object
) -> None:
    """Every mode becomes one that web formats take; white stays white, and gray gray."""
    converted = to_srgb(to_plain_mode(image, STRUCTURE), None)
    assert converted.mode in ("L", "LA", "RGB", "RGBA")
    assert converted.getpixel((0, 0)) == expected


# Pillow 12 and older do not read what they write of it: it is refused there.
YCBCR = [("YCbCr", "TIFF")] if int(PIL.__version__.partition(".")[0]) >= 13 else []


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize(
    ("mode", "format"),
    [
        *((mode, "TIFF") for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "LAB", "I", "F")),
        ("I;16", "TIFF"), ("I;16B", "TIFF"), ("RGBX", "TIFF"),
        *YCBCR,
        *((mode, "PNG") for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
        *((mode, "JPEG2000") for mode in ("L", "LA", "RGB", "RGBA", "I;16")),
        ("CMYK", "JPEG"), ("L", "JPEG"), ("F", "PPM"), ("1", "PPM"),
    ],
)  # fmt: skip
def test_every_mode_to_every_format(mode: str, format: str, output: str) -> None:
    """A picture of any mode can become every output format."""
    for resize in (Resize(width=20, height=20), Resize(width=20, height=20, background="red")):
        made = render(saved(Image.new(mode, (40, 30)), format), resize, output)
        loaded = Image.open(BytesIO(made.data))
        loaded.load()
        assert loaded.format == output.upper()
        assert loaded.size == (made.width, made.height) == (resize.exact_size or (20, 15))


@pytest.mark.parametrize("size", [(40, 30), (800, 600)])
@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_gray_of_sixteen_bits_keeps_its_brightness(size: tuple[int, int], format: str) -> None:
    """Gray of 16 bits keeps its brightness (it became white, or an error, in the admin)."""
    file = saved(Image.new("I;16", size, 30000), format)
    for output in ("jpeg", "png"):
        assert pixel(file, output, Resize(width=20, height=15)) in (116, 117)


def test_floats_keep_their_brightness() -> None:
    """Floats from 0 to 1 keep their brightness; beyond the usual ranges they are stretched."""
    assert pixel(saved(Image.new("F", (40, 30), 0.5), "TIFF")) == 127
    image = Image.new("F", (2, 1))
    image.putpixel((0, 0), -500.0)
    image.putpixel((1, 0), 500.0)
    converted = to_plain_mode(image, STRUCTURE)
    assert [converted.getpixel((x, 0)) for x in (0, 1)] == [0, 255]


def test_black_and_white_become_gray_when_scaled() -> None:
    """Black and white become gray where they are scaled (they became one color in the admin)."""
    board = Image.new("1", (100, 100))
    for x in range(100):
        for y in range(100):
            board.putpixel((x, y), (x + y) % 2)
    for image in (board, board.convert("P")):
        value = pixel(saved(image, "PNG"), "jpeg", Resize(width=50), (20, 20))
        value = value if isinstance(value, int) else value[0]  # type: ignore[index]
        assert 110 < value < 145


@pytest.mark.parametrize(
    ("depth", "row", "transparent"),
    [
        (1, bytes([0b01010000]), 1),
        (2, bytes([0b00110111]), 3),
        (4, bytes([0x0F, 0x3F]), 15),
        (8, bytes([0, 77, 3, 77]), 77),
        (16, struct.pack(">4H", 1, 30000, 30001, 30000), 30000),
    ],
)
def test_the_transparent_gray_of_a_png_is_exact_at_every_depth(
    depth: int, row: bytes, transparent: int
) -> None:
    """A gray PNG's transparent value is transparent at every depth, and its neighbours are not
    (Pillow is wrong for 2 and 4 bits: tbbn0g04 of PngSuite; with 16 bits it was lost).
    """
    file = png([row], 4, chunk(b"tRNS", struct.pack(">H", transparent)), depth=depth, color=0)
    image = Image.open(BytesIO(render(file, Resize(), "png").data))
    assert image.mode == "LA"
    assert image.getchannel("A").tobytes() == b"\xff\0\xff\0"


def test_the_transparent_color_of_a_png_is_exact_at_every_depth() -> None:
    """A PNG's transparent color is transparent, of 8 bits and of 16."""
    trns = chunk(b"tRNS", struct.pack(">3H", 1, 2, 3))
    file = png([bytes([1, 2, 3, 1, 2, 4])], 2, trns)
    assert [pixel(file, xy=(x, 0)) for x in (0, 1)] == [(1, 2, 3, 0), (1, 2, 4, 255)]
    trns = chunk(b"tRNS", struct.pack(">3H", 0x1111, 0x2222, 0x3333))
    row = struct.pack(">6H", 0x1111, 0x2222, 0x3333, 0x4444, 0x2222, 0x3333)
    file = png([row], 2, trns, depth=16)
    assert [pixel(file, xy=(x, 0)) for x in (0, 1)] == [(17, 34, 51, 0), (68, 34, 51, 255)]


def test_a_palette_keeps_its_transparent_color() -> None:
    """A picture with a palette keeps its transparent color, if it has one."""
    image = Image.new("RGB", (20, 10), "red").quantize()
    assert pixel(saved(image, "PNG")) == (255, 0, 0)
    assert pixel(saved(image, "PNG", transparency=0)) == (255, 0, 0, 0)
    assert pixel(saved(image, "GIF", transparency=0))[3] == 0  # type: ignore[index]


def test_a_png_of_few_colors_gets_a_palette() -> None:
    """A PNG of few colors gets a palette, which holds them exactly; so does one that is made from a
    palette, where nobody sees a difference. Others do not.
    """
    flat = render(saved(two_colors(), "BMP"), Resize(), "png")
    assert Image.open(BytesIO(flat.data)).mode == "P"
    assert Image.open(BytesIO(flat.data)).convert("RGB").getpixel((3, 3)) == (255, 0, 0)
    many = Image.merge(
        "RGB",
        [Image.linear_gradient("L"), Image.linear_gradient("L").rotate(90)] * 1
        + [Image.new("L", (256, 256))],
    )
    rgb = render(saved(many, "PNG"), Resize(width=100), "png")
    assert Image.open(BytesIO(rgb.data)).mode == "RGB"
    diagram = Image.new("RGB", (400, 400), "white")
    diagram.paste("navy", (50, 50, 300, 222))
    source = saved(diagram.quantize(16), "PNG")
    small = Image.open(BytesIO(render(source, Resize(width=133), "png").data))
    assert small.mode == "P"


@pytest.mark.parametrize("output", ["png", "webp", "avif", "jpeg"])
@pytest.mark.parametrize("source", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
def test_colors_are_converted_by_the_profile(source: str, output: str) -> None:
    """Colors are converted to sRGB by the profile, which is left out."""
    file = saved(two_colors(), source, icc_profile=profile(b"RGB ", 2.2))
    made = Image.open(BytesIO(render(file, Resize(), output).data))
    assert "icc_profile" not in made.info
    for x, color in ((5, (0, 255, 0)), (75, (255, 0, 0))):
        found = made.convert("RGB").getpixel((x, 30))
        assert isinstance(found, tuple)
        assert all(abs(a - b) < 30 for a, b in zip(found, color, strict=True))


def test_gray_with_a_profile_stays_gray() -> None:
    """Gray with a profile stays gray, and gets the brightness that is meant."""
    for mode in ("L", "LA"):
        file = saved(Image.new(mode, (40, 30), 64), "PNG", icc_profile=profile(b"GRAY", 1.0))
        image = Image.open(BytesIO(render(file, Resize(), "png").data))
        assert image.mode == mode
        assert 135 <= image.getchannel("L").getpixel((3, 3)) <= 139  # type: ignore[operator]


def test_converting_colors_keeps_transparency() -> None:
    """Where colors are converted, what is transparent stays so."""
    image = Image.new("RGBA", (40, 30), (255, 0, 0, 99))
    file = saved(image, "PNG", icc_profile=profile(b"RGB ", 2.2))
    assert pixel(file) == pytest.approx((0, 255, 0, 99), abs=3)


def test_the_profile_of_srgb_changes_nothing() -> None:
    """sRGB itself changes nothing."""
    assert _transform(SRGB, "RGB") is None
    assert _transform(profile(b"RGB ", 2.2), "RGB") is not None
    noisy = Image.effect_noise((60, 60), 80).convert("RGB")
    made = render(saved(noisy, "PNG", icc_profile=SRGB), Resize(), "png").data
    assert Image.open(BytesIO(made)).convert("RGB").tobytes() == noisy.tobytes()


@pytest.mark.parametrize(
    "broken",
    [b"no profile", LAB, b"\0" * 16 + b"RGB " + bytes(200), b"\0" * 36 + b"acsp", SRGB[:300]],
)
def test_a_broken_profile_is_ignored(broken: bytes) -> None:
    """A profile that cannot be used is the same as none."""
    for format in ("JPEG", "PNG"):
        file = saved(two_colors(), format, icc_profile=broken)
        assert pixel(file, xy=(5, 5)) == pytest.approx((255, 0, 0), abs=3)


@pytest.mark.parametrize("broken", [b"", LAB, b"\0" * 16 + b"CMYK" + bytes(200)])
def test_cmyk_without_a_profile_is_not_inverted(broken: bytes) -> None:
    """CMYK without a profile that can be used is converted by a formula, and not inverted."""
    image = Image.new("CMYK", (80, 60), (255, 0, 0, 0))
    options = {"icc_profile": broken} if broken else {}
    for format in ("JPEG", "TIFF"):
        assert pixel(saved(image, format, **options)) == pytest.approx((0, 255, 255), abs=2)


def test_a_profile_of_up_to_four_megabytes_is_used() -> None:
    """A profile of 1.6 MB is used, and does not swell what is made; longer than 4 MB it is not."""
    padded = profile(b"RGB ", 2.2).ljust(1_600_000, b"\0")
    padded = struct.pack(">I", len(padded)) + padded[4:]
    file = saved(two_colors(), "JPEG", icc_profile=padded)
    made = render(file, Resize(width=40), "jpeg")
    assert len(made.data) < 2000
    assert pixel(file, xy=(5, 5)) == pytest.approx((0, 255, 0), abs=20)
    long = saved(two_colors(), "TIFF", icc_profile=padded.ljust(4_000_001, b"\0"))
    assert pixel(long, xy=(5, 5)) == (255, 0, 0)


def test_flatten_lays_a_picture_on_the_color() -> None:
    """What is transparent shows the color behind it; gray on gray stays gray."""
    image = Image.new("RGBA", (2, 1), (255, 0, 0, 0))
    image.putpixel((1, 0), (255, 0, 0, 255))
    flat = flatten(image, (0, 0, 255))
    assert [flat.getpixel((x, 0)) for x in (0, 1)] == [(0, 0, 255), (255, 0, 0)]
    gray = flatten(Image.new("LA", (1, 1), (9, 0)), (200, 200, 200))
    assert gray.mode == "L"
    assert gray.getpixel((0, 0)) == 200


def test_the_adobe_segment_reaches_the_decoder() -> None:
    """The segment by which Adobe says how colors are kept reaches the decoder."""
    jpeg = saved(Image.new("RGB", (16, 16), (200, 30, 30)), "JPEG", quality=95).getvalue()
    plain = with_segments(jpeg, segment(0xEE, b"Adobe\0\x64\0\0\0\0\1"))
    assert pixel(BytesIO(plain)) == pytest.approx((200, 30, 30), abs=4)
    as_rgb = with_segments(
        jpeg[:2] + jpeg[jpeg.index(b"\xff\xdb") :], segment(0xEE, b"Adobe\0\x64\0\0\0\0\0")
    )
    assert pixel(BytesIO(as_rgb)) != pytest.approx((200, 30, 30), abs=40)
