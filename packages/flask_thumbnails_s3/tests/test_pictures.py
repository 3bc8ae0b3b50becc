"""What untrusted_files.pictures is asked, and what of its refusals is said here."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from image_files import HEIC, ImageFile, OpenImage
from PIL import Image, ImageCms, PngImagePlugin
from thumbnail_place import Place

from flask_thumbnails_s3 import BrokenImageError, Thumbnail, ThumbnailUrl, TooLargeError
from flask_thumbnails_s3.naming._options import parse_spec
from flask_thumbnails_s3.pictures._pictures import (
    Original,
    Reading,
    read_size,
    resize_of,
    unknown_formats,
)
from untrusted_files.pictures import DEFAULT_QUALITY, Resize

READING = Reading(max_pixels=50_000_000, max_decoded_pixels=24_000_000)


def show(app: Flask, image: str, size: str = "20x20", **options: Any) -> ThumbnailUrl:
    with app.test_request_context():
        url: ThumbnailUrl = app.jinja_env.filters["thumbnail"](image, size, **options)
    return url


@pytest.mark.parametrize(
    ("size", "options", "resize"),
    [
        ("20x10", {}, Resize(width=20, height=10)),
        ("20x", {"upscale": True}, Resize(width=20, upscale=True)),
        ("20x10", {"crop": "fit"}, Resize(width=20, height=10, crop=True)),
        ("20x10", {"crop": "top"}, Resize(width=20, height=10, crop=True, focus=(0.5, 0))),
        ("20x10", {"crop": "30%,40%"}, Resize(width=20, height=10, crop=True, focus=(0.3, 0.4))),
        ("20x10", {"bg": (255, 0, 1)}, Resize(width=20, height=10, background="#ff0001")),
    ],
)
def test_resize(size: str, options: dict[str, Any], resize: Resize) -> None:
    """A size and its options are what a picture is asked for."""
    assert resize_of(parse_spec(size, {}, options)) == resize


@pytest.mark.parametrize(
    ("format", "pixels", "decoded", "message"),
    [
        ("JPEG", 4799, 10**6, "4,800 pixels are more than THUMBNAIL_MAX_PIXELS = 4799 allows"),
        ("PNG", 4799, 10**6, "4,800 pixels are more than THUMBNAIL_MAX_PIXELS = 4799 allows"),
        (
            "PNG",
            10**6,
            4799,
            "4,800 pixels are more than THUMBNAIL_MAX_DECODED_PIXELS = 4799 allows",
        ),
        (
            "JPEG2000",
            10**6,
            9599,
            (
                "4,800 pixels are more than THUMBNAIL_MAX_DECODED_PIXELS = 9599 allows, which is "
                "4,799 in this format"
            ),
        ),
    ],
)
def test_too_many_pixels(
    format: str, pixels: int, decoded: int, message: str, image_file: ImageFile
) -> None:
    """An image with one pixel too many is refused by the name of the setting that counts; with as
    many as are allowed it is not.
    """
    data = image_file((80, 60), format)
    spec = parse_spec("20x20", {}, {})
    with pytest.raises(TooLargeError) as refused:
        Original(data, Reading(max_pixels=pixels, max_decoded_pixels=decoded)).render(spec, "png")
    assert str(refused.value) == message
    enough = Reading(max_pixels=pixels + 1, max_decoded_pixels=decoded + 1)
    assert Original(data, enough).render(spec, "png").size == (20, 15)


def test_jpeg_is_decoded_smaller(image_file: ImageFile) -> None:
    """A JPEG may have more pixels than are decoded at once."""
    reading = Reading(max_pixels=4800, max_decoded_pixels=1200)
    made = Original(image_file(), reading).render(parse_spec("20x20", {}, {}), "jpeg")
    assert made.size == (20, 15)


@pytest.mark.parametrize("options", [{"crop": "fit"}, {"bg": "red"}, {"upscale": True}])
def test_too_large_thumbnail(options: dict[str, Any], image_file: ImageFile) -> None:
    """A thumbnail itself must not have more pixels than are allowed."""
    original = Original(image_file(), READING)
    with pytest.raises(TooLargeError, match=r"than THUMBNAIL_MAX_DECODED_PIXELS = 24000000 allows"):
        original.render(parse_spec("9999x9999", {}, options), "png")


def test_longest_side(image_file: ImageFile) -> None:
    """A thumbnail longer than its format can be is refused with what the format takes."""
    original = Original(image_file((16384, 1), "PNG"), READING)
    with pytest.raises(TooLargeError, match=r"webp, which takes 16383 pixels a side"):
        original.render(parse_spec("16384x", {}, {}), "webp")


def test_long_header(image_file: ImageFile) -> None:
    """A header that takes too much to read is refused with what the limit is."""
    head = image_file((8, 6), "PNG")[:33]
    chunk = struct.pack(">I", 0) + b"abCd" + struct.pack(">I", zlib.crc32(b"abCd"))
    with pytest.raises(TooLargeError, match="max_header_bytes"):
        Original(head + 200_000 * chunk, READING)


@pytest.mark.parametrize("data", [b"no image", b"%!PS-Adobe-3.0 EPSF", b"<svg/>", b"\x89PNG"])
def test_no_image(data: bytes) -> None:
    """What is no image is refused with the reason, which names nothing of Pillow's."""
    with pytest.raises(BrokenImageError) as refused:
        Original(data, READING)
    assert str(refused.value)
    assert "PIL" not in str(refused.value)


