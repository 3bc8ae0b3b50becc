"""Sizes and boxes: pure arithmetic on pixels."""

from typing import NamedTuple

from ._options import Spec

Size = tuple[int, int]
Box = tuple[float, float, float, float]


class Layout(NamedTuple):
    """How an image becomes its thumbnail.

    :param box: the part of the image that is used: left, top, right, bottom.
    :param size: what that part is scaled to.
    :param canvas: the thumbnail's size; larger than *size* where the background shows.
    """

    box: Box
    size: Size
    canvas: Size


def lay_out(image: Size, spec: Spec) -> Layout:
    """Decide on an image's part, scale and margins, from its size as it is seen."""
    width, height = image
    if spec.crop and spec.width and spec.height:
        box = _crop(image, (spec.width, spec.height), spec.focus)
        return Layout(box, (spec.width, spec.height), (spec.width, spec.height))
    factors = [side / of for side, of in ((spec.width, width), (spec.height, height)) if side]
    factor = min(factors if spec.upscale else [*factors, 1.0])
    size = max(1, round(width * factor)), max(1, round(height * factor))
    return Layout((0, 0, width, height), size, spec.exact_size or size)


def _crop(image: Size, size: Size, focus: tuple[float, float]) -> Box:
    """Give the largest part of an image that has the shape of *size*, with its middle as near to
    the focus as the image's edges allow.
    """
    width, height = image
    factor = min(width / size[0], height / size[1])
    part_width, part_height = min(size[0] * factor, width), min(size[1] * factor, height)
    left = min(max(width * focus[0] - part_width / 2, 0), width - part_width)
    top = min(max(height * focus[1] - part_height / 2, 0), height - part_height)
    return left, top, left + part_width, top + part_height
