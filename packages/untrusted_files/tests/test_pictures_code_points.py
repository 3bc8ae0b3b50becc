"""Colors that a file describes without an ICC profile: as Chromium 156 shows them, where it was
tried by hand with the same files.
"""

import struct
import zlib
from io import BytesIO

import pytest
from picture_samples import chunk, profile, saved, with_chunks
from PIL import Image, ImageCms
from test_pictures_heif import HEIC

from untrusted_files.pictures import Resize, check_picture, render

COLOR = (200, 100, 60)
_D65 = (0.3127, 0.329)
_SRGB = (*_D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
_P3 = (*_D65, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06)


def gamma(value: int, *, crc: int | None = None) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", value), crc=crc)


def chromaticities(*numbers: float) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *(round(number * 100_000) for number in numbers)))


def code_points(primaries: int, transfer: int) -> bytes:
    return chunk(b"cICP", bytes([primaries, transfer, 0, 1]))


def icc(data: bytes) -> bytes:
    return chunk(b"iCCP", b"x\0\0" + zlib.compress(data))


def shown(data: bytes) -> tuple[int, ...]:
    """Return the color that is rendered, without a profile."""
    made = Image.open(BytesIO(render(BytesIO(data), Resize(), "png").data))
    assert "icc_profile" not in made.info
    pixel = made.convert("L" if made.mode in ("L", "LA") else "RGB").getpixel((3, 3))
    return pixel if isinstance(pixel, tuple) else (int(pixel or 0),)


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ((), COLOR),
        ((gamma(100_000),), (229, 168, 133)),
        ((gamma(55_556),), (210, 119, 77)),
        ((gamma(45_455),), COLOR),
        ((gamma(45_455), chromaticities(*_SRGB)), COLOR),
        ((gamma(45_455), chromaticities(*_P3)), (215, 93, 47)),
        ((gamma(1_000_000),), (252, 245, 239)),
        ((gamma(0),), COLOR),
        ((gamma(100_000, crc=1),), COLOR),
        ((chromaticities(*_P3),), COLOR),
        ((chunk(b"sRGB", b"\0"), gamma(100_000)), COLOR),
        ((code_points(12, 13),), (215, 93, 47)),
        ((code_points(1, 8),), (229, 168, 133)),
        ((code_points(1, 4),), (201, 100, 57)),
        ((code_points(2, 2),), COLOR),
        ((code_points(12, 13), chunk(b"sRGB", b"\0"), gamma(100_000)), (215, 93, 47)),
        ((code_points(200, 13), gamma(100_000)), (229, 168, 133)),
        ((icc(profile(b"RGB ", 1.0)), gamma(45_455)), (133, 229, 168)),  # of exchanged colors
        ((icc(profile(b"RGB ", 1.0)), code_points(1, 13)), COLOR),
    ],
)
def test_a_png_says_its_colors_in_other_words(
    chunks: tuple[bytes, ...], expected: tuple[int, ...]
) -> None:
    """Code points go over a profile, and this over sRGB and a gamma; damaged ones do not count."""
    plain = Image.new("RGB", (8, 8), COLOR)
    for image in (plain, plain.quantize(4), plain.convert("RGBA")):
        data = with_chunks(saved(image, "PNG").getvalue(), *chunks)
        assert shown(data) == pytest.approx(expected, abs=4)


def test_gray_with_a_gamma_stays_gray() -> None:
    """It gets the brightness that is meant, of all depths and with transparency."""
    for mode, value in (("L", 100), ("LA", (100, 255)), ("I;16", 100 * 257)):
        image = Image.new(mode, (8, 8), value)
        data = saved(image, "PNG").getvalue()
        assert shown(with_chunks(data, gamma(100_000))) == pytest.approx((168,), abs=2)
        assert shown(with_chunks(data, code_points(12, 8))) == pytest.approx((168,), abs=2)