def test_read_size(image_file: ImageFile) -> None:
    """The size of a thumbnail is read from its header; of half a header there is none."""
    data = image_file((13, 11), "PNG")
    assert read_size(data) == (13, 11)
    assert read_size(data[:20]) is None
    assert read_size(b"") is None


def test_unknown_formats() -> None:
    """Formats that are read here or that Pillow has are known, in capitals or not."""
    assert unknown_formats(["JPEG", "HEIF"]) == []
    assert unknown_formats(["ico", "TGA", "BEAUTIFUL"]) == ["BEAUTIFUL"]


def test_extra_formats(place: Place, image_file: ImageFile) -> None:
    """A further format of Pillow's is read where a setting names it, and only there."""
    place.save("a.ico", image_file((32, 32), "ICO"))
    assert show(place.app(), "a.ico").stands_in
    app = place.app(THUMBNAIL_EXTRA_FORMATS=["ICO"])
    assert show(app, "a.ico") == place.url("a_20x20_80_ico.webp")


def test_heic(place: Place, open_image: OpenImage) -> None:
    """A HEIC becomes WebP where a plugin for it is installed."""
    place.save("IMG_0001.HEIC", HEIC)
    assert show(place.app(), "IMG_0001.HEIC") == place.url("IMG_0001_20x20_80_HEIC.webp")
    assert open_image(place.read("IMG_0001_20x20_80_HEIC.webp")).size == (20, 10)


def test_quality(image_file: ImageFile) -> None:
    """Without a quality each format has its own, which is the one in the thumbnail's name."""
    original = Original(image_file(image=Image.effect_noise((80, 60), 90)), READING)
    for format, quality in DEFAULT_QUALITY.items():
        made = original.render(parse_spec("40x40", {}, {}), format)
        same = original.render(parse_spec("40x40", {}, {"quality": quality}), format)
        other = original.render(parse_spec("40x40", {}, {"quality": quality - 9}), format)
        assert made.data == same.data
        assert made.data != other.data


def test_largest_first(disk: Place, image_file: ImageFile) -> None:
    """Of several thumbnails the largest is rendered first: then the image is decoded once."""
    data = image_file(image=Image.effect_noise((1600, 1200), 90))
    specs = [parse_spec(size, {}, {}) for size in ("800x600", "20x20")]
    both = Original(data, READING)
    large, small = (both.render(spec, "jpeg").data for spec in specs)
    assert Original(data, READING).render(specs[1], "jpeg").data != small
    disk.save("a.jpg", data)
    extension = Thumbnail()
    with disk.app(thumbnail=extension).app_context():
        extension.generate("a.jpg", ["20x20", "800x600"])
    assert disk.read("a_20x20_85.jpg") == small
    assert disk.read("a_800x600_85.jpg") == large


@pytest.mark.parametrize("output", ["png", "webp", "avif"])
@pytest.mark.parametrize("source", ["PNG", "AVIF", "GIF", "WEBP"])
def test_animation(source: str, output: str, disk: Place) -> None:
    """An animation keeps its frames in every format that can have some."""
    frames = [Image.new("RGB", (40, 30), color) for color in ("red", "lime", "blue")]
    file = BytesIO()
    frames[0].save(file, source, save_all=True, append_images=frames[1:], duration=100)
    disk.save(f"a.{source.lower()}", file.getvalue())
    url = show(disk.app(), f"a.{source.lower()}", format=output)
    image: Any = Image.open(BytesIO(disk.read(url.rpartition("/")[2])))
    assert image.n_frames == 3


