import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_thumbnails_s3._geometry import Layout, Size, lay_out
from flask_thumbnails_s3._options import Spec

sides = st.integers(1, 20_000)


@pytest.mark.parametrize(
    ("image", "spec", "size"),
    [
        ((400, 300), Spec(200, 200), (200, 150)),
        ((300, 400), Spec(200, 200), (150, 200)),
        ((400, 300), Spec(200, None), (200, 150)),
        ((400, 300), Spec(None, 30), (40, 30)),
        ((40, 30), Spec(200, 200), (40, 30)),
        ((40, 30), Spec(200, 200, upscale=True), (200, 150)),
        ((40, 30), Spec(200, None, upscale=True), (200, 150)),
        ((10_000, 1), Spec(100, 100), (100, 1)),
    ],
)
def test_fitting_inside(image: Size, spec: Spec, size: Size) -> None:
    """Without a crop all of the image fits inside, enlarged only when asked."""
    assert lay_out(image, spec) == Layout((0, 0, *image), size, size)


@pytest.mark.parametrize(
    ("crop", "box"),
    [
        ("fit", (50, 0, 350, 300)),
        ("left", (0, 0, 300, 300)),
        ("right", (100, 0, 400, 300)),
        ("top", (50, 0, 350, 300)),
        ("45%,0%", (30, 0, 330, 300)),
        ("0%,50%", (0, 0, 300, 300)),
        ("99%,50%", (100, 0, 400, 300)),
    ],
)
def test_cropping(crop: str, box: tuple[int, int, int, int]) -> None:
    """A crop keeps the largest part of the right shape, as near to its focus as can be."""
    assert lay_out((400, 300), Spec(200, 200, crop=crop)).box == pytest.approx(box)


def test_cropping_small_image() -> None:
    """A crop fills its size even if the image is smaller, as the original did."""
    assert lay_out((40, 30), Spec(200, 200, crop="fit")).size == (200, 200)


def test_padding() -> None:
    """A background pads to the exact size; the image itself is not enlarged for it."""
    assert lay_out((400, 300), Spec(200, 200, bg="red"))[1:] == ((200, 150), (200, 200))
    assert lay_out((40, 30), Spec(200, 200, bg="red"))[1:] == ((40, 30), (200, 200))
    assert lay_out((400, 300), Spec(200, None, bg="red"))[1:] == ((200, 150), (200, 150))


@given(sides, sides, sides, sides, st.sampled_from([None, "fit", "top-left", "33%,77%"]))
def test_bounds(width: int, height: int, w: int, h: int, crop: str | None) -> None:
    """Whatever the sizes, the box is inside the image and the result inside the size."""
    layout = lay_out((width, height), Spec(w, h, crop=crop))
    left, top, right, bottom = layout.box
    assert 0 <= left < right <= width + 1e-6
    assert 0 <= top < bottom <= height + 1e-6
    assert 1 <= layout.size[0] <= w
    assert 1 <= layout.size[1] <= h
