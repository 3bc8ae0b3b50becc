"""Sizes and boxes: pure arithmetic on pixels."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from ..exceptions import ArgumentError
from ._pillow import ImageColor
from ._structure import Size

Color = str | tuple[int, int, int]
FloatBox = tuple[float, float, float, float]

_LONGEST = 99_999  # pixels


@dataclass(frozen=True, kw_only=True, slots=True)
class Resize:
    """The size of a rendered picture. It keeps its shape, and is not enlarged by default.

    :param width: of the box that it fits in, in pixels; ``None`` leaves it to the height.
    :param height: likewise; without both, the size stays.
    :param crop: fill the box, which needs both sides: the largest part of the picture that has the
        box's shape, scaled to exactly its size, up or down.
    :param focus: where the middle of that part should be, as near as the edges allow: fractions of
        width and height, from the left and from the top.
    :param upscale: enlarge smaller pictures.
    :param background: a color, laid behind what is transparent; with both sides, the picture is
        padded with it to exactly that size. A name, ``'#'`` and three or six digits, or red,
        green and blue from 0 to 255.
    :raises ArgumentError: one of them breaks its rule.
    """

    width: int | None = None
    height: int | None = None
    crop: bool = False
    focus: tuple[float, float] = (0.5, 0.5)
    upscale: bool = False
    background: Color | None = None

    def __post_init__(self) -> None:
        for name in ("width", "height"):
            side = getattr(self, name)
            if side is not None and (type(side) is not int or not 1 <= side <= _LONGEST):
                raise ArgumentError(name, side, f"1 to {_LONGEST:,} pixels or None")
        for name in ("crop", "upscale"):
            if not isinstance(getattr(self, name), bool):
                raise ArgumentError(name, getattr(self, name), "True or False")
        if self.crop and not (self.width and self.height):
            raise ArgumentError("crop", self.crop, "False where width or height is not given")
        if not _is_focus(self.focus):
            raise ArgumentError("focus", self.focus, "two numbers from 0 to 1")
        if self.background is not None and not _is_color(self.background):
            rule = (
                "a color's name such as 'white', '#' and three or six digits, or red, green "
                "and blue from 0 to 255"
            )
            raise ArgumentError("background", self.background, rule)

    @property
    def exact_size(self) -> Size | None:
        """Width and height of the result, if they do not depend on the picture."""
        if self.width and self.height and (self.crop or self.background):
            return self.width, self.height
        return None

    def size_of(self, width: int, height: int) -> Size:
        """Return width and height, in pixels, of the result for a picture of that size."""
        return lay_out((width, height), self).canvas


def check_resize(value: object) -> None:
    """
    :raises ArgumentError: *value* is not a Resize.
    """
    if not isinstance(value, Resize):
        raise ArgumentError("resize", value, "a Resize, such as Resize(width=200, height=200)")


def _is_focus(value: Any) -> bool:
    return (
        isinstance(value, tuple)
        and len(value) == 2
        and all(
            isinstance(part, int | float) and not isinstance(part, bool) and 0 <= part <= 1
            for part in value
        )
    )


def _is_color(value: Any) -> bool:
    if isinstance(value, str):
        try:
            return len(ImageColor.getrgb(value)) == 3
        except ValueError:
            return False
    return (
        isinstance(value, tuple)
        and len(value) == 3
        and all(type(part) is int and 0 <= part <= 255 for part in value)
    )


class Layout(NamedTuple):
    """How a picture is cut, scaled and padded.

    :param box: the part that is used: left, top, right, bottom.
    :param size: what that part is scaled to.
    :param canvas: width and height of the result; larger than *size* where the background shows.
    """

    box: FloatBox
    size: Size
    canvas: Size


def lay_out(picture: Size, resize: Resize) -> Layout:
    """Decide on a picture's part, scale and margins, from its size as it is seen."""
    width, height = picture
    if resize.crop and resize.width and resize.height:
        size = resize.width, resize.height
        return Layout(_crop(picture, size, resize.focus), size, size)
    factors = [side / of for side, of in ((resize.width, width), (resize.height, height)) if side]
    factor = min(factors if resize.upscale and factors else [*factors, 1.0])
    size = max(1, round(width * factor)), max(1, round(height * factor))
    return Layout((0, 0, width, height), size, resize.exact_size or size)


def _crop(picture: Size, size: Size, focus: tuple[float, float]) -> FloatBox:
    """Return the largest part of a picture that has the shape of *size*."""
    width, height = picture
    factor = min(width / size[0], height / size[1])
    part_width, part_height = min(size[0] * factor, width), min(size[1] * factor, height)
    left = min(max(width * focus[0] - part_width / 2, 0), width - part_width)
    top = min(max(height * focus[1] - part_height / 2, 0), height - part_height)
    return left, top, left + part_width, top + part_height


def turn_back(box: FloatBox, size: Size, orientation: int) -> FloatBox:
    """Return the part of a picture that, once it is turned upright, is *box*.

    :param size: of the picture before it is turned.
    :param orientation: as in EXIF, 1 to 8.
    """
    left, top, right, bottom = box
    if orientation >= 5:  # the upper left and the lower right corner change places
        left, top, right, bottom = top, left, bottom, right
    width, height = size
    if orientation in (2, 3, 7, 8):
        left, right = width - right, width - left
    if orientation in (3, 4, 6, 7):
        top, bottom = height - bottom, height - top
    return left, top, right, bottom


def reduction(layout: Layout, gap: float) -> int:
    """Return the factor by which a picture may be reduced before it is scaled: 1, 2, 4 or 8.

    :param gap: how many times larger than the result it must stay.
    """
    left, top, right, bottom = layout.box
    factor = min((right - left) / layout.size[0], (bottom - top) / layout.size[1]) / gap
    return next(scale for scale in (8, 4, 2, 1) if scale == 1 or factor >= scale)
