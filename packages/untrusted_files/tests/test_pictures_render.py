"""What is made of pictures: sizes, qualities, transparency, and nothing that should stay behind."""

import warnings
from io import BytesIO
from itertools import pairwise
from typing import Any

import pytest
from picture_samples import (
    FORMATS,
    XMP,
    chunk,
    noise,
    saved,
    segment,
    two_colors,
    with_chunks,
    with_segments,
)
from PIL import ExifTags, Image

from untrusted_files.exceptions import ArgumentError
from untrusted_files.pictures import (
    OUTPUTS,
    Limits,
    PictureTooLargeError,
    Rendered,
    Resize,
    fit,
    open_picture,
    own_format,
    render,
)

SMALL = Resize(width=20, height=20)


def opened(made: Rendered) -> Image.Image:
    image = Image.open(BytesIO(made.data))
    image.load()
    return image


def near(image: Image.Image, xy: tuple[int, int], color: str) -> bool:
    pixel = image.convert("RGB").getpixel(xy)
    wanted = Image.new("RGB", (1, 1), color).getpixel((0, 0))
    assert isinstance(pixel, tuple)
    assert isinstance(wanted, tuple)
    return all(abs(a - b) < 40 for a, b in zip(pixel, wanted, strict=True))


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("source", FORMATS)
def test_every_format_becomes_every_output_with_its_colors(source: str, output: str) -> None:
    """Every format becomes every output format, with its colors."""
    made = render(saved(two_colors(), source), SMALL, output)
    image = opened(made)
    assert (image.format, image.size) == (output.upper(), (20, 15))
    assert (made.format, made.width, made.height) == (output, 20, 15)
    assert near(image, (3, 7), "red")
    assert near(image, (16, 7), "blue")


def test_several_sizes_of_one_open_picture_are_the_same_as_one_by_one() -> None:
    """Of one open picture several sizes are made, in any order, the same as one by one."""
    file = saved(two_colors((1600, 1200)), "JPEG")
    sizes = [Resize(width=width) for width in (100, 800, 30, 1600, 101)]
    with open_picture(file) as picture:
        made = [picture.render(size, "png").data for size in sizes]
    for size, data in zip(sizes, made, strict=True):
        image = opened(render(file, size, "png"))
        again = Image.open(BytesIO(data))
        assert again.size == image.size
        assert near(again, (3, 7), "red")


def test_a_large_jpeg_is_decoded_at_a_smaller_scale() -> None:
    """A JPEG of more pixels than may be decoded at once is made from a smaller scale; nothing
    above max_pixels is.
    """
    file = saved(two_colors((800, 600)), "JPEG")
    tight = Limits(max_decoded_pixels=200_000)
    assert render(file, Resize(width=500), "jpeg", limits=tight).width == 500
    with pytest.raises(PictureTooLargeError) as found:
        render(file, SMALL, "jpeg", limits=Limits(max_pixels=479_999))
    assert (found.value.limit, found.value.value, found.value.maximum) == (
        "max_pixels", 480_000, 479_999,
    )  # fmt: skip
    assert str(found.value) == "This picture has too many pixels; the limit is 479,999."
    with pytest.raises(PictureTooLargeError, match="too many pixels; the limit is 200,000"):
        render(saved(two_colors((800, 600)), "PNG"), SMALL, "jpeg", limits=tight)


def test_too_large_to_be_made() -> None:
    """What is made must not have more pixels than may be decoded."""
    limits = Limits(max_decoded_pixels=1_000_000)
    for resize in (
        Resize(width=9999, height=9999, crop=True),
        Resize(width=9999, height=9999, background="red"),
        Resize(width=9999, height=9999, upscale=True),
    ):
        with pytest.raises(PictureTooLargeError) as found:
            render(saved(two_colors(), "PNG"), resize, "jpeg", limits=limits)
        assert found.value.limit == "max_decoded_pixels"
        assert "to be made: 9999x" in found.value.reason