@pytest.mark.parametrize(
    "numbers",
    [
        (0,) * 8,
        (*_D65, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3),
        (*_D65, 0.64, 0, 0.3, 0, 0.15, 0),
        (40_000,) * 8,
        (*_D65, 40_000, 1, 3, 1e-5, 1e-5, 20_000),
    ],
)
def test_chromaticities_of_no_light_do_no_harm(numbers: tuple[float, ...]) -> None:
    """Whatever the numbers are, the picture is made."""
    data = with_chunks(
        saved(Image.new("RGB", (8, 8), COLOR), "PNG").getvalue(),
        gamma(1),
        chromaticities(*numbers),
    )
    assert len(shown(data)) == 3
    assert check_picture(BytesIO(data)).width == 8


def with_code_points(file: bytes, primaries: int, transfer: int) -> bytes:
    """Return an AVIF, as Pillow writes it, with other code points."""
    place = file.index(b"nclx") + 4
    return file[:place] + struct.pack(">HH", primaries, transfer) + file[place + 4 :]


@pytest.mark.parametrize(
    ("primaries", "transfer", "expected"),
    [
        (1, 13, COLOR),
        (2, 2, COLOR),
        (1, 1, COLOR),
        (12, 13, (215, 93, 47)),
        (9, 1, (241, 76, 46)),
        (1, 8, (229, 168, 133)),
        (5, 5, (192, 76, 36)),
        (6, 6, (196, 102, 59)),
        (1, 5, (189, 76, 36)),
        (200, 13, COLOR),
        (1, 200, COLOR),
    ],
)
def test_an_avif_says_its_colors_by_code_points(
    primaries: int, transfer: int, expected: tuple[int, ...]
) -> None:
    """An AVIF of a wide gamut, or of another curve, has the colors that are meant."""
    file = saved(Image.new("RGB", (8, 8), COLOR), "AVIF", quality=100, subsampling="4:4:4")
    data = with_code_points(file.getvalue(), primaries, transfer)
    assert shown(data) == pytest.approx(expected, abs=5)


def test_an_animated_avif_has_its_colors_in_each_frame() -> None:
    """Each frame is converted, not only the first."""
    frames = [Image.new("RGB", (8, 8), color) for color in (COLOR, (60, 100, 200))]
    file = saved(
        frames[0], "AVIF", save_all=True, append_images=frames[1:], quality=100,
        subsampling="4:4:4",
    )  # fmt: skip
    data = with_code_points(file.getvalue(), 1, 8)
    made = Image.open(BytesIO(render(BytesIO(data), Resize(), "png").data))
    made.seek(1)
    assert made.convert("RGB").getpixel((3, 3)) == pytest.approx((133, 168, 229), abs=6)


@pytest.mark.parametrize("transfer", [16, 18])
def test_bright_lights_of_high_dynamic_range_are_cut(transfer: int) -> None:
    """White of BT.2408 is white, and what is brighter is no more than that."""
    white = {16: 148, 18: 191}[transfer]
    for value, expected in ((0, 0), (white, 255), (255, 255)):
        data = saved(Image.new("RGB", (8, 8), (value,) * 3), "PNG").getvalue()
        assert shown(with_chunks(data, code_points(9, transfer))) == pytest.approx(
            (expected,) * 3, abs=3
        )


def test_a_profile_of_an_avif_goes_over_its_code_points() -> None:
    """As in browsers."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.new("RGB", (8, 8), COLOR)
    file = saved(image, "AVIF", quality=100, subsampling="4:4:4", icc_profile=srgb)
    assert shown(file.getvalue()) == pytest.approx(COLOR, abs=4)


def test_a_heic_says_its_colors_by_code_points() -> None:
    """A HEIC's are read like those of an AVIF."""
    red = shown(HEIC)
    assert red == pytest.approx((255, 0, 0), abs=40)
    place = HEIC.index(b"nclx") + 4
    dark = HEIC[:place] + struct.pack(">HH", 1, 5) + HEIC[place + 4 :]
    other = HEIC[:place] + struct.pack(">HH", 9, 13) + HEIC[place + 4 :]
    assert shown(dark)[0] <= red[0]
    assert len({shown(dark), shown(other), red}) >= 2
