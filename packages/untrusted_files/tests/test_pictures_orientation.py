"""Which way up pictures are shown: as Chromium 150 shows them, where it was tried by hand with the
same files.
"""

import struct
import zlib
from io import BytesIO

import pytest
from picture_samples import (
    XMP,
    chunk,
    exif,
    saved,
    segment,
    two_colors,
    with_chunks,
    with_property,
    with_segments,
)
from PIL import Image, ImageChops, ImageOps, ImageStat

from untrusted_files.pictures import BrokenPictureError, PictureInfo, Resize, read_info, render

LYING, TURNED = (80, 60), (60, 80)
EXIF = b"Exif\0\0"


def size(data: bytes) -> tuple[int, int]:
    """Return width and height, as they are read and as they are rendered."""
    info = read_info(BytesIO(data))
    made = render(BytesIO(data), Resize(), "png")
    assert (made.width, made.height) == (info.width, info.height)
    return info.width, info.height


def jpeg(*segments: bytes) -> bytes:
    return with_segments(
        saved(two_colors(), "JPEG").getvalue(), *(segment(0xE1, s) for s in segments)
    )


def png(*chunks: bytes, after: tuple[bytes, ...] = ()) -> bytes:
    return with_chunks(saved(two_colors(), "PNG").getvalue(), *chunks, after=after)


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        ((EXIF + exif(),), TURNED),
        ((EXIF + exif(order=">"),), TURNED),
        ((EXIF + exif(count=2),), LYING),
        ((EXIF + exif(kind=4),), LYING),
        ((EXIF + exif(kind=1),), LYING),
        ((EXIF + exif(9),), LYING),
        ((EXIF + exif(0),), LYING),
        ((EXIF + exif(magic=b"XX*\0"),), LYING),
        ((EXIF + exif(), EXIF + exif(1)), TURNED),
        ((EXIF + exif(1), EXIF + exif()), LYING),
        ((EXIF + b"broken", EXIF + exif()), LYING),
        ((b"http://ns.adobe.com/xap/1.0/\0" + XMP,), LYING),
    ],
)
def test_a_jpeg_is_turned_by_its_first_exif(
    segments: tuple[bytes, ...], expected: tuple[int, int]
) -> None:
    """A JPEG is turned by its first EXIF, if that holds one number of 16 bits; not by XMP."""
    assert size(jpeg(*segments)) == expected


_HEX = (EXIF + exif()).hex().encode()
_RAW = b"\nexif\n%8d\n%b\n" % (len(_HEX) // 2, _HEX)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (png(chunk(b"eXIf", exif())), TURNED),
        (png(after=(chunk(b"eXIf", exif()),)), LYING),
        (png(chunk(b"eXIf", EXIF + exif())), LYING),
        (png(chunk(b"eXIf", exif(), crc=1)), LYING),
        (png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)), LYING),
        (png(chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(_RAW))), LYING),
        (png(chunk(b"tEXt", b"Raw profile type exif\0" + _RAW)), LYING),
    ],
    ids=["eXIf", "eXIf behind", "with prefix", "wrong CRC", "XMP", "ImageMagick", "uncompressed"],
)
def test_a_png_is_turned_by_exif_before_the_pixels(data: bytes, expected: tuple[int, int]) -> None:
    """A PNG is turned by its eXIf before the pixels; not by XMP, and not by ImageMagick's text."""
    assert size(data) == expected


def test_a_webp_is_not_turned() -> None:
    """A WebP is not turned, neither by EXIF nor by XMP."""
    for options in ({"exif": exif()}, {"exif": EXIF + exif()}, {"xmp": XMP}):
        data = saved(two_colors(), "WEBP", **options).getvalue()
        assert exif() in data or XMP in data
        assert size(data) == LYING


