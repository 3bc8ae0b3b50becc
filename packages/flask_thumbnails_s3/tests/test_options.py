from typing import Any

import pytest

from flask_thumbnails_s3 import OptionError
from flask_thumbnails_s3.naming._options import ANCHORS, Spec, parse_aliases, parse_spec


@pytest.mark.parametrize(
    ("size", "width", "height"), [("200x100", 200, 100), ("200x", 200, None), ("x100", None, 100)]
)
def test_sizes(size: str, width: int | None, height: int | None) -> None:
    """A size has a width and a height, or one of them, and reads back as it was written."""
    spec = parse_spec(size, {}, {})
    assert (spec.width, spec.height) == (width, height)
    assert spec.size == size


@pytest.mark.parametrize(
    "size",
    [
        "",
        "x",
        "200",
        "0x100",
        "-1x5",
        "200X100",
        "200x100x3",
        "1000000x1",
        " 2x2",
        200,
        None,
        b"2x",
    ],
)
def test_malformed_size(size: Any) -> None:
    """A malformed size raises an error that names the rule."""
    with pytest.raises(OptionError, match="'200x100', '200x' or 'x100'"):
        parse_spec(size, {}, {})
    with pytest.raises(OptionError, match="list or dict"):
        parse_spec([size], {}, {})  # type: ignore[arg-type]


def test_values_that_are_equal() -> None:
    """True is no quality although it equals 1, whatever was asked for before."""
    assert parse_spec("2x2", {}, {"quality": 1}).quality == 1
    with pytest.raises(OptionError, match="quality True"):
        parse_spec("2x2", {}, {"quality": True})


def test_unknown_option() -> None:
    """An option that is not known raises an error that lists those that are."""
    with pytest.raises(OptionError, match="'colour' is not known: crop, bg, quality, upscale"):
        parse_spec("200x100", {}, {"colour": "red"})


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("crop", "middle", "focal point"),
        ("crop", "30%", "focal point"),
        ("crop", "101%,0%", "focal point"),
        ("crop", 1, "focal point"),
        ("bg", "whitish", "name such as 'white'"),
        ("bg", "#12", "hexadecimal"),
        ("bg", (1, 2), "tuple of red, green and blue"),
        ("bg", (1, 2, 256), "tuple of red, green and blue"),
        ("bg", [1, 2, 3], "list or dict"),
        ("quality", 0, "1 to 100"),
        ("quality", "85", "1 to 100"),
        ("quality", True, "1 to 100"),
        ("upscale", 1, "True or False"),
        ("format", "jpg", "'jpeg', 'png', 'webp', 'avif'"),
        ("format", "gif", "'jpeg', 'png', 'webp', 'avif'"),
    ],
)
def test_bad_value(name: str, value: Any, rule: str) -> None:
    """A value that breaks its option's rule raises an error that names option and rule."""
    with pytest.raises(OptionError, match=rule) as raised:
        parse_spec("200x100", {}, {name: value})
    assert name in str(raised.value) or "option" in str(raised.value)


@pytest.mark.parametrize("size", ["200x", "x200"])
def test_crop_needs_both_sides(size: str) -> None:
    """A crop of a size with one side only raises, for it has no shape."""
    with pytest.raises(OptionError, match="needs width and height"):
        parse_spec(size, {}, {"crop": "fit"})


@pytest.mark.parametrize(
    ("value", "kept"),
    [("White", "white"), ("#FFF", "#fff"), ("#A0b1C2", "#a0b1c2"), ((1, 2, 255), "#0102ff")],
)
def test_background(value: Any, kept: str) -> None:
    """A background is a color's name, hexadecimal digits, or a tuple."""
    assert parse_spec("2x2", {}, {"bg": value}).bg == kept


@pytest.mark.parametrize(
    ("crop", "focus"),
    [("fit", (0.5, 0.5)), ("top", (0.5, 0)), ("bottom-left", (0, 1)), ("30%, 40.5%", (0.3, 0.405))],
)
def test_focus(crop: str, focus: tuple[float, float]) -> None:
    """An anchor and a focal point both say where the middle of what is kept should be."""
    assert parse_spec("2x2", {}, {"crop": crop}).focus == pytest.approx(focus)


def test_every_anchor() -> None:
    """Every anchor is a crop."""
    for anchor in ANCHORS:
        assert parse_spec("2x2", {}, {"crop": anchor}).crop == anchor


def test_exact_size() -> None:
    """The size is known without the image if it is cropped or padded to width and height."""
    assert Spec(20, 10, crop="fit").exact_size == (20, 10)
    assert Spec(20, 10, bg="red").exact_size == (20, 10)
    assert Spec(20, None, bg="red").exact_size is None
    assert Spec(20, 10).exact_size is None


def test_aliases() -> None:
    """An alias stands for a size and options; options in the call go over its own."""
    aliases = parse_aliases({"avatar": {"size": "64x64", "crop": "fit", "quality": 70}})
    assert parse_spec("avatar", aliases, {}) == Spec(64, 64, crop="fit", quality=70)
    assert parse_spec("avatar", aliases, {"quality": 90}).quality == 90


@pytest.mark.parametrize(
    ("aliases", "rule"),
    [
        ("avatar", "must be a dict"),
        ({"64x64": {"size": "64x64"}}, "not a size"),
        ({"avatar": "64x64"}, "a dict with a 'size'"),
        ({"avatar": {"crop": "fit"}}, "a dict with a 'size'"),
        ({"avatar": {"size": "64x64", "crop": "no"}}, "focal point"),
    ],
)
def test_bad_aliases(aliases: object, rule: str) -> None:
    """An alias that says no right size raises an error with the rule."""
    with pytest.raises(OptionError, match=rule):
        parse_aliases(aliases)


def test_scaled() -> None:
    """A spec grows with the density of a screen, up to the largest size there is."""
    assert Spec(200, 101, crop="fit").scaled(1.5) == Spec(300, 152, crop="fit")
    assert Spec(None, 10).scaled(2).size == "x20"
    with pytest.raises(OptionError, match="99999"):
        Spec(90000, None).scaled(2)
