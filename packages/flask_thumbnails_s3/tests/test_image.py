import struct
import tracemalloc
import zlib
from io import BytesIO
from itertools import pairwise
from typing import Any

import pytest
from image_files import ImageFile, OpenImage
from PIL import ExifTags, Image, ImageChops, ImageCms, ImageOps, ImageStat

from flask_thumbnails_s3 import BrokenImageError, TooLargeError
from flask_thumbnails_s3._image import Rendered, read_size, render, render_image
from flask_thumbnails_s3._options import parse_spec

OUTPUTS = ["jpeg", "png", "webp", "avif", "gif"]
MODES = [
    "1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX",
    "CMYK", "YCbCr", "LAB", "HSV", "I", "I;16", "I;16B", "I;16L", "F",
]  # fmt: skip
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def thumbnail(
    data: bytes, size: str, format: str = "jpeg", *, max_pixels: int = 10**7, **options: Any
) -> Rendered:
    return render(data, parse_spec(size, {}, options), format, max_pixels=max_pixels)


def near(image: Image.Image, xy: tuple[int, int], color: str) -> bool:
    pixel = image.convert("RGB").getpixel(xy)
    wanted = Image.new("RGB", (1, 1), color).getpixel((0, 0))
    assert isinstance(pixel, tuple)
    assert isinstance(wanted, tuple)
    return all(abs(a - b) < 40 for a, b in zip(pixel, wanted, strict=True))


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("mode", MODES)
def test_every_mode_to_every_format(mode: str, output: str, open_image: OpenImage) -> None:
    """Every Pillow mode can become every output format ("cannot write mode RGBA as JPEG")."""
    for spec in (parse_spec("20x20", {}, {}), parse_spec("20x20", {}, {"bg": "red"})):
        made = render_image(Image.new(mode, (40, 30)), spec, output, max_pixels=10**6)
        loaded = open_image(made.data)
        assert loaded.format == output.upper()
        assert loaded.size == made.size == (spec.exact_size or (20, 15))


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("source", ["JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF"])
def test_every_file_format(
    source: str, output: str, image_file: ImageFile, open_image: OpenImage
) -> None:
    """Every image that people upload becomes every output format, with its colors."""
    image = open_image(thumbnail(image_file(format=source), "20x20", output).data)
    assert near(image, (3, 7), "red")
    assert near(image, (16, 7), "blue")


