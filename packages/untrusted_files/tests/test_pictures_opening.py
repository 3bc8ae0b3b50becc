"""How pictures are opened: formats, plugins, streams, and what is not installed."""

import importlib
import sys
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
from picture_samples import (
    FORMATS,
    MOVING,
    PNG_SIGNATURE,
    animation,
    noise,
    saved,
    segment,
    two_colors,
    with_segments,
)
from PIL import Image

from untrusted_files.exceptions import ArgumentError, MissingLibraryError
from untrusted_files.pictures import (
    BrokenPictureError,
    Limits,
    PictureInfo,
    PictureTooLargeError,
    Resize,
    check_picture,
    fit,
    read_info,
    render,
)

SMALL = Resize(width=20, height=20)


@pytest.mark.parametrize(
    "data",
    [b"", b"no image", b"%!PS-Adobe-3.0 EPSF", b"\xff\xd8\xff", PNG_SIGNATURE, b"GIF89a", b"BM"],
)
def test_a_file_that_is_no_picture_is_refused_in_plain_words(data: bytes) -> None:
    """What is no picture is refused, for visitors without a word about the inside."""
    with pytest.raises(
        BrokenPictureError, match=r"^This (picture is damaged|is not a pic)"
    ) as found:
        read_info(BytesIO(data))
    assert found.value.reason
    assert "Pillow" not in str(found.value)


@pytest.mark.parametrize(
    "svg",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a > --><!DOCTYPE svg [<!ENTITY a 'b'>]>\n<svg>",
        b"\n<svg:svg xmlns:svg='http://www.w3.org/2000/svg'>",
    ],
)
def test_svg_is_refused_by_its_name(svg: bytes) -> None:
    """SVG is refused by its name."""
    with pytest.raises(BrokenPictureError, match="SVG pictures cannot be shown") as found:
        read_info(BytesIO(svg))
    assert found.value.reason.startswith("SVG")


def test_only_the_allowed_formats_are_read() -> None:
    """Only the formats that are asked for are read, and others of Pillow's by name."""
    icon = saved(Image.new("RGBA", (32, 32), "red"), "ICO")
    with pytest.raises(BrokenPictureError):
        read_info(icon)
    assert read_info(icon, formats=["PNG", "ICO"]) == PictureInfo("ICO", 32, 32, 1)
    assert render(icon, SMALL, "png", formats=["ico"]).width == 20
    assert read_info(saved(two_colors(), "TGA"), formats=["PCX", "TGA"]).format == "TGA"
    with pytest.raises(BrokenPictureError, match="^TIFF pictures cannot be shown") as found:
        check_picture(saved(two_colors(), "TIFF"), formats=("JPEG", "PNG"))
    assert "TIFF is not among the allowed formats" in found.value.reason
    with pytest.raises(ValueError, match="formats must be names that Pillow has.*'NONE'"):
        read_info(icon, formats=["none"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"formats": "PNG"}, "formats must be a list of names, .* got 'PNG'"),
        ({"formats": None}, "formats must be a list of names"),
        ({"formats": ()}, r"formats must be one name or more, .* got \(\)"),
        ({"formats": ("JPEG", "eps")}, "formats must be pictures: EPS is a program.* got 'EPS'"),
        ({"formats": ("PGN",)}, "formats must be names that Pillow has, .* got 'PGN'"),
        ({"limits": 5}, "limits must be a Limits, .* got 5"),
        ({"resize": (200, 200)}, r"resize must be a Resize, .* got \(200, 200\)"),
    ],
)
def test_a_wrong_argument_is_not_the_picture_s_fault(
    arguments: dict[str, Any], message: str
) -> None:
    """A wrong argument is refused by its name, and is no fault of the picture."""
    picture = saved(two_colors(), "PNG")
    resize = arguments.pop("resize", SMALL)
    with pytest.raises(ArgumentError, match=message):
        render(picture, resize, "png", **arguments)
    with pytest.raises(ArgumentError, match=message):
        fit(picture, resize, **arguments)


def test_plugin_that_closes_the_stream() -> None:
    """A plugin that closes what it reads from does not close the caller's stream."""
    file = BytesIO(b"FTEX" + bytes(60))
    with pytest.raises(BrokenPictureError):
        read_info(file, formats=["FTEX"])
    assert file.tell() == 0


@pytest.mark.parametrize("error", [RuntimeError, NotImplementedError, SyntaxError, MemoryError])
def test_whatever_a_decoder_raises(error: type[Exception]) -> None:
    """Whatever a decoder raises, it is one of two errors that comes out."""

    class Decoder(Image.Image):
        def __init__(self, *arguments: object) -> None:
            raise error("inside")

    Image.register_open("WHATEVER", Decoder)  # type: ignore[arg-type]
    try:
        with pytest.raises(BrokenPictureError):
            check_picture(BytesIO(b"whatever"), formats=["WHATEVER"])
    finally:
        Image.ID.remove("WHATEVER")
        del Image.OPEN["WHATEVER"]