def test_an_avif_is_turned_by_irot_and_imir() -> None:
    """An AVIF is turned by irot and imir; not by XMP, and by EXIF neither."""
    turned = saved(two_colors(), "AVIF", exif=exif()).getvalue()
    assert b"irot" in turned
    assert size(turned) == TURNED
    assert size(saved(two_colors(), "AVIF", xmp=XMP).getvalue()) == LYING
    block = Image.Exif()
    block[0x013B] = "somebody"
    only_exif = saved(two_colors(), "AVIF", exif=block).getvalue()
    start = only_exif.index(block.tobytes()[6:])
    artist = only_exif.index(b"\x01\x3b", start)
    assert (
        size(only_exif[:artist] + b"\x01\x12\0\3\0\0\0\1\0\6\0\0" + only_exif[artist + 12 :])
        == LYING
    )


def test_a_tiff_is_turned_by_its_tag_once() -> None:
    """A TIFF, which browsers do not show, is turned by its tag, and only once."""
    assert size(saved(two_colors(), "TIFF", tiffinfo={274: 6}).getvalue()) == TURNED
    assert size(saved(two_colors(), "TIFF", tiffinfo={274: 3}).getvalue()) == LYING


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("source", ["JPEG", "PNG", "AVIF", "TIFF"])
@pytest.mark.parametrize(
    "resize",
    [
        Resize(width=24, height=20),
        Resize(width=24, height=20, crop=True, focus=(0.2, 0.7)),
        Resize(width=24, height=20, background="lime"),
    ],
    ids=["fit", "crop", "pad"],
)
@pytest.mark.parametrize("size", [(40, 30), (800, 600)])
def test_all_orientations_apply_to_reduced_and_cropped_pictures(
    orientation: int, source: str, resize: Resize, size: tuple[int, int]
) -> None:
    """All eight orientations are applied, also to what a decoder has made smaller; crops and
    margins are those of the picture as it is seen.
    """
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    image.paste("red", (0, 0, size[0] // 3, size[1] // 3))
    block = Image.Exif()
    block[274] = orientation
    options = {"tiffinfo": {274: orientation}} if source == "TIFF" else {"exif": block}
    file = saved(image, source, **options)
    plain = image.copy()
    plain.getexif()[274] = orientation
    upright = saved(ImageOps.exif_transpose(plain), "PNG", exif=Image.Exif())
    made = Image.open(BytesIO(render(file, resize, "png").data)).convert("RGB")
    expected = Image.open(BytesIO(render(upright, resize, "png").data)).convert("RGB")
    assert made.size == expected.size
    assert max(ImageStat.Stat(ImageChops.difference(made, expected)).mean) < 6


def clean_aperture(*numbers: int) -> bytes:
    data = saved(two_colors(), "AVIF").getvalue()
    return with_property(data, b"clap", struct.pack(">8i", *numbers))


def test_an_avif_is_cropped_by_its_clean_aperture() -> None:
    """An AVIF is cropped as its clap says (Pillow shows all of it; Chromium crops where the part
    begins in the upper left corner, and else ignores clap).
    """
    left = clean_aperture(40, 1, 60, 1, -20, 1, 0, 1)
    assert read_info(BytesIO(left)) == PictureInfo("AVIF", 40, 60, 1)
    right = clean_aperture(20, 1, 40, 1, 30, 1, 0, 1)
    assert size(right) == (20, 40)
    for data, color in ((left, (255, 0, 0)), (right, (0, 0, 255))):
        made = Image.open(BytesIO(render(BytesIO(data), Resize(), "png").data)).convert("RGB")
        for x in (3, made.width - 4):
            pixel = made.getpixel((x, 5))
            assert isinstance(pixel, tuple)
            assert all(abs(a - b) < 30 for a, b in zip(pixel, color, strict=True))


@pytest.mark.parametrize(
    "numbers",
    [
        (41, 1, 60, 1, 0, 1, 0, 1),
        (160, 1, 60, 1, 0, 1, 0, 1),
        (40, 1, 60, 1, 40, 1, 0, 1),
        (40, 0, 60, 1, 0, 1, 0, 1),
        (0, 1, 60, 1, 0, 1, 0, 1),
    ],
)
def test_a_clean_aperture_outside_the_picture_is_refused(numbers: tuple[int, ...]) -> None:
    """An AVIF whose clap is no part of it, in whole pixels, is refused."""
    with pytest.raises(BrokenPictureError):
        read_info(BytesIO(clean_aperture(*numbers)))
