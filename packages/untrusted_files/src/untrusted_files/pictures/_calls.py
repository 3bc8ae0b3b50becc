"""Functions that open one picture, use it once and close it."""

from collections.abc import Iterable
from typing import IO

from ._encode import Rendered
from ._formats import FORMATS
from ._geometry import Resize
from ._limits import DEFAULT_LIMITS, Limits
from ._picture import PictureInfo, open_picture


def read_info(
    file: IO[bytes], *, limits: Limits = DEFAULT_LIMITS, formats: Iterable[str] = FORMATS
) -> PictureInfo:
    """Read a picture's format and size from its header. Nothing is decoded, so the limits of
    pixels do not count.

    :param file: seekable; it is left at its start, and open.
    :raises BrokenPictureError: it is not a picture of these formats, or its header is damaged.
    :raises PictureTooLargeError: its header is too long.
    """
    with open_picture(file, limits=limits, formats=formats) as picture:
        return picture.info


def check_picture(
    file: IO[bytes], *, limits: Limits = DEFAULT_LIMITS, formats: Iterable[str] = FORMATS
) -> PictureInfo:
    """Decode a picture as :func:`render` would, to find out whether it can be rendered.

    :param file: seekable; it is left at its start, and open.
    :raises BrokenPictureError: it is not a picture of these formats, or damaged.
    :raises PictureTooLargeError: it goes over one of the limits.
    """
    with open_picture(file, limits=limits, formats=formats) as picture:
        picture.check()
        return picture.info


def render(
    file: IO[bytes],
    resize: Resize,
    format: str,
    *,
    quality: int | None = None,
    limits: Limits = DEFAULT_LIMITS,
    formats: Iterable[str] = FORMATS,
) -> Rendered:
    """Make a file of a picture: see :meth:`Picture.render`.

    :param file: seekable; it is left at its start, and open.
    """
    with open_picture(file, limits=limits, formats=formats) as picture:
        return picture.render(resize, format, quality=quality)


def fit(
    file: IO[bytes],
    resize: Resize,
    *,
    quality: int | None = None,
    limits: Limits = DEFAULT_LIMITS,
    formats: Iterable[str] = FORMATS,
) -> Rendered | None:
    """Make a picture smaller, in its own format if browsers show that; return ``None`` if the
    file needs no change: see :meth:`Picture.fit`.

    :param file: seekable; it is left at its start, and open.
    """
    with open_picture(file, limits=limits, formats=formats) as picture:
        return picture.fit(resize, quality=quality)
