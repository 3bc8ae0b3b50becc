"""Limits of memory and time for a stranger's picture."""

from dataclasses import dataclass, fields, replace
from typing import Self

from ..exceptions import ArgumentError


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Limits of what decoding a picture may take. The defaults keep a process below 500 MB, and a
    picture below about 3 seconds on one core, if the result has no more pixels than a screen. Each
    million of pixels takes half a second to write as AVIF, a seventh as WebP, and less in the other
    formats: pass a width and height to ``Resize``.

    :param max_pixels: width times height of a picture, as its header says; of all frames of an
        animation together. A JPEG of that size is read in a half, a quarter or an eighth of its
        size.
    :param max_decoded_pixels: that are decoded at once, and those of the result. It applies to
        formats that cannot be read at a smaller scale (all but JPEG): decoding takes
        about 15 bytes a pixel for WebP and AVIF, 8 for PNG. Pixels of JPEG 2000 count twice, and
        those of a frame of an animation, which becomes a still of its first frame if it has more.
    :param max_header_bytes: that are read to find out format and size, before any pixel is
        decoded. What is skipped, such as EXIF or a preview, does not count.
    :param max_frames: of an animation; one that has more becomes a still of its first frame.
    :param max_frame_pixels: width times height of the result, times the number of its frames;
        an animation that would have more becomes a still of its first frame.
    :param max_scans: of a progressive JPEG: each takes as long as a whole picture.
    :param max_scan_pixels: width times height, times the number of scans.
    :raises ArgumentError: one of them is not a whole number from 1.
    """

    max_pixels: int = 50_000_000
    max_decoded_pixels: int = 24_000_000
    max_header_bytes: int = 1_000_000
    max_frames: int = 1_000
    max_frame_pixels: int = 10_000_000
    max_scans: int = 100
    max_scan_pixels: int = 600_000_000

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) is not int or value < 1:
                raise ArgumentError(field.name, value, "a whole number from 1")

    @classmethod
    def of_pixels(cls, max_pixels: int) -> Self:
        """Return the limits for pictures of so many pixels.

        :param max_pixels: of a JPEG. Other formats may have no more than usual, or, where this is
            more than usual, more in proportion.
        :raises ArgumentError: it is not a whole number from 1.
        """
        limits, usual = cls(max_pixels=max_pixels), cls()
        decoded = usual.max_decoded_pixels * max(max_pixels, usual.max_pixels) // usual.max_pixels
        return replace(limits, max_decoded_pixels=min(max_pixels, decoded))


DEFAULT_LIMITS = Limits()


def check_limits(value: object) -> None:
    """
    :raises ArgumentError: *value* is not a Limits.
    """
    if not isinstance(value, Limits):
        raise ArgumentError("limits", value, "a Limits, such as Limits(max_pixels=10_000_000)")