@pytest.mark.parametrize(
    ("output", "longest"), [("jpeg", 65500), ("webp", 16383), ("gif", 65535), ("avif", 32768)]
)
def test_a_side_that_the_format_cannot_hold_is_refused(output: str, longest: int) -> None:
    """What is longer than its format can be is refused with what the format takes; the longest can
    be read.
    """
    file = saved(Image.new("L", (longest + 1, 1)), "BMP")
    assert opened(render(file, Resize(width=longest), output)).size == (longest, 1)
    with pytest.raises(
        PictureTooLargeError, match=f"too long a side; the limit is {longest:,} pixels"
    ) as found:
        render(file, Resize(), output)
    assert f"{output}, which takes {longest} pixels" in found.value.reason


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("source", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "AVIF"])
def test_no_result_has_metadata(source: str, output: str) -> None:
    """Nothing that is made has EXIF, XMP, a comment or IPTC."""
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "secret artist"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "secret place"
    options: dict[str, Any] = {} if source in ("GIF", "PNG") else {"exif": exif}
    options |= {"xmp": XMP + b"secret"} if source in ("JPEG", "WEBP", "AVIF", "TIFF") else {}
    options |= {"comment": b"secret comment"} if source in ("JPEG", "GIF") else {}
    data = saved(two_colors(), source, **options).getvalue()
    if source == "JPEG":
        data = with_segments(data, segment(0xED, b"Photoshop 3.0\x008BIM secret IPTC"))
    if source == "PNG":
        data = with_chunks(data, chunk(b"tEXt", b"Comment\0secret"), chunk(b"eXIf", exif.tobytes()))
    assert b"secret" in data
    made = render(BytesIO(data), Resize(), output)
    assert b"secret" not in made.data
    assert not opened(made).getexif()
    assert not {"exif", "xmp", "comment", "icc_profile"} & set(opened(made).info)


@pytest.mark.parametrize("output", ["png", "webp", "avif", "gif"])
def test_transparency_stays_where_the_format_holds_it(output: str) -> None:
    """What is transparent stays so where the format can; what is not gets no alpha."""
    clear = saved(Image.new("RGBA", (80, 60), (255, 0, 0, 0)), "PNG")
    assert opened(render(clear, SMALL, output)).convert("RGBA").getpixel((9, 7))[3] == 0  # type: ignore[index]
    solid = saved(Image.effect_noise((80, 60), 90).convert("RGBA"), "PNG")
    assert not opened(render(solid, SMALL, output)).has_transparency_data


@pytest.mark.parametrize("source", ["PNG", "GIF", "WEBP", "TIFF", "AVIF"])
def test_transparency_becomes_white_or_the_background_in_jpeg(source: str) -> None:
    """What is transparent is white in JPEG, or of the background's color in any format."""
    file = saved(Image.new("RGBA", (80, 60), (255, 0, 0, 0)), source)
    assert near(opened(render(file, SMALL, "jpeg")), (9, 7), "white")
    for output in OUTPUTS:
        image = opened(render(file, Resize(width=20, background="blue"), output))
        assert near(image, (9, 7), "blue")
        assert image.size == (20, 15)


def test_hidden_colors_do_not_shine_through_at_edges() -> None:
    """What is hidden below transparent pixels does not shine through at the edges."""
    image = Image.new("RGBA", (80, 80), (0, 255, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 40, 80))
    made = opened(render(saved(image, "PNG"), Resize(width=7), "png")).convert("RGBA")
    for x in range(7):
        red, green, _, alpha = made.getpixel((x, 3))  # type: ignore[misc]
        assert alpha == 0 or (red > 240 and green < 15)


@pytest.mark.parametrize("output", OUTPUTS)
def test_a_background_pads_a_rendered_picture(output: str) -> None:
    """A background pads to the exact size."""
    resize = Resize(width=40, height=40, background=(0, 255, 0))
    image = opened(render(saved(two_colors(), "PNG"), resize, output))
    assert image.size == (40, 40)
    assert near(image, (20, 1), "#0f0")
    assert near(image, (20, 38), "#0f0")
    assert near(image, (8, 20), "red")


def test_gray_on_a_gray_background_stays_gray() -> None:
    """Gray on a gray background stays gray, and becomes colored on another."""
    file = saved(Image.new("L", (80, 60), 9), "PNG")
    gray = render(file, Resize(width=40, height=40, background="white"), "jpeg")
    assert opened(gray).mode == "L"
    colored = render(file, Resize(width=40, height=40, background="red"), "jpeg")
    assert near(opened(colored), (2, 2), "red")