class Failing(BytesIO):
    """A stream that cannot be read beyond some place, as one of a storage out of reach."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() > 1000:
            raise ConnectionError("storage out of reach")
        return super().read(size)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF", "WEBP"])
def test_an_error_of_the_stream_is_raised_unchanged(format: str) -> None:
    """An error of the stream says nothing about the picture, and stays what it is."""
    file = Failing(saved(noise((600, 600)), format).getvalue())
    with pytest.raises(ConnectionError, match="storage out of reach"):
        render(file, SMALL, "gif")


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("pillows", [100, 2_000])
def test_a_lower_limit_of_pillow_does_not_apply_and_stays(
    monkeypatch: pytest.MonkeyPatch, format: str, pillows: int
) -> None:
    """Where Pillow's limit is lower than ours, it neither refuses nor warns, and stays as it is."""
    picture = saved(two_colors(), format)
    width, height = two_colors().size
    assert pillows < width * height
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", pillows)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_info(picture).width == width
        assert check_picture(picture).width == width
        assert render(picture, SMALL, "png").width == 20
    assert pillows == Image.MAX_IMAGE_PIXELS
    with pytest.raises(PictureTooLargeError) as found:
        check_picture(picture, limits=Limits(max_pixels=pillows, max_decoded_pixels=pillows))
    maximum = pillows // 2 if format == "JPEG2000" else pillows
    assert (found.value.value, found.value.maximum) == (width * height, maximum)


@pytest.mark.parametrize("format", MOVING)
def test_pillows_own_limit_of_animations(monkeypatch: pytest.MonkeyPatch, format: str) -> None:
    """Nor does it where frames are decoded."""
    file = animation(format)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    made = render(file, Resize(), "webp")
    assert read_info(BytesIO(made.data)).frames == 3


def test_pillows_own_limit_in_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes first and goes last, the limit is what it was in the end."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    pictures = [saved(Image.new("RGB", (100 + n, 100)), "PNG").getvalue() for n in range(40)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda data: check_picture(BytesIO(data)).width, pictures))
    assert found == list(range(100, 140))
    assert Image.MAX_IMAGE_PIXELS == 100


def test_pillows_own_limit_of_what_only_pillow_can_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a format that is Pillow's alone its error is passed on, without a number made up."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    icon = saved(Image.new("RGBA", (32, 32), "red"), "ICO")
    with pytest.raises(PictureTooLargeError, match="too many pixels; the limit is 100") as found:
        read_info(icon, formats=["ICO"])
    assert (found.value.limit, found.value.value) == ("PIL.Image.MAX_IMAGE_PIXELS", None)
    assert "1024 pixels" in found.value.reason


def test_limits_of_so_many_pixels() -> None:
    """Formats but JPEG have no more than usual, or more in proportion."""
    usual = Limits()
    assert Limits.of_pixels(12) == Limits(max_pixels=12, max_decoded_pixels=12)
    assert Limits.of_pixels(50_000_000) == usual
    assert Limits.of_pixels(100_000_000) == Limits(
        max_pixels=100_000_000, max_decoded_pixels=usual.max_decoded_pixels * 2
    )
    with pytest.raises(ArgumentError, match="max_pixels must be a whole number from 1, got 0"):
        Limits.of_pixels(0)


@pytest.fixture
def without_pillow(monkeypatch: pytest.MonkeyPatch) -> Callable[[], object]:
    names = [name for name in sys.modules if name.startswith("untrusted_files.pictures")]
    for name in names:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "PIL", None)
    return lambda: importlib.import_module("untrusted_files.pictures")


def test_without_pillow_the_import_says_what_to_install(
    without_pillow: Callable[[], object],
) -> None:
    """Without Pillow, importing the pictures says what to install."""
    with pytest.raises(MissingLibraryError, match=r"pip install 'untrusted-files\[images\]'"):
        without_pillow()


def test_a_wrong_limit_is_refused_by_its_name() -> None:
    """A limit that is no whole number from 1 is refused by its name."""
    for wrong in (0, -1, 1.5, True, None, "1"):
        with pytest.raises(ValueError, match="max_scans must be a whole number from 1, got"):
            Limits(max_scans=wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("broken", [b"JFIF\0", b"JFIF\0\1", b"Adobe", b"Adobe\0", b"AVI1"])
def test_segments_that_are_too_short_do_no_harm(broken: bytes) -> None:
    """Segments of applications that are too short harm nobody."""
    jpeg = saved(two_colors(), "JPEG").getvalue()
    plain = jpeg[:2] + jpeg[jpeg.index(b"\xff\xdb") :]
    marker = 0xEE if broken.startswith(b"Adobe") else 0xE0
    made = render(BytesIO(with_segments(plain, segment(marker, broken))), SMALL, "png")
    pixel = Image.open(BytesIO(made.data)).convert("RGB").getpixel((3, 3))
    assert pixel == pytest.approx((255, 0, 0), abs=30)


def test_failing_stream_of_other_formats() -> None:
    """An error of the stream stays what it is for formats that are asked for by name, too."""
    with pytest.raises(ConnectionError):
        check_picture(Failing(b"?" * 5000), formats=["TGA"])