def test_cmyk_jpeg(image_file: ImageFile, open_image: OpenImage) -> None:
    """A CMYK JPEG shows its colors and not their inverse."""
    data = image_file(image=Image.new("RGB", (80, 60), "red").convert("CMYK"))
    assert near(open_image(thumbnail(data, "20x20").data), (9, 7), "red")


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(40, 30), (1600, 1200)])
@pytest.mark.parametrize("crop", [None, "20%,70%"])
def test_orientation(
    orientation: int,
    size: tuple[int, int],
    crop: str | None,
    image_file: ImageFile,
    open_image: OpenImage,
) -> None:
    """EXIF's orientation is applied, also to what the JPEG decoder has reduced."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    image.paste("red", (0, 0, size[0] // 3, size[1] // 3))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    upright = ImageOps.exif_transpose(open_image(image_file(image=image, exif=exif)))
    expected = open_image(
        thumbnail(image_file(format="PNG", image=upright), "24x20", crop=crop).data
    )
    for format in ("JPEG", "PNG", "WEBP"):
        data = image_file(format=format, image=image, exif=exif)
        made = open_image(thumbnail(data, "24x20", crop=crop).data)
        assert made.size == expected.size
        difference = ImageStat.Stat(ImageChops.difference(made, expected)).mean
        assert max(difference) < 8


def test_orientation_of_tiff(image_file: ImageFile, open_image: OpenImage) -> None:
    """A TIFF, which Pillow turns itself, is not turned twice."""
    data = image_file(format="TIFF", tiffinfo={274: 6})
    image = open_image(thumbnail(data, "40x40").data)
    assert image.size == (30, 40)
    assert near(image, (15, 5), "red")


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("source", ["JPEG", "PNG", "WEBP"])
def test_metadata(source: str, output: str, image_file: ImageFile, open_image: OpenImage) -> None:
    """Metadata such as a place on earth is stripped (sorl#88: GPS leaked)."""
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "secret artist"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "secret place"
    options = {"comment": b"secret comment"} if source == "JPEG" else {}
    xmp = {} if source == "PNG" else {"xmp": b"<secret/>"}
    data = image_file(format=source, exif=exif, **options, **xmp)
    assert b"secret" in data
    made = thumbnail(data, "80x60", output).data
    assert b"secret" not in made
    assert not open_image(made).getexif()


@pytest.mark.parametrize("output", ["jpeg", "png", "webp", "avif"])
def test_profile(output: str, image_file: ImageFile, open_image: OpenImage) -> None:
    """The ICC profile is kept, so that colors stay as they were meant."""
    made = thumbnail(image_file(icc_profile=SRGB), "20x20", output, crop="fit")
    assert open_image(made.data).info["icc_profile"] == SRGB


@pytest.mark.parametrize("output", ["png", "webp", "avif", "gif"])
def test_transparency(output: str, image_file: ImageFile, open_image: OpenImage) -> None:
    """What is transparent stays so where the format can."""
    data = image_file(format="PNG", image=Image.new("RGBA", (80, 60), (255, 0, 0, 0)))
    image = open_image(thumbnail(data, "20x20", output).data).convert("RGBA")
    assert image.getpixel((9, 7))[3] == 0  # type: ignore[index]


def test_transparency_to_jpeg(image_file: ImageFile, open_image: OpenImage) -> None:
    """What is transparent is white in JPEG, or of the background's color in any format."""
    data = image_file(format="PNG", image=Image.new("RGBA", (80, 60), (255, 0, 0, 0)))
    assert near(open_image(thumbnail(data, "20x20").data), (9, 7), "white")
    for output in OUTPUTS:
        image = open_image(thumbnail(data, "20x", output, bg="blue").data)
        assert near(image, (9, 7), "blue")
        assert image.size == (20, 15)


@pytest.mark.parametrize("output", OUTPUTS)
def test_background(output: str, image_file: ImageFile, open_image: OpenImage) -> None:
    """A background pads to the exact size (it raised TypeError in flask-thumbnails 1.1.1)."""
    image = open_image(thumbnail(image_file(), "40x40", output, bg=(0, 255, 0)).data)
    assert image.size == (40, 40)
    assert near(image, (20, 1), "#0f0")
    assert near(image, (20, 38), "#0f0")
    assert near(image, (8, 20), "red")


def test_crop(image_file: ImageFile, open_image: OpenImage) -> None:
    """A crop shows the side or the point that is asked for."""
    left = open_image(thumbnail(image_file(), "20x60", crop="left").data)
    right = open_image(thumbnail(image_file(), "20x60", crop="90%,50%").data)
    assert near(left, (10, 30), "red")
    assert near(right, (10, 30), "blue")


def test_upscale(image_file: ImageFile) -> None:
    """A small image is enlarged only when asked."""
    assert thumbnail(image_file(), "160x160").size == (80, 60)
    assert thumbnail(image_file(), "160x160", upscale=True).size == (160, 120)


def test_quality(image_file: ImageFile) -> None:
    """A lower quality makes a smaller file."""
    data = image_file(image=Image.effect_noise((200, 200), 90))
    for output in ("jpeg", "webp", "avif"):
        sizes = [len(thumbnail(data, "100x100", output, quality=q).data) for q in (95, 85, 40)]
        assert all(a > b for a, b in pairwise(sizes))


def animation(format: str, *, frames: int = 3, **options: Any) -> bytes:
    images = [Image.new("RGB", (40, 30), color) for color in ("red", "lime", "blue")][:frames]
    out = BytesIO()
    images[0].save(
        out, format, save_all=True, append_images=images[1:], duration=[100, 200, 300], **options
    )
    return out.getvalue()


@pytest.mark.parametrize("output", ["gif", "webp", "avif", "png"])
@pytest.mark.parametrize("source", ["GIF", "WEBP"])
def test_animation(source: str, output: str, open_image: OpenImage) -> None:
    """An animation keeps its frames, their times and its loop where the output can (sorl#659)."""
    image: Any = open_image(thumbnail(animation(source, loop=0), "20x20", output).data)
    assert image.size == (20, 15)
    assert image.n_frames == 3
    for number, color in enumerate(("red", "lime", "blue")):
        image.seek(number)
        image.load()
        assert near(image, (10, 7), color)
        assert image.info["duration"] == (number + 1) * 100
    if output != "avif":
        assert image.info["loop"] == 0


@pytest.mark.parametrize(("source", "output"), [("GIF", "jpeg"), ("WEBP", "jpeg")])
def test_animation_to_still(source: str, output: str, open_image: OpenImage) -> None:
    """Where the output cannot move, the first frame is taken."""
    image = open_image(thumbnail(animation(source), "20x20", output).data)
    assert near(image, (10, 7), "red")


def test_animation_plays_once(open_image: OpenImage) -> None:
    """A GIF that plays once goes on playing once, as a GIF and as WebP."""
    assert "loop" not in open_image(thumbnail(animation("GIF"), "20x20", "gif").data).info
    assert open_image(thumbnail(animation("GIF"), "20x20", "webp").data).info["loop"] == 1


def test_long_animation(open_image: OpenImage) -> None:
    """An animation with more pixels in all than allowed gives its first frame."""
    image: Any = open_image(
        thumbnail(animation("GIF"), "20x20", "gif", max_pixels=3 * 40 * 30 - 1).data
    )
    assert getattr(image, "n_frames", 1) == 1
    assert near(image, (10, 7), "red")


def test_transparent_animation(open_image: OpenImage) -> None:
    """Transparent frames don't show those before them."""
    frames = [Image.new("RGBA", (40, 30), (255, 0, 0, 0)) for _ in range(2)]
    frames[0].paste("red", (0, 0, 20, 30))
    frames[1].paste("blue", (20, 0, 40, 30))
    out = BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], disposal=2, duration=100)
    for output in ("gif", "webp", "png"):
        image: Any = open_image(thumbnail(out.getvalue(), "20x20", output).data)
        image.seek(1)
        second = image.convert("RGBA")
        assert second.getpixel((3, 7))[3] == 0
        assert near(second, (16, 7), "blue")


