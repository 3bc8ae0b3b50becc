from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_thumbnails_s3.naming._names import (
    is_named_by_id,
    is_svg,
    output_format,
    parse_thumbnail_name,
    stem_of,
    thumbnail_name,
)
from flask_thumbnails_s3.naming._options import ANCHORS, Spec, parse_spec

sides = st.one_of(st.none(), st.integers(1, 99999))
percents = st.integers(0, 10000).map(lambda value: f"{value / 100:g}%")
crops = st.one_of(st.sampled_from(sorted(ANCHORS)), st.tuples(percents, percents).map(",".join))
colors = st.one_of(st.sampled_from(["white", "red"]), st.tuples(*[st.integers(0, 255)] * 3))
extensions = st.sampled_from([".jpg", ".JPEG", ".png", ".gif", ".webp", ".avif", ".tif", ".x5", ""])
stems = st.one_of(
    st.sampled_from(["a", "a/b", "a_200x200_85", "a_200x200_fit_85.jpg", "x_1x", ".a", "a.", "_"]),
    st.text(min_size=1, max_size=8),
)


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    width, height = draw(sides.filter(bool)), draw(sides)
    options = {
        "crop": draw(st.none() | crops) if width and height else None,
        "bg": draw(st.none() | colors),
        "quality": draw(st.none() | st.integers(1, 100)),
        "upscale": draw(st.booleans()),
        "format": draw(st.sampled_from([None, "jpeg", "png", "webp", "avif"])),
    }
    return parse_spec(f"{width or ''}x{height or ''}", {}, options)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({}, "a/name_200x200_85.jpg"),
        ({"crop": "fit"}, "a/name_200x200_fit_85.jpg"),
        ({"crop": "fit", "bg": "white", "quality": 90}, "a/name_200x200_fit_white_90.jpg"),
    ],
)
def test_original_names(options: dict[str, Any], name: str) -> None:
    """The original's options give the original's names."""
    assert thumbnail_name("a/name.jpg", parse_spec("200x200", {}, options)) == name


def test_every_option_is_in_the_name() -> None:
    """Each option that changes the bytes changes the name."""
    options: list[dict[str, Any]] = [
        {},
        {"crop": "fit"},
        {"crop": "top"},
        {"crop": "30%,40%"},
        {"bg": "white"},
        {"bg": "#fff"},
        {"upscale": True},
        {"quality": 84},
        {"format": "png"},
        {"format": "webp"},
        {"format": "avif"},
    ]
    sizes = ["20x10", "20x", "x10"]
    names = {thumbnail_name("a.jpg", parse_spec("20x10", {}, chosen)) for chosen in options}
    names |= {thumbnail_name("a.jpg", parse_spec(size, {}, {})) for size in sizes}
    assert len(names) == len(options) + len(sizes) - 1


@pytest.mark.parametrize(
    ("image", "format", "name"),
    [
        ("a.jpg", None, "a_2x_85.jpg"),
        ("a.JPEG", "jpeg", "a_2x_85.JPEG"),
        ("a.jpg", "webp", "a_2x_80_jpg.webp"),
        ("a.png", "webp", "a_2x_80_png.webp"),
        ("a.png", "jpeg", "a_2x_85_png.jpg"),
        ("a.gif", None, "a_2x_85.gif"),
        ("a.tiff", None, "a_2x_80_tiff.webp"),
        ("a", None, "a_2x_80_.webp"),
        ("a.b/c", "avif", "a.b/c_2x_70_.avif"),
    ],
)
def test_extension(image: str, format: str | None, name: str) -> None:
    """The extension is that of the real format (flask-thumbnails 1.1.1: WEBP bytes under .jpg)."""
    spec = parse_spec("2x", {}, {"format": format})
    assert thumbnail_name(image, spec) == name


@pytest.mark.parametrize(
    ("image", "options", "name"),
    [
        ("a.jpg", {}, "a_2x2_85.jpg"),
        ("a.jpg", {"quality": 85}, "a_2x2_85.jpg"),
        ("a.png", {}, "a_2x2_85.png"),
        ("a.gif", {}, "a_2x2_85.gif"),
        ("a.webp", {}, "a_2x2_80.webp"),
        ("a.avif", {}, "a_2x2_70.avif"),
        ("a.webp", {"quality": 85}, "a_2x2_85.webp"),
        ("a.heic", {}, "a_2x2_80_heic.webp"),
        ("a.webp", {"format": "jpeg"}, "a_2x2_85_webp.jpg"),
    ],
)
def test_quality_in_names(image: str, options: dict[str, Any], name: str) -> None:
    """A name has the quality that the file is made with, that of its format by default."""
    assert thumbnail_name(image, parse_spec("2x2", {}, options)) == name


@pytest.mark.parametrize(
    ("image", "svg"),
    [("a.svg", True), ("d/a.SVG", True), ("a.svg.jpg", False), ("svg", False), ("a.svgz", False)],
)
def test_svg(image: str, svg: bool) -> None:
    """An image is SVG if its name says so."""
    assert is_svg(image) == svg


def test_images_that_differ_by_extension() -> None:
    """Images that differ by their extension only don't share a thumbnail in a third format."""
    images = ["a", "a.jpg", "a.jpeg", "a.png", "a.webp", "a.jpg.webp"]
    assert len({thumbnail_name(image, Spec(2, 2, format="webp")) for image in images}) == 6


@given(stems, extensions, specs())
def test_there_and_back(stem: str, extension: str, spec: Spec) -> None:
    """Image and options can be read from any thumbnail's name, and from it alone."""
    image = stem + extension
    name = thumbnail_name(image, spec)
    parsed = parse_thumbnail_name(name)
    assert parsed
    assert parsed[0] == image
    assert thumbnail_name(image, parsed[1]) == name
    assert output_format(image, parsed[1]) == output_format(image, spec)
    assert name.startswith(stem_of(image))


@pytest.mark.parametrize(
    "name",
    [
        "thing.jpg",
        "thing_200x200.jpg",
        "thing_x_85.jpg",
        "thing_0200x_85.jpg",
        "thing_200x200_85.txt",
        "thing_200x200_85_jpg.jpg",
        "thing_200x_fit_85.jpg",
        "thing_200x200_85_jpg.gif",
        "thing_200x200_101.jpg",
        "_200x200_85_.webp",
        "thing_200x200_#ffff_85.jpg",
        "thing_200x200_85.jpg\n",
    ],
)
def test_not_a_thumbnail(name: str) -> None:
    """A name that we would not give is not taken for a thumbnail's."""
    assert parse_thumbnail_name(name) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("things/0123456789abcdef.jpg", True),
        ("0123456789abcdef", True),
        ("d/cat-0123456789abcdef.jpg", False),
        ("d/0123456789abcdef-cat.jpg", False),
        ("0123456789abcdef/cat.jpg", False),
        ("users/1234567890123456.jpg", False),
        ("users/1234567890123456789.jpg", False),
        ("users/4f2e9f6cbe0f4f3c9c1d2b3a4f5e6d7c.jpg", False),
        ("photos/20240101120000123456.jpg", False),
        ("0123456789abcde.jpg", False),
        ("IMG_20230512_123456.jpg", False),
        ("deadbeefdeadbeefs.jpg", False),
    ],
)
def test_ids(name: str, expected: bool) -> None:
    """An id is the whole name, of 16 hexadecimal digits with a letter; a UUID, a date or somebody's
    number is none, as such names stay when the picture changes.
    """
    assert is_named_by_id(name) is expected