def test_many_frames(disk: Place, open_image: OpenImage) -> None:
    """A small GIF of many frames becomes a still: what is made of it has limits, too."""
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6)
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    disk.save("a.gif", head + 2000 * frame + b"\x3b")
    assert show(disk.app(), "a.gif", "200x200", crop="fit") == disk.url("a_200x200_fit_85.gif")
    image: Any = open_image(disk.read("a_200x200_fit_85.gif"))
    assert image.n_frames == 1


def test_broken_png(place: Place, image_file: ImageFile, caplog: pytest.LogCaptureFixture) -> None:
    """A PNG with one wrong byte in its pixels becomes no thumbnail that stays for good."""
    data = bytearray(image_file(format="PNG", image=Image.effect_noise((200, 200), 90)))
    data[len(data) // 2] ^= 0xFF
    place.save("a.png", bytes(data))
    assert show(place.app(), "a.png").stands_in
    assert place.names() == []
    assert "no thumbnail of 'a.png'" in caplog.text


def test_much_text(place: Place, image_file: ImageFile) -> None:
    """A PNG with megabytes of text, which browsers ignore, is shown."""
    text = PngImagePlugin.PngInfo()
    text.add_text("comment", "a" * 2_000_000, zip=True)
    place.save("a.png", image_file(format="PNG", pnginfo=text))
    assert show(place.app(), "a.png") == place.url("a_20x20_85.png")


def test_profile(disk: Place, image_file: ImageFile) -> None:
    """A thumbnail has no ICC profile, however large the image's is: its colors are sRGB."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    disk.save("a.jpg", image_file(icc_profile=profile))
    show(disk.app(), "a.jpg")
    assert "icc_profile" not in Image.open(BytesIO(disk.read("a_20x20_85.jpg"))).info


@pytest.mark.parametrize("error", ["broken", "missing", "too large"])
def test_one_line(
    error: str, place: Place, image_file: ImageFile, caplog: pytest.LogCaptureFixture
) -> None:
    """An image that cannot be shown has one line in the log, which names it, however many of its
    sizes and formats a page asks for.
    """
    if error != "missing":
        data = b"no image" if error == "broken" else image_file((200, 200), "PNG")
        place.save("d/a.png", data)
    app = place.app(THUMBNAIL_MAX_DECODED_PIXELS=200 * 200 - 1)
    with app.test_request_context():
        app.jinja_env.filters["thumbnail_picture"]("d/a.png", "40x30")
        app.jinja_env.filters["thumbnail_srcset"]("d/a.png", "20x20", densities=(1, 2, 3))
        app.jinja_env.filters["thumbnail"]("d/a.png", "10x10")
    (record,) = caplog.records
    assert record.message.startswith("no thumbnail of 'd/a.png' on ")


def test_two_failures_of_one_image(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """An image that fails in another way than before has another line."""
    app = place.app()
    show(app, "a.jpg")
    place.save("a.jpg", b"no image")
    show(app, "a.jpg", "30x30")
    assert [record.message.partition(": ")[2][:8] for record in caplog.records] == [
        "there is",
        "not a pi",
    ]


def test_lines_name_their_image(disk: Place, caplog: pytest.LogCaptureFixture) -> None:
    """While a storage is down, each line names its own image and no other."""
    app = disk.app(
        thumbnail=Thumbnail(),
        THUMBNAIL_S3_STORAGE_TYPE="s3",
        THUMBNAIL_S3_BUCKET_NAME="bucket",
        THUMBNAIL_S3_ENDPOINT_URL="http://127.0.0.1:1",
        THUMBNAIL_S3_REGION="us-east-1",
    )
    images = ["one.jpg", "two.jpg", "three.jpg"]
    for image in images:
        show(app, image)
        show(app, image, "30x30")
    lines = [record.message for record in caplog.records if "no thumbnail of" in record.message]
    stems = [image.removesuffix(".jpg") for image in images]
    assert [[stem for stem in stems if stem in line] for line in lines] == [[one] for one in stems]