def huge_png(width: int, height: int) -> bytes:
    """A PNG that claims a size and has no pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


@pytest.mark.parametrize("side", [1001, 10_000, 60_000])
def test_too_many_pixels(side: int) -> None:
    """The pixels of an image bomb are counted before one is decoded (Pillow#515, thumbor#604)."""
    tracemalloc.start()
    with pytest.raises(TooLargeError, match=r"pixels"):
        thumbnail(huge_png(side, side), "20x20", max_pixels=1000 * 1000)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_too_large_thumbnail(image_file: ImageFile) -> None:
    """A thumbnail itself must not have more pixels than allowed."""
    for options in ({"crop": "fit"}, {"bg": "red"}, {"upscale": True}):
        with pytest.raises(TooLargeError, match="THUMBNAIL_MAX_PIXELS = 1000000"):
            thumbnail(image_file(), "9999x9999", max_pixels=1_000_000, **options)


@pytest.mark.parametrize(
    ("output", "longest"), [("jpeg", 65500), ("webp", 16383), ("gif", 65535), ("avif", 32768)]
)
def test_longest_side(output: str, longest: int, open_image: OpenImage) -> None:
    """A thumbnail longer than its format can be is refused with what the format takes; the longest
    can be read.
    """
    image = Image.new("L", (longest, 1))
    made = render_image(image, parse_spec(f"{longest}x", {}, {}), output, max_pixels=10**6)
    assert open_image(made.data).size == (longest, 1)
    spec = parse_spec(f"{longest + 1}x", {}, {"upscale": True})
    with pytest.raises(TooLargeError, match=f"{output}, which takes {longest} pixels"):
        render_image(image, spec, output, max_pixels=10**6)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF", "GIF", "TIFF", "BMP"])
def test_truncated(format: str, image_file: ImageFile) -> None:
    """A truncated file is told to be broken, whatever its format."""
    noise = Image.effect_noise((300, 300), 90).convert("RGB")
    data = image_file(format=format, image=noise)
    for part in (10, len(data) // 2):
        with pytest.raises(BrokenImageError):
            thumbnail(data[:part], "20x20")


@pytest.mark.parametrize(
    "data", [b"", b"no image", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%!PS-Adobe-3.0 EPSF"]
)
def test_not_an_image(data: bytes) -> None:
    """What is no image that we read is told to be none; nothing is run for it."""
    with pytest.raises(BrokenImageError, match="not an image of a known format"):
        thumbnail(data, "20x20")


def test_broken_exif(image_file: ImageFile) -> None:
    """Broken metadata is no reason to refuse a good image."""
    data = image_file(format="WEBP", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert thumbnail(data, "20x20").size == (20, 15)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_read_size(format: str, image_file: ImageFile) -> None:
    """The size of a thumbnail is read from its header."""
    assert read_size(BytesIO(image_file((13, 11), format))) == (13, 11)
