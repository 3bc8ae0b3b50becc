"""Sizes, crops and margins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from untrusted_files.pictures import Resize
from untrusted_files.pictures._geometry import Layout, lay_out, reduction, turn_back

sides = st.integers(1, 20_000)
fractions = st.floats(0, 1)


@pytest.mark.parametrize(
    ("picture", "resize", "size"),
    [
        ((400, 300), Resize(width=200, height=200), (200, 150)),
        ((300, 400), Resize(width=200, height=200), (150, 200)),
        ((400, 300), Resize(width=200), (200, 150)),
        ((400, 300), Resize(height=30), (40, 30)),
        ((400, 300), Resize(), (400, 300)),
        ((400, 300), Resize(upscale=True), (400, 300)),
        ((40, 30), Resize(width=200, height=200), (40, 30)),
        ((40, 30), Resize(width=200, height=200, upscale=True), (200, 150)),
        ((40, 30), Resize(width=200, upscale=True), (200, 150)),
        ((10_000, 1), Resize(width=100, height=100), (100, 1)),
    ],
)
def test_a_picture_fits_inside_and_is_enlarged_only_if_asked(
    picture: tuple[int, int], resize: Resize, size: tuple[int, int]
) -> None:
    """Without a crop all of the picture fits inside, enlarged only when asked."""
    assert lay_out(picture, resize) == Layout((0, 0, *picture), size, size)
    assert resize.size_of(*picture) == size


@pytest.mark.parametrize(
    ("focus", "box"),
    [
        ((0.5, 0.5), (50, 0, 350, 300)),
        ((0.0, 0.5), (0, 0, 300, 300)),
        ((1, 0.5), (100, 0, 400, 300)),
        ((0.45, 0), (30, 0, 330, 300)),
        ((0.99, 0.5), (100, 0, 400, 300)),
    ],
)
def test_a_crop_keeps_the_largest_part_near_its_focus(
    focus: tuple[float, float], box: tuple[int, int, int, int]
) -> None:
    """A crop keeps the largest part of the right shape, as near to its focus as can be."""
    resize = Resize(width=200, height=200, crop=True, focus=focus)
    assert lay_out((400, 300), resize).box == pytest.approx(box)


def test_a_crop_fills_its_size_from_a_smaller_picture() -> None:
    """A crop fills its size even if the picture is smaller."""
    assert lay_out((40, 30), Resize(width=200, height=200, crop=True)).size == (200, 200)


def test_a_background_pads_to_the_exact_size() -> None:
    """A background pads to the exact size, and only where both sides are given; the picture itself
    is not enlarged for it.
    """
    both = Resize(width=200, height=200, background="red")
    assert lay_out((400, 300), both)[1:] == ((200, 150), (200, 200))
    assert lay_out((40, 30), both)[1:] == ((40, 30), (200, 200))
    assert lay_out((400, 300), Resize(width=200, background="red"))[1:] == ((200, 150), (200, 150))
    assert both.exact_size == (200, 200)
    assert Resize(width=200, height=200).exact_size is None
    assert Resize(width=200, background="red").exact_size is None


@given(sides, sides, sides, sides, st.none() | st.tuples(fractions, fractions))
def test_the_box_is_inside_the_picture_whatever_the_sizes(
    width: int, height: int, w: int, h: int, focus: tuple[float, float] | None
) -> None:
    """Whatever the sizes, the box is inside the picture and the result inside the size."""
    resize = Resize(width=w, height=h, crop=focus is not None, focus=focus or (0.5, 0.5))
    layout = lay_out((width, height), resize)
    left, top, right, bottom = layout.box
    assert 0 <= left < right <= width + 1e-6
    assert 0 <= top < bottom <= height + 1e-6
    assert 1 <= layout.size[0] <= w
    assert 1 <= layout.size[1] <= h


@given(st.integers(1, 8), sides, sides)
def test_the_whole_picture_turned_back_is_the_whole_picture(
    orientation: int, width: int, height: int
) -> None:
    """The whole picture comes from the whole picture, however it is turned."""
    upright = (height, width) if orientation >= 5 else (width, height)
    assert turn_back((0, 0, *upright), (width, height), orientation) == (0, 0, width, height)


def test_a_corner_turned_back_lies_where_exif_says() -> None:
    """The upper left corner of an upright picture comes from where EXIF says that it lies."""
    corners = {
        1: (0, 0, 2, 1), 2: (38, 0, 40, 1), 3: (38, 29, 40, 30), 4: (0, 29, 2, 30),
        5: (0, 0, 1, 2), 6: (0, 28, 1, 30), 7: (39, 28, 40, 30), 8: (39, 0, 40, 2),
    }  # fmt: skip
    for orientation, box in corners.items():
        assert turn_back((0, 0, 2, 1), (40, 30), orientation) == box


@pytest.mark.parametrize(
    ("size", "expected"), [((200, 150), 8), ((249, 187), 8), ((251, 188), 4), ((2000, 1500), 1)]
)
def test_a_reduced_picture_stays_twice_as_large_as_the_result(
    size: tuple[int, int], expected: int
) -> None:
    """A picture is reduced by whole steps, and stays twice as large as what is made of it."""
    assert reduction(Layout((0, 0, 4000, 3000), size, size), 2.0) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 0}, "width must be 1 to 99,999 pixels or None, got 0"),
        ({"height": 100_000}, "height must be 1 to 99,999 pixels or None, got 100000"),
        ({"width": 20.0}, "width must be 1 to 99,999 pixels or None, got 20.0"),
        (
            {"width": 20, "crop": True},
            "crop must be False where width or height is not given, got True",
        ),
        ({"crop": 1}, "crop must be True or False, got 1"),
        ({"upscale": None}, "upscale must be True or False, got None"),
        ({"focus": (2, 0)}, r"focus must be two numbers from 0 to 1, got \(2, 0\)"),
        ({"focus": "left"}, "focus must be two numbers from 0 to 1, got 'left'"),
        ({"background": "nocolor"}, "background must be a color's name.*got 'nocolor'"),
        ({"background": "#11223344"}, "background must be a color's name.*got '#11223344'"),
        ({"background": (1, 2)}, r"background must be a color's name.*got \(1, 2\)"),
        ({"background": (1, 2, 256)}, "background must be a color's name.*256"),
    ],
)
def test_a_wrong_value_of_resize_is_refused_by_its_name(
    options: dict[str, object], message: str
) -> None:
    """A wrong value is refused by its name, with the rule and the value."""
    with pytest.raises(ValueError, match=message):
        Resize(**options)  # type: ignore[arg-type]
