"""The contents of a picture's header."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ._source import Piece

Size = tuple[int, int]
Box = tuple[int, int, int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Structure:
    """A picture's header, and where its pixels are.

    :param format: as Pillow calls it.
    :param size: width and height in pixels, before the picture is turned upright.
    :param pixels: returns the parts of the file that a decoder needs and no others, so that flaws
        of decoders in EXIF, text or profiles cannot be exploited.
    :param animation: likewise, for all frames; ``None`` for a still.
    :param frames: of an animation; 1 for a still.
    :param first_frame: the number of the animation's first frame in Pillow.
    :param orientation: as in EXIF, 1 to 8.
    :param profile: returns the ICC profile; ``None`` where the decoder finds it.
    :param colors: returns a profile that is made of what else the file says about its colors, for
        a picture in which the decoder finds none.
    :param crop: left, top, right, bottom of the visible part.
    :param transparent: the samples of the pixels that are transparent, where the format names
        them: a gray one, or red, green and blue.
    :param depth: bits of a sample, for *transparent*.
    """

    format: str
    size: Size
    pixels: Callable[[], Sequence[Piece]]
    animation: Callable[[], Sequence[Piece]] | None = None
    frames: int = 1
    first_frame: int = 0
    orientation: int = 1
    profile: Callable[[], bytes | None] | None = None
    colors: Callable[[], bytes | None] | None = None
    crop: Box | None = None
    transparent: tuple[int, ...] | None = None
    depth: int = 8

    @property
    def upright(self) -> Size:
        """Width and height as the picture is seen."""
        left, top, right, bottom = self.crop or (0, 0, *self.size)
        width, height = right - left, bottom - top
        return (height, width) if self.orientation >= 5 else (width, height)