def test_a_crop_shows_the_part_around_its_focus() -> None:
    """A crop shows the part that is asked for."""
    for x, color in ((0.0, "red"), (0.9, "blue")):
        resize = Resize(width=20, height=60, crop=True, focus=(x, 0.5))
        assert near(opened(render(saved(two_colors(), "PNG"), resize, "png")), (10, 30), color)


def test_a_lower_quality_makes_a_smaller_file() -> None:
    """A lower quality makes a smaller file, and each format has its own default."""
    file = saved(noise(), "PNG")
    for output, default in (("jpeg", 85), ("webp", 80), ("avif", 70)):
        sizes = [
            len(render(file, Resize(width=100), output, quality=quality).data)
            for quality in (95, default, 40)
        ]
        assert all(a > b for a, b in pairwise(sizes))
        assert len(render(file, Resize(width=100), output).data) == sizes[1]


def test_a_rendered_jpeg_is_progressive() -> None:
    """A JPEG is progressive."""
    assert opened(render(saved(noise(), "PNG"), SMALL, "jpeg")).info["progressive"]


@pytest.mark.parametrize(
    ("format", "quality", "message"),
    [
        ("JPEG", None, "format must be one of jpeg, png, webp, avif, gif, got 'JPEG'"),
        ("tiff", None, "format must be one of .*, got 'tiff'"),
        ("jpeg", 0, "quality must be a whole number from 1 to 100 or None, got 0"),
        ("jpeg", True, "quality must be .* got True"),
        ("jpeg", 80.0, "quality must be .* got 80.0"),
    ],
)
def test_a_wrong_format_or_quality_is_the_caller_s_error(
    format: str, quality: int, message: str
) -> None:
    """A wrong format or quality is the caller's error, and not the picture's."""
    with pytest.raises(ValueError, match=message) as found:
        render(saved(two_colors(), "PNG"), SMALL, format, quality=quality)
    assert type(found.value) is ArgumentError


def test_own_format_is_kept_where_browsers_show_it() -> None:
    """What browsers show keeps its format, and all else becomes JPEG."""
    own = {name: own_format(name) for name in (*FORMATS, "HEIF", "ICO")}
    assert own == {
        "JPEG": "jpeg", "PNG": "png", "GIF": "gif", "WEBP": "webp", "AVIF": "avif", "TIFF": "jpeg",
        "BMP": "jpeg", "PPM": "jpeg", "JPEG2000": "jpeg", "HEIF": "jpeg", "ICO": "jpeg",
    }  # fmt: skip


@pytest.mark.parametrize("format", ["JPEG", "MPO", "PNG", "GIF", "WEBP", "AVIF"])
def test_fit_leaves_a_picture_that_is_small_enough(format: str) -> None:
    """A picture that is small enough is left as it is; another becomes smaller in its format."""
    file = saved(two_colors(), format)
    assert fit(file, Resize(width=80, height=200)) is None
    assert fit(file, Resize()) is None
    made = fit(file, Resize(width=40, height=40))
    assert made
    assert opened(made).format == ("JPEG" if format == "MPO" else format)
    assert opened(made).size == (40, 30)


@pytest.mark.parametrize("format", ["TIFF", "BMP", "PPM", "JPEG2000"])
def test_fit_makes_a_jpeg_of_what_browsers_do_not_show(format: str) -> None:
    """What browsers do not show becomes JPEG, whatever its size."""
    made = fit(saved(two_colors(), format), Resize())
    assert made
    assert (made.format, made.width, made.height) == ("jpeg", 80, 60)


def test_long_side_of_tiff() -> None:
    """A TIFF that is too long for JPEG is refused as too large (it was a bare error in the
    admin).
    """
    with pytest.raises(
        PictureTooLargeError, match="too long a side; the limit is 65,500 pixels"
    ) as found:
        fit(saved(Image.new("L", (70_000, 1)), "TIFF"), Resize())
    error = found.value
    assert (error.limit, error.value, error.maximum) == ("max_side", 70_000, 65_500)


def test_a_picture_that_pillow_warns_of_makes_no_warning() -> None:
    """A picture between a large and a too large one makes no warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert render(saved(Image.new("1", (4800, 4800)), "PNG"), SMALL, "png").width == 20
