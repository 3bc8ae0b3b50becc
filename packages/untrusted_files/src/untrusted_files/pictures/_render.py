"""Rendering of a frame: part, scale, turn, colors, background."""

from dataclasses import dataclass
from typing import Self

from ._color import drop_opaque, flatten, new_canvas, to_plain_mode, to_srgb
from ._geometry import Color, FloatBox, Layout, turn_back
from ._pillow import Image, ImageColor
from ._structure import Size, Structure

# How many times larger than the result a picture may be for the good, slow filter; a larger one is
# first reduced by whole numbers. 2 is Pillow's own choice for thumbnails.
_GAP = 2.0

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Work:
    """The steps of rendering that all frames share.

    :param box: the part of it that is used, as fractions of its width and height, before it is
        turned upright.
    :param size: that the part is scaled to, before it is turned.
    :param canvas: the size of the result.
    :param background: a color laid behind it; ``None`` leaves it transparent.
    """

    box: FloatBox
    size: Size
    canvas: Size
    orientation: int
    background: tuple[int, ...] | None

    @classmethod
    def of(
        cls, structure: Structure, layout: Layout, background: Color | None, format: str
    ) -> Self:
        """Decide the steps. Transparency becomes white in JPEG, which cannot hold it."""
        width, height = structure.upright
        turned = structure.orientation >= 5
        lying = (height, width) if turned else (width, height)
        left, top, right, bottom = turn_back(layout.box, lying, structure.orientation)
        box = left / lying[0], top / lying[1], right / lying[0], bottom / lying[1]
        size = (layout.size[1], layout.size[0]) if turned else layout.size
        color = background or ("white" if format == "jpeg" else None)
        parts = ImageColor.getrgb(color) if isinstance(color, str) else color
        return cls(box, size, layout.canvas, structure.orientation, parts)


def make(
    image: Image.Image, structure: Structure, work: Work, profile: bytes | None
) -> Image.Image:
    """Render one frame, of mode L, LA, RGB or RGBA."""
    width, height = image.size
    image = to_plain_mode(image, structure)
    left, top, right, bottom = work.box
    box = left * width, top * height, right * width, bottom * height
    if work.size != image.size or box != (0, 0, width, height):
        image = image.resize(work.size, Image.Resampling.LANCZOS, box=box, reducing_gap=_GAP)
    image = to_srgb(image, profile)
    if work.orientation in _TURNS:
        image = image.transpose(_TURNS[work.orientation])
    if work.background:
        image = flatten(image, work.background)
    if work.canvas != image.size and work.background:
        canvas = new_canvas(image.mode, work.canvas, work.background)
        place = (work.canvas[0] - image.width) // 2, (work.canvas[1] - image.height) // 2
        canvas.paste(image.convert(canvas.mode), place)
        image = canvas
    return drop_opaque(image)
